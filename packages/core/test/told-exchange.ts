import type { Message } from '../src/index.ts'
import { Answer, Exchange, type Breach } from '../src/transport.ts'
import { toThree } from './scripted.ts'

/** A conversation about one message: what was answered, and how much of the content was written. */
export interface Told {
  readonly message?: Message
  readonly protocol?: 'smtp' | 'lmtp'
  /** The content goes in BDAT chunks, without DATA. */
  readonly chunks?: boolean
  readonly mail?: string
  readonly rcpt?: readonly (string | undefined)[]
  readonly data?: string
  /** One answer for all, or one for each recipient. */
  readonly final?: string | readonly (string | undefined)[]
  /** How far the content is, of 100 octets whose end is known. */
  readonly octets?: number
  readonly breach?: Breach
  readonly lostCount?: boolean
}

export function toldExchange(told: Told): Exchange {
  const { message = toThree(), protocol = 'smtp', rcpt = [], final, octets } = told
  const answer = (line: string): Answer =>
    new Answer({ code: Number(line.slice(0, 3)), lines: [line] }, protocol, 'command')
  const stream = { written: octets ?? 50 }
  const exchange = told.chunks
    ? new Exchange(message, protocol, stream, false)
    : new Exchange(message, protocol, stream)
  if (told.mail !== undefined) exchange.mail = answer(told.mail)
  for (const [index, line] of rcpt.entries()) if (line !== undefined) exchange.rcpt[index] = answer(line)
  if (told.data !== undefined) exchange.data = answer(told.data)
  if (octets !== undefined) exchange.endAt(100)
  const finals = typeof final === 'string' ? [final] : (final ?? [])
  for (const [index, line] of finals.entries())
    if (line !== undefined) exchange.answerContent(answer(line), index)
  exchange.breach = told.breach
  exchange.lostCount = told.lostCount ?? false
  return exchange
}
