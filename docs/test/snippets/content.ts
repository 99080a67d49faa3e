// The shortest use of @loudmail/content. docs/test runs it.
import { template } from '@loudmail/content'
import { Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { testInbox } from '@loudmail/testing'

const transport = debug()
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })

// snippet: content
const welcome = template(({ name }: { name: string }) => ({
  subject: `Welcome, ${name}`,
  html: `<style>p { color: green }</style> <p>Your tea is ready.</p>`,
}))

await mailer.send({ to: 'ann@example.com', template: welcome({ name: 'Ann' }) })
// end

const { subject, html, text } = await testInbox(transport).last()
console.log([subject, html, text].join('\n'))
await mailer.close()
