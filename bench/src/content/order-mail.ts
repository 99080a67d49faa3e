import { createElement as h, type ReactElement } from 'react'
import type { Order } from '../order.ts'

/** The order mail as a React component, with its CSS inlined by hand as is usual there. */
export function OrderMail({ name, items, total }: Order): ReactElement {
  const cell = { padding: '8px', borderBottom: '1px solid #ccc' }
  const price = { ...cell, textAlign: 'right' as const }
  const row = ({ id, title, price: cost }: Order['items'][number]): ReactElement =>
    h(
      'tr',
      { key: id },
      h('td', { style: cell }, h('a', { href: `https://shop.example/tea/${id}` }, title)),
      h('td', { style: price }, cost),
    )
  const heading = { ...price, borderBottom: '2px solid #222' }
  const head = h(
    'tr',
    null,
    h('th', { style: { ...heading, textAlign: 'left' } }, 'Tea'),
    h('th', { style: heading }, 'Price'),
  )
  return h(
    'html',
    { lang: 'en' },
    h('head', null, h('title', null, `Your order, ${name}`)),
    h(
      'body',
      { style: { margin: 0, fontFamily: 'Georgia, serif', color: '#222' } },
      h('h1', { style: { fontSize: '24px', margin: '0 0 16px' } }, `Thank you, ${name}`),
      h('p', null, 'This is what you ordered.'),
      h(
        'table',
        { style: { width: '600px', borderCollapse: 'collapse' } },
        h(
          'tbody',
          null,
          head,
          ...items.map(row),
          h('tr', null, h('td', null, 'Total'), h('td', null, total)),
        ),
      ),
    ),
  )
}
