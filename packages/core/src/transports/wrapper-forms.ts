import { breaker } from '../wrappers/breaker/breaker.ts'
import { dedupe } from '../wrappers/dedupe/dedupe.ts'
import { failover } from '../wrappers/several/failover.ts'
import { limit } from '../wrappers/limit/limit.ts'
import { redirect } from '../wrappers/redirect.ts'
import { retry } from '../wrappers/retry/retry.ts'
import { roundRobin } from '../wrappers/several/round-robin.ts'
import { tee } from '../wrappers/tee.ts'
import type { Transport } from './transport.ts'

/** How a wrapper is written in a transport URL: `retry(smtp://a)?attempts=5`. */
export interface WrapperForm {
  /** The name of its function. */
  readonly name: string
  /** How many URLs it has inside: `many` is two or more. */
  readonly inner: 1 | 2 | 'many'
  /** The options that a URL can have, and how the text of each is read. */
  readonly options: Readonly<Record<string, (text: string) => unknown>>
  readonly create: (transports: readonly Transport[], options: object) => Transport
}

/** Not a number if it is not written in digits. The wrapper refuses that, and names the option. */
const number = (value: string): number => (/^\d+(?:\.\d+)?$/.test(value) ? Number(value) : NaN)
const numberOrFalse = (value: string): number | false => (value === 'false' ? false : number(value))
const text = (value: string): string => value
const list = (value: string): string[] => value.split(',')
const numbers = (value: string): number[] => list(value).map(number)

/** By name, in lower case. */
export const WRAPPER_FORMS: ReadonlyMap<string, WrapperForm> = new Map(
  [
    around('retry', { attempts: number, delayMs: number, maxDelayMs: number, budget: numberOrFalse }, retry),
    ofSeveral('failover', { skipMs: number }, failover),
    ofSeveral('roundRobin', { weights: numbers, skipMs: number }, roundRobin),
    around(
      'limit',
      { messages: number, intervalMs: number, concurrent: number, by: text, queue: number },
      limit,
    ),
    around('breaker', { failureRate: number, minimum: number, windowMs: number, openMs: number }, breaker),
    around('dedupe', { windowMs: number, most: number }, dedupe),
    around('redirect', { to: text, allow: list }, redirect),
    ofTwo('tee', tee),
  ].map((form) => [form.name.toLowerCase(), form]),
)

function around(
  name: string,
  options: WrapperForm['options'],
  wrapper: (inner: Transport, options: never) => Transport,
): WrapperForm {
  return { name, inner: 1, options, create: ([inner], given) => wrapper(inner!, given as never) }
}

function ofSeveral(
  name: string,
  options: WrapperForm['options'],
  wrapper: (inner: readonly Transport[], options: never) => Transport,
): WrapperForm {
  return { name, inner: 'many', options, create: (inner, given) => wrapper(inner, given as never) }
}

function ofTwo(name: string, wrapper: (first: Transport, second: Transport) => Transport): WrapperForm {
  return { name, inner: 2, options: {}, create: ([first, second]) => wrapper(first!, second!) }
}
