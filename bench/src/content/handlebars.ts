import { render, template, type PartSource } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'
import { Mailer, memory } from '@loudmail/core'
import { HandlebarsAdapter } from '@nestjs-modules/mailer/adapters/handlebars.adapter'
import Handlebars from 'handlebars'
import { convert } from 'html-to-text'
import juice from 'juice'
import type { Order } from '../order.ts'
import { BARE, file, made, rendering, TEMPLATES, url, WHOLE, type Way, type Ways } from './way.ts'

export const ways: Ways = {
  alone: () => {
    const compiled = Handlebars.compile<Order>(file('order.hbs'))
    return (order) => ({ html: compiled(order) })
  },
  bare: () => by(url('order.hbs'), BARE),
  inlined: () => by(url('order.hbs'), { ...WHOLE, makeText: false }),
  whole: () => by(url('order.hbs'), WHOLE),
  // A class that no mail has twice: nothing that was made for another mail can be used.
  unlike: () => by(file('order.hbs').replace('<body>', '<body class="of-{{name}}">'), WHOLE),
  folder: () => {
    const mail = render<{ order: Order }>({ engine: handlebars(), folder: TEMPLATES, ...WHOLE })
    const { signal } = new AbortController()
    return (order) => made(mail('order', order)({ signal }))
  },
  sent: () => {
    const transport = memory()
    const mailer = new Mailer({ transport, defaults: { from: 'shop@example.com', to: 'ann@example.org' } })
    const mail = template<Order>({ engine: handlebars(), html: url('order.hbs'), ...WHOLE })
    return async (order) => {
      await mailer.send({ template: mail(order) })
      const [message] = transport.messages
      transport.clear()
      if (!message || message.raw !== undefined) throw new Error('nothing was sent')
      const { html = '', subject, text } = message
      return { html, subject, text }
    }
  },
  'by hand': () => {
    const compiled = Handlebars.compile<Order>(file('order.hbs'))
    return (order) => {
      const html = juice(compiled(order))
      return { html, text: convert(html) }
    }
  },
  nestjs: () => {
    const adapter = new HandlebarsAdapter()
    const options = { template: { dir: TEMPLATES } }
    return (order) => {
      const mail = { data: { template: 'order', context: order, html: '' } }
      adapter.compile(mail, failOn, options)
      return mail.data
    }
  },
}

function by(html: PartSource<Order>, how: typeof BARE | typeof WHOLE): Way {
  return rendering({ engine: handlebars(), html, ...how })
}

function failOn(error?: unknown): void {
  if (error) throw error
}
