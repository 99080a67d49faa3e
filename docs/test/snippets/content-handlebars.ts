import assert from 'node:assert/strict'
import { Mailer, memory, type MailError } from '@loudmail/core'

const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'tea@example.com' } })
const to = 'ann@example.com'
const ann = { name: 'Ann', url: 'https://shop.example/order' }

// snippet: set-up
import { render } from '@loudmail/content'
import { handlebars, type HandlebarsHelperOptions } from '@loudmail/content/handlebars'

const words = {
  en: { welcome: 'Welcome', hello: 'Hello', order: 'Order tea' },
  de: { welcome: 'Willkommen', hello: 'Hallo', order: 'Tee bestellen' },
}

const engine = handlebars({
  helpers: {
    t(key: 'welcome' | 'hello' | 'order', { data, hash }: HandlebarsHelperOptions<{ name?: string }>) {
      const text = words[data.locale?.startsWith('de') ? 'de' : 'en'][key]
      return hash.name === undefined ? text : `${text}, ${hash.name}`
    },
    money(amount: number, { data, hash }: HandlebarsHelperOptions<{ currency: string }>) {
      return new Intl.NumberFormat(data.locale, { style: 'currency', ...hash }).format(amount)
    },
  },
})

const mail = render<{
  welcome: { name: string; title?: string; url: string }
  'orders/receipt': { total: number }
}>({ engine, folder: new URL('templates/handlebars/', import.meta.url), locale: 'en' })

// At the start of the program: finds mistakes in every template and partial.
await mail.compile()
// end

// snippet: send
await mailer.send({ to, template: mail('welcome', ann, { locale: 'de' }) })
await mailer.send({ to, template: mail('orders/receipt', { total: 12 }, { locale: 'de-AT' }) })
// end
const [welcome, receipt] = transport.messages as unknown as { subject: string; html: string }[]
assert.equal(welcome?.subject, 'Willkommen, Ann')
assert.match(welcome.html, /<a [^>]*color: ?#2f6f3e[^>]*>Tee bestellen<\/a>/)
assert.equal(receipt?.subject, 'Ihre Quittung')
assert.match(receipt.html, /€/)

// A value that is missing.
try {
  await mailer.send({ to, template: mail('welcome', { name: 'Ann' } as typeof ann) })
} catch (error) {
  const { message, location } = error as MailError
  console.log(message)
  console.log(location?.file?.split('/').slice(-2).join('/'), location?.line, location?.column)
  console.log(location?.excerpt)
}
