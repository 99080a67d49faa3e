import assert from 'node:assert/strict'
import { Mailer, memory, type MailError } from '@loudmail/core'

const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'tea@example.com' } })
const to = 'ann@example.com'

// snippet: set-up
import { render } from '@loudmail/content'
import { eta } from '@loudmail/content/eta'

const words = {
  en: { welcome: 'Welcome', hello: 'Hello' },
  de: { welcome: 'Willkommen', hello: 'Hallo' },
}

const engine = eta({
  helpers: {
    t(locale: string | undefined, key: 'welcome' | 'hello', name?: string) {
      const text = words[locale?.startsWith('de') ? 'de' : 'en'][key]
      return name === undefined ? text : `${text}, ${name}`
    },
  },
})

const mail = render<{
  welcome: { name: string; title?: string; offers: { name: string; url: string }[] }
}>({ engine, folder: new URL('templates/eta/', import.meta.url) })
// end
await mail.compile()

const offers = [{ name: 'Green tea', url: 'https://shop.example/green' }]
// snippet: send
await mailer.send({ to, template: mail('welcome', { name: 'Ann', offers }, { locale: 'de' }) })
// end
const [welcome] = transport.messages as unknown as { subject: string; html: string }[]
assert.equal(welcome?.subject, 'Willkommen, Ann')
assert.match(welcome.html, /Green tea<\/a>/)

// A value that is missing.
try {
  const broken = [{ name: 'Green tea' }] as typeof offers
  await mailer.send({ to, template: mail('welcome', { name: 'Ann', offers: broken }) })
} catch (error) {
  const { message, location } = error as MailError
  console.log(message)
  console.log(location?.file?.split('/').slice(-2).join('/'), location?.line, location?.column)
  console.log(location?.excerpt)
}
