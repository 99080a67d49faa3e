// Templates as plain functions. docs/content.md shows it, and docs/test runs it.
import assert from 'node:assert/strict'
import { Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { testInbox } from '@loudmail/testing'

const transport = debug()
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
const inbox = testInbox(transport)

// snippet: layout
const layout = (title: string, content: Html) => html`
  <!doctype html>
  <html lang="en">
    <head>
      <title>${title}</title>
      <style>
        p {
          color: #3b2a1a;
        }
      </style>
    </head>
    <body>
      <img src="mails/logo.png" alt="Tea Shop" />${content}
    </body>
  </html>
`
// end

// snippet: order
import { html, template, type Html } from '@loudmail/content'

interface Order {
  readonly name: string
  readonly teas: readonly string[]
}

const confirmation = template(({ name, teas }: Order) => ({
  html: layout(
    `Thank you, ${name}`,
    html`<p>On its way:</p>
      <ul>
        ${teas.map((tea) => html`<li>${tea}</li>`)}
      </ul>`,
  ),
}))

await mailer.send({
  to: 'ann@example.com',
  template: confirmation({ name: 'Ann', teas: ['Assam', 'Earl & Grey'] }),
})
// end

const mail = await inbox.last()
assert.equal(mail.subject, 'Thank you, Ann')
assert.match(mail.html, /<li>Earl &amp; Grey<\/li>/)
console.log(mail.text)
await mailer.close()
