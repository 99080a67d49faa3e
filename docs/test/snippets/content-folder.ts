// A folder of templates. docs/content.md shows it, and docs/test runs it.
import assert from 'node:assert/strict'
import { Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { testInbox } from '@loudmail/testing'

const transport = debug()
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })

// snippet: folder
import { render } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'

interface Mails {
  readonly welcome: { readonly name: string }
  readonly receipt: { readonly number: number; readonly cents: number }
}

const mails = render<Mails>({
  engine: handlebars(),
  folder: new URL('mails', import.meta.url),
})

await mailer.send({ to: 'ann@example.com', template: mails('welcome', { name: 'Ann' }) })
// end

const inbox = testInbox(transport)
const english = await inbox.last()
assert.equal(english.subject, 'Welcome, Ann')
assert.match(english.html, /src="cid:/)
console.log(english.text)

// snippet: locale
await mailer.send({
  to: 'ben@example.com',
  template: mails('welcome', { name: 'Ben' }, { locale: 'de-AT' }),
})
// end
const german = await inbox.last()
assert.equal(german.subject, 'Willkommen, Ben')
assert.match(german.text, /Dein Tee ist fertig/)

await mailer.send({ to: 'ann@example.com', template: mails('receipt', { number: 7, cents: 850 }) })
assert.match((await inbox.last()).text, /850 cents/)

// snippet: compile
await mails.compile()
// end
await mailer.close()
