import { html, template, type FinishOptions } from '@loudmail/content'
import type { Order } from '../order.ts'
import { BARE, made, type Way, type Ways } from './way.ts'

export const ways: Ways = {
  alone: () => (order) => ({ html: orderPage(order).toString() }),
  bare: () => by({ inlineCss: BARE.inlineCss, makeText: BARE.makeText, images: BARE.images }),
  whole: () => by({}),
}

function by(how: FinishOptions): Way {
  const { signal } = new AbortController()
  const mail = template<Order>((order) => ({ html: orderPage(order) }), how)
  return (order) => made(mail(order)({ signal }))
}

function orderPage({ name, items, total }: Order): ReturnType<typeof html> {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <title>Your order, ${name}</title>
        <style>
          body {
            margin: 0;
            font-family: Georgia, serif;
            color: #222;
          }
          h1 {
            font-size: 24px;
            margin: 0 0 16px;
          }
          table {
            width: 600px;
            border-collapse: collapse;
          }
          th {
            text-align: left;
            padding: 8px;
            border-bottom: 2px solid #222;
          }
          td {
            padding: 8px;
            border-bottom: 1px solid #ccc;
          }
          .price {
            text-align: right;
          }
          .total {
            font-weight: bold;
          }
          a {
            color: #0a6640;
          }
          @media (max-width: 600px) {
            table {
              width: 100%;
            }
          }
        </style>
      </head>
      <body>
        <h1>Thank you, ${name}</h1>
        <p>This is what you ordered.</p>
        <table>
          <tr>
            <th>Tea</th>
            <th class="price">Price</th>
          </tr>
          ${items.map(
            ({ id, title, price }) =>
              html`<tr>
                <td><a href="https://shop.example/tea/${id}">${title}</a></td>
                <td class="price">${price}</td>
              </tr>`,
          )}
          <tr class="total">
            <td>Total</td>
            <td class="price">${total}</td>
          </tr>
        </table>
      </body>
    </html>`
}
