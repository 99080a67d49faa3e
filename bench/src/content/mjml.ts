import { handlebars } from '@loudmail/content/handlebars'
import { mjml } from '@loudmail/content/mjml'
import Handlebars from 'handlebars'
import mjml2html from 'mjml'
import type { Order } from '../order.ts'
import { BARE, file, rendering, url, WHOLE, type Way, type Ways } from './way.ts'

export const ways: Ways = {
  alone: () => {
    const compiled = Handlebars.compile<Order>(file('order.mjml'))
    return async (order) => mjml2html(compiled(order))
  },
  bare: () => by(false, BARE),
  whole: () => by(false, WHOLE),
  'once alone': async () => {
    const { html } = await mjml2html(file('order.mjml'))
    const compiled = Handlebars.compile<Order>(html)
    return (order) => ({ html: compiled(order) })
  },
  'once bare': () => by(true, BARE),
  'once whole': () => by(true, WHOLE),
}

function by(once: boolean, how: typeof BARE | typeof WHOLE): Way {
  return rendering({ engine: mjml({ engine: handlebars(), once }), html: url('order.mjml'), ...how })
}
