// Sends a mail of a Handlebars template and one of a function, and looks at what a transport gets.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { html, render, template } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'
import { UnsubscribeLinks } from '@loudmail/content/unsubscribe'
import { Mailer, memory } from '@loudmail/core'

const folder = 'templates'
const mail = render({ engine: handlebars(), folder })
const order = template(
  ({ name, items }) => ({
    subject: `Thank you, ${name}`,
    html: html`<style>
        li {
          margin: 4px;
        }
      </style>
      <img src="logo.png" alt="Tea Shop" />
      <ul>
        ${items.map((item) => html`<li>${item}</li>`)}
      </ul>`,
  }),
  { images: folder },
)
const links = new UnsubscribeLinks({
  url: 'https://shop.example/unsubscribe',
  secret: 'a secret of the shop, of 32 letters or more',
})

/** Sends both mails, and fails with one. @throws AssertionError if something is not as in Node */
export async function tryContent() {
  const transport = memory()
  const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example' } })
  const listUnsubscribe = links.link({ address: 'ann@example.com', list: 'news' })
  const to = 'ann@example.com'
  await mailer.send({ to, template: mail('welcome', { name: 'Ann & Bob' }), listUnsubscribe })
  await mailer.send({ to, template: order({ name: 'Ann', items: ['Assam', '<Oolong>'] }) })
  const [welcome, thanks] = transport.messages

  assert.equal(welcome.subject, 'Welcome to the Tea Shop')
  assert.match(welcome.html, /<p>Hello Ann &amp; Bob!<\/p>/)
  assert.match(welcome.html, /<a class="button"[^>]* style="color: #ffffff;background: #0a7;"/)
  assert.match(welcome.html, /@media \(max-width: 600px\)/)
  assert.match(welcome.text, /Hello Ann & Bob!/)
  assert.match(welcome.text, /https:\/\/shop\.example\/start/)
  assertLogo(welcome)
  assert.ok(welcome.headers.some(([name]) => name === 'List-Unsubscribe-Post'))

  assert.equal(thanks.subject, 'Thank you, Ann')
  assert.match(thanks.html, /<li style="margin: 4px;">&lt;Oolong&gt;<\/li>/)
  assert.match(thanks.text, /Assam\n.*<Oolong>/)
  assertLogo(thanks)

  const error = await mailer.send({ to, template: mail('welcome', {}) }).catch((thrown) => thrown)
  assert.equal(error.code, 'compose/template', String(error))
  assert.match(error.location.file, /welcome\.hbs$/)
  assert.equal(error.location.line, 2)

  const other = await mailer.send({ to, template: order({ items: [] }) }).catch((thrown) => thrown)
  assert.match(other.message, /name is missing in the data/)
  assert.match(codeAt(other.location), /Thank you/)
  assert.equal(transport.messages.length, 2)
}

/** The code around a place. In a bundle, all of it may be in one line. */
function codeAt({ file, line, column }) {
  assert.equal(typeof column, 'number', 'only the place of template() is known')
  const [first, ...rest] = readFileSync(file, 'utf8')
    .split('\n')
    .slice(line - 1, line + 4)
  return [first.slice(Math.max(0, column - 60)), ...rest].join('\n').slice(0, 300)
}

function assertLogo({ html: written, attachments: [logo] }) {
  assert.equal(logo.contentType, 'image/png')
  assert.equal(logo.disposition, 'inline')
  assert.ok(written.includes(`src="cid:${logo.contentId}"`), written)
}
