// What a template that fails says. docs/content.md shows it, and docs/test runs it.
import { render } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'
import { Mailer, MailError } from '@loudmail/core'
import { debug } from '@loudmail/debug'

const mailer = new Mailer({ transport: debug(), defaults: { from: 'Tea Shop <tea@example.com>' } })
const mails = render({ engine: handlebars(), folder: new URL('mails', import.meta.url) })

try {
  await mailer.send({ to: 'ann@example.com', template: mails('receipt', { number: 7, price: 850 }) })
} catch (error) {
  if (!MailError.is(error)) throw error
  // snippet: failure
  console.log(error.message)
  console.log(error.location?.excerpt)
  // end
}
await mailer.close()
