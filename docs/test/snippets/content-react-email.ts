// Components of React as templates. docs/content.md shows it, and docs/test runs it.
import assert from 'node:assert/strict'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { render, template } from '@loudmail/content'
import { reactEmail } from '@loudmail/content/react-email'
import { Mailer, memory, MailError } from '@loudmail/core'
import { createElement as h, type ReactNode } from 'react'

// snippet: component
// With JSX, it is <p>Hello {name}</p>.
const Welcome = ({ name }: { name: string }): ReactNode => h('p', null, 'Hello ', name)

const welcome = template({
  engine: reactEmail(),
  html: Welcome,
  subject: ({ name }) => `Welcome, ${name}`,
})
// end

const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example', to: 'ann@example.com' } })
await mailer.send({ template: welcome({ name: 'Ann & Bob' }) })
const last = () => transport.messages.flatMap((message) => ('raw' in message ? [] : [message])).at(-1)
assert.equal(last()?.subject, 'Welcome, Ann & Bob')
assert.match(last()?.html ?? '', /Hello <!-- -->Ann &amp; Bob/)
assert.equal(last()?.text, 'Hello Ann & Bob')

const folder = await mkdtemp(join(tmpdir(), 'mails-'))
const file = join(folder, 'order.mjs')
const component = (
  tea: string,
): string => `import { createElement as h } from '${import.meta.resolve('react')}'

export const subject = ({ name }) => \`Your tea, \${name}\`

export default function Order({ name }) {
  return h('p', null, name, ', your ${tea}')
}
`
await writeFile(file, component('Assam'))

// snippet: folder
const mail = render({ engine: reactEmail(), folder })

await mailer.send({ template: mail('order', { name: 'Ann' }) })
// end
assert.equal(last()?.subject, 'Your tea, Ann')
assert.equal(last()?.text, 'Ann, your Assam')
// In development, a file that has changed is imported again.
await writeFile(file, component('Ceylon'))
await utimes(file, new Date(), new Date(Date.now() + 5_000))
await mailer.send({ template: mail('order', { name: 'Ann' }) })
assert.equal(last()?.text, 'Ann, your Ceylon')
const missing = await mailer.send({ template: mail('order', {}) }).catch((thrown: unknown) => thrown)
assert.ok(MailError.is(missing))
assert.match(missing.message, /name is missing in the data/)
assert.equal(missing.location?.line, 5)
await rm(folder, { recursive: true })
