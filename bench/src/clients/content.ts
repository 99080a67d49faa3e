import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Mailer, memory, type TemplateInput } from '@loudmail/core'
import { html, template } from '@loudmail/content'
import { eta } from '@loudmail/content/eta'
import { handlebars } from '@loudmail/content/handlebars'
import { mjml } from '@loudmail/content/mjml'
import { reactEmail } from '@loudmail/content/react-email'
import { HandlebarsAdapter } from '@nestjs-modules/mailer/adapters/handlebars.adapter'
import { render } from '@react-email/render'
import { Eta } from 'eta'
import Handlebars from 'handlebars'
import { convert } from 'html-to-text'
import juice from 'juice'
import mjml2html from 'mjml'
import { createElement } from 'react'
import type { Client, ClientModule } from '../client.ts'
import { ORDER, type Order } from '../order.ts'
import { OrderMail } from '../order-mail.ts'

const TEMPLATES = join(import.meta.dirname, '../../templates')
const file = (name: string): string => readFileSync(join(TEMPLATES, name), 'utf8')
const url = (name: string): URL => new URL(`../../templates/${name}`, import.meta.url)

/** Neither inlines CSS nor makes a text part: what the engine itself does. */
const BARE = { inlineCss: false, makeText: false, images: false, reload: false } as const
const WHOLE = { reload: false } as const

/** Ways of rendering the order mail. Every one returns, or resolves, when the mail could be sent. */
const WAYS: Readonly<Record<string, () => () => unknown>> = {
  'handlebars alone': () => {
    const compiled = Handlebars.compile<Order>(file('order.hbs'))
    return () => compiled(ORDER)
  },
  'handlebars by hand': () => {
    const compiled = Handlebars.compile<Order>(file('order.hbs'))
    return () => {
      const inlined = juice(compiled(ORDER))
      return { html: inlined, text: convert(inlined) }
    }
  },
  'handlebars nestjs': () => {
    const adapter = new HandlebarsAdapter()
    const options = { template: { dir: TEMPLATES } }
    return () => {
      const mail = { data: { template: 'order', context: ORDER, html: '' } }
      adapter.compile(mail, (error?: unknown) => fail(error), options as never)
      return mail.data.html
    }
  },
  'handlebars bare': () => rendering({ engine: handlebars(), html: url('order.hbs'), ...BARE }),
  'handlebars whole': () => rendering({ engine: handlebars(), html: url('order.hbs'), ...WHOLE }),
  'handlebars sent': () => sending(template<Order>({ engine: handlebars(), html: url('order.hbs'), ...WHOLE })(ORDER)),
  'eta alone': () => {
    const compiled = new Eta()
    const run = compiled.compile(file('order.eta'))
    return () => compiled.render(run, ORDER)
  },
  'eta bare': () => rendering({ engine: eta(), html: url('order.eta'), ...BARE }),
  'eta whole': () => rendering({ engine: eta(), html: url('order.eta'), ...WHOLE }),
  'mjml alone': () => {
    const compiled = Handlebars.compile<Order>(file('order.mjml'))
    return async () => (await mjml2html(compiled(ORDER))).html
  },
  'mjml bare': () => rendering({ engine: mjml({ engine: handlebars() }), html: url('order.mjml'), ...BARE }),
  'mjml whole': () => rendering({ engine: mjml({ engine: handlebars() }), html: url('order.mjml'), ...WHOLE }),
  'react alone': () => async () => render(createElement(OrderMail, ORDER)),
  'react bare': () => rendering({ engine: reactEmail(), html: OrderMail, ...BARE }),
  'react whole': () => rendering({ engine: reactEmail(), html: OrderMail, ...WHOLE }),
  'function alone': () => () => orderPage(ORDER).toString(),
  'function bare': () => rendering({ html: orderPage, ...BARE }),
  'function whole': () => rendering({ html: orderPage, ...WHOLE }),
}

export const composer: ClientModule['composer'] = (_, variant = '') => WAYS[variant]!()

export const connect = (): Client => fail(new Error('templates are only rendered here'))

function rendering(options: Parameters<typeof template<Order>>[0]): () => unknown {
  const order = template<Order>(options)
  const { signal } = new AbortController()
  return async () => order(ORDER)({ signal })
}

/** The whole way to a transport that keeps the message. */
function sending(content: TemplateInput): () => unknown {
  const transport = memory()
  const mailer = new Mailer({ transport, defaults: { from: 'shop@example.com', to: 'ann@example.org' } })
  return async () => {
    await mailer.send({ template: content })
    transport.clear()
  }
}

function orderPage({ name, items, total }: Order): { toString(): string } {
  return html`<!doctype html>
    <html lang="en">
      <head><title>Your order, ${name}</title><style>td { padding: 8px; border-bottom: 1px solid #ccc; } .price { text-align: right; } a { color: #0a6640; }</style></head>
      <body>
        <h1>Thank you, ${name}</h1>
        <table>
          ${items.map(
            ({ id, title, price }) =>
              html`<tr><td><a href="https://shop.example/tea/${id}">${title}</a></td><td class="price">${price}</td></tr>`,
          )}
          <tr><td>Total</td><td class="price">${total}</td></tr>
        </table>
      </body>
    </html>`
}

function fail(error: unknown): never {
  throw error
}
