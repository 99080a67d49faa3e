// What Loudmail does with the same mistakes. docs/moving.md shows what this prints.
import { render } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'
import { Mailer, MailError } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

await using server = await startServer()
const mailer = new Mailer({
  transport: smtp(server.url),
  defaults: { from: 'Tea Shop <tea@example.com>', to: 'ann@example.com', subject: 'Your order' },
})
const mails = render({ engine: handlebars(), folder: new URL('mistakes', import.meta.url) })

async function attempt(mistake: string, name: string): Promise<void> {
  try {
    await mailer.send({ template: mails(name, { number: '4711' }) })
  } catch (error) {
    if (!MailError.is(error)) throw error
    console.log(`${mistake}: ${error.message}`)
  }
}

await attempt('a value that is missing', 'missing')
await attempt('a template that is broken', 'broken')
await attempt('an image that is not there', 'image')
await attempt('a template that is not there', 'mising')
console.log(`connections: ${server.connections.length}`)
await mailer.close()
