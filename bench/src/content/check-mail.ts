import { convert } from 'html-to-text'
import type { Order } from '../order.ts'
import type { Made } from './way.ts'

/**
 * Whether a mail says what it should, with its addresses and in its order.
 *
 * @param isWhole it must have CSS inlined
 * @throws Error with the first difference
 */
export function checkMail(mail: Made, { name, items, total }: Order, isWhole: boolean): void {
  const lines = items.flatMap(({ id, title, price }) => [title, `[https://shop.example/tea/${id}]`, price])
  const due = [`Thank you, ${name}`, 'This is what you ordered.', 'Tea', 'Price', ...lines, 'Total', total]
  const selectors = [{ selector: 'h1', options: { uppercase: false } }]
  const words = convert(mail.html, { wordwrap: false, selectors }).replaceAll(/\s+/g, ' ')
  let at = 0
  for (const each of due) {
    const found = words.indexOf(each, at)
    if (found < 0) throw new Error(`the mail does not say ${each}`)
    at = found + each.length
  }
  const { subject } = mail
  const text = mail.text?.replaceAll(/\s+/g, ' ')
  if (text !== undefined && !items.every(({ title, price }) => text.includes(title) && text.includes(price)))
    throw new Error('the text part is not that of the mail')
  if (subject !== undefined && subject !== `Your order, ${name}`) throw new Error(`the subject is ${subject}`)
  const styled = mail.html.match(/<td[^>]* style="[^"]*(?:padding: ?8px|border-bottom)/g) ?? []
  if (isWhole && styled.length < 2 * items.length) throw new Error('the CSS is not inlined')
}
