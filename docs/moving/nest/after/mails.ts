import { render } from '@loudmail/content'
import { handlebars } from '@loudmail/content/handlebars'
import { money, type Order } from '../order.ts'

// snippet: mails
export const mails = render<{ order: Order }>({
  engine: handlebars({ helpers: { money }, partials: new URL('templates/partials', import.meta.url) }),
  folder: new URL('templates', import.meta.url),
})
// end
