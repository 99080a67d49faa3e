// The shortest use of @loudmail/content. docs/test runs it.
// snippet: content
import { html, template } from '@loudmail/content'
import { Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'

const transport = debug() // keeps mail in the program; smtp(url) of @loudmail/smtp sends it
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })

const welcome = template(({ name }: { name: string }) => ({
  subject: `Welcome, ${name}`,
  html: html`<style>
      p {
        color: green;
      }
    </style>
    <p>Hello ${name}, your tea is ready.</p>`,
}))

await mailer.send({ to: 'ann@example.com', template: welcome({ name: 'Ann' }) })
// end
import { testInbox } from '@loudmail/testing'

const mail = await testInbox(transport).last()
console.log([mail.subject, mail.html.trim(), mail.text].join('\n'))
await mailer.close()
