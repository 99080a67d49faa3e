// The same program with Loudmail. interop/test/laravel.test.ts runs it.
import { readFile } from 'node:fs/promises'
import { render } from '@loudmail/content'
import { eta } from '@loudmail/content/eta'
import { Mailer, type MessageInput } from '@loudmail/core'
import { smtp } from '@loudmail/smtp'

interface Order {
  readonly address: string
  readonly name: string
  readonly number: string
  readonly lines: readonly { readonly tea: string; readonly amount: number; readonly price: number }[]
}

const order = JSON.parse(await readFile(new URL('../order.json', import.meta.url), 'utf8')) as Order

// snippet: mail
const mails = render<{ order: Order }>({ engine: eta(), folder: new URL('mails', import.meta.url) })

const orderConfirmed = (confirmed: Order): Omit<MessageInput, 'from' | 'to'> => ({
  template: mails('order', confirmed),
  attachments: [{ path: new URL('mails/terms.txt', import.meta.url) }],
})
// end

// snippet: mailer
const mailer = new Mailer({
  transport: smtp(process.env.MAIL_URL!),
  defaults: { from: 'Tea Shop <tea@example.com>' },
})
// end

// snippet: send
await mailer.send({ to: order.address, ...orderConfirmed(order) })
// end
await mailer.close()
