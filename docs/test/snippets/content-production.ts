// Templates in production, in an outbox and in an engine of one's own. docs/content.md shows it, and docs/test runs it.
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { render, template, type TemplateEngine } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'
import { Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { outbox, sqlite, worker } from '@loudmail/outbox'
import { testInbox } from '@loudmail/testing'

const transport = debug()
const inbox = testInbox(transport)
const mails = render<{ welcome: { readonly name: string } }>({
  engine: handlebars(),
  folder: new URL('mails', import.meta.url),
})

// snippet: compile
await mails.compile()
// end

const file = join(mkdtempSync(join(tmpdir(), 'loudmail-')), 'mail.db')
const box = outbox(transport, { store: sqlite(file), defaults: { from: 'Tea Shop <tea@example.com>' } })
// snippet: outbox
await box.enqueue({ to: 'ann@example.com', template: mails('welcome', { name: 'Ann' }) })
// end
const working = worker(box)
assert.equal((await inbox.waitFor({ to: 'ann@example.com' })).subject, 'Welcome, Ann')
await working.close()

// snippet: engine
/** `$name` stands for a value. */
const dollars: TemplateEngine = {
  name: 'dollars',
  extensions: ['.txt'],
  compile: ({ text }) => ({
    render: (data: Readonly<Record<string, string>>) =>
      text.replaceAll(/\$(\w+)/g, (_, name: string) => {
        if (data[name] === undefined) throw new Error(`${name} is missing`)
        return data[name]
      }),
    files: () => [],
  }),
}

const note = template<{ readonly name: string }>({
  engine: dollars,
  subject: 'Hello $name',
  text: 'Dear $name',
})
// end

const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
await mailer.send({ to: 'ann@example.com', template: note({ name: 'Ann' }) })
assert.equal((await inbox.last()).text, 'Dear Ann')

// snippet: testing
const { html, text } = await inbox.waitFor({ to: 'ann@example.com', subject: 'Welcome, Ann' })
assert.match(html, /Hello Ann, your tea is ready/)
assert.match(text, /Hello Ann/)
// end
await mailer.close()
