import type { Client, ClientModule } from '../client.ts'
import { checkMail } from '../content/check-mail.ts'
import type { Ways } from '../content/way.ts'
import { orderOf } from '../order.ts'

/** Only the engine that is measured is loaded. */
const ENGINES: Readonly<Record<string, () => Promise<{ readonly ways: Ways }>>> = {
  function: async () => import('../content/function.ts'),
  handlebars: async () => import('../content/handlebars.ts'),
  eta: async () => import('../content/eta.ts'),
  mjml: async () => import('../content/mjml.ts'),
  react: async () => import('../content/react-email.ts'),
}
/** These inline CSS. MJML and the component of React have theirs in the elements. */
const INLINES = /^(?:function|handlebars|eta) (?!alone|bare)/

/** @param variant the engine and the way, such as `handlebars whole` */
export const composer: ClientModule['composer'] = async (_work, variant = '') => {
  const [engine = '', ...way] = variant.split(' ')
  const { ways } = await ENGINES[engine]!()
  const make = await ways[way.join(' ')]!()
  const orders = Array.from({ length: 1000 }, (__, number) => orderOf(number))
  for (const order of orders.slice(0, 3)) checkMail(await make(order), order, INLINES.test(variant))
  let next = 0
  return () => make(orders[next++ % orders.length]!)
}

export const connect = (): Client => {
  throw new Error('templates are only rendered here')
}
