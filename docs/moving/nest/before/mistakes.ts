// What @nestjs-modules/mailer does with mistakes in templates. docs/moving.md shows what this prints.
import { once } from 'node:events'
import { join } from 'node:path'
import { startServer } from '@loudmail/server'
import { MailerService, type ISendMailOptions } from '@nestjs-modules/mailer'
import { HandlebarsAdapter } from '@nestjs-modules/mailer/adapters/handlebars.adapter'
import { createTransport } from 'nodemailer'

await using server = await startServer()
const dir = join(import.meta.dirname, 'mistakes')
// As its module makes it.
const mailer = new MailerService(
  { transport: server.url, template: { dir, adapter: new HandlebarsAdapter() } },
  { createTransport: (options) => createTransport(options, { from: 'Tea Shop <tea@example.com>' }) },
)

async function attempt(mistake: string, options: ISendMailOptions): Promise<void> {
  const mail = { to: 'ann@example.com', subject: 'Your order', context: { number: '4711' }, ...options }
  const outcome = await mailer.sendMail(mail).then(
    ({ response }) => `sent: ${response}`,
    (error: Error) => `${error.name}: ${error.message.split('\n', 1)[0]}`,
  )
  console.log(`${mistake}: ${outcome.replace(import.meta.dirname, '…')}`)
}

await attempt('a value that is missing', { template: 'missing' })
await attempt('a template that is broken', { template: 'broken' })
const path = join(dir, 'logo.png')
await attempt('an image that is not there', { template: 'image', attachments: [{ path, cid: 'logo' }] })
// Without a listener, this ends the process.
const uncaught = once(process, 'uncaughtException') as Promise<[NodeJS.ErrnoException]>
await attempt('a template that is not there', { template: 'ordr' })
console.log(`and an uncaught exception: ${(await uncaught)[0].code}`)
await mailer.onModuleDestroy()
