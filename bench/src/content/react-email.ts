import { reactEmail } from '@loudmail/content/react-email'
import { render } from '@react-email/render'
import { createElement } from 'react'
import { OrderMail } from './order-mail.ts'
import { BARE, rendering, WHOLE, type Ways } from './way.ts'

export const ways: Ways = {
  alone: () => async (order) => ({ html: await render(createElement(OrderMail, order)) }),
  bare: () => rendering({ engine: reactEmail(), html: OrderMail, ...BARE }),
  whole: () => rendering({ engine: reactEmail(), html: OrderMail, ...WHOLE }),
}
