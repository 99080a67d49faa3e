import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { template } from '@loudmail/content'
import type { TemplateContent } from '@loudmail/core'
import type { Order } from '../order.ts'

/** What a way of making a mail gives. */
export interface Made {
  readonly html: string
  readonly subject?: string | undefined
  readonly text?: string | undefined
}

/** One way of making the mail of an order. */
export type Way = (order: Order) => Made | Promise<Made>

/** The ways that an engine is used, by their names. Each is made ready before it is measured. */
export type Ways = Readonly<Record<string, () => Way | Promise<Way>>>

export const TEMPLATES = join(import.meta.dirname, '../../templates')
export const file = (name: string): string => readFileSync(join(TEMPLATES, name), 'utf8')
export const url = (name: string): URL => new URL(`../../templates/${name}`, import.meta.url)

/** Neither inlines CSS nor makes a text part: what the engine itself does. */
export const BARE = { inlineCss: false, makeText: false, images: false, reload: false } as const
/** As in production. */
export const WHOLE = { reload: false } as const

const { signal } = new AbortController()

/** The mail by a template of `@loudmail/content`, without sending it. */
export function rendering(options: Parameters<typeof template<Order>>[0]): Way {
  const mail = template<Order>(options)
  return (order) => made(mail(order)({ signal }))
}

export async function made(content: Promise<TemplateContent>): Promise<Made> {
  return (await content) as Made
}
