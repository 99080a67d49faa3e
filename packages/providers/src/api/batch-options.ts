import { checkNumber, checkOptions, configError, LONGEST_MS } from '@loudmail/core/transport'
import type { ApiOptions } from './api-options.ts'

/** How messages that are sent at the same moment go out together. */
export interface BatchOptions {
  /** The most messages of a request. @default as many as the provider takes */
  readonly most?: number | undefined
  /** How long a message waits for others, in ms. @default 0, which is to the end of this turn of the event loop */
  readonly waitMs?: number | undefined
}

/** The options of a provider that takes several messages in one request. */
export interface BatchableOptions extends ApiOptions {
  /**
   * Messages that are sent at the same moment go out in one request, each with an outcome of its own. `sendMany` with a
   * `concurrency` of 100 then needs one request for 100 messages.
   * @default false
   */
  readonly batch?: boolean | BatchOptions | undefined
}

/** Batches, with every default filled in. */
export interface Batching {
  readonly most: number
  readonly waitMs: number
}

/**
 * @param owner how errors call the transport, such as `postmark()`
 * @param limit the most messages that the provider takes
 * @returns undefined if every message gets a request of its own
 * @throws MailError `config/invalid-config`
 */
export function batchingOf(owner: string, batch: unknown, limit: number): Batching | undefined {
  if (batch === undefined || batch === false) return undefined
  if (batch === true) return { most: limit, waitMs: 0 }
  if (typeof batch !== 'object' || batch === null)
    throw configError(`${owner} batch must be true, false, or an object such as { waitMs: 50 }`)
  const options: BatchOptions = batch
  checkOptions(options, `${owner} batch`, { most: true, waitMs: true })
  const { most = limit, waitMs = 0 } = options
  checkNumber(most, `${owner} batch.most`, 1, true)
  if (most > limit) throw configError(`${owner} batch.most is at most ${limit}`)
  checkNumber(waitMs, `${owner} batch.waitMs`, 0)
  return { most, waitMs: Math.min(waitMs, LONGEST_MS) }
}

/**
 * The option `batch` from the parameter of a URL: `batch=true`, or `batch=50` for the most messages of a request.
 *
 * @throws MailError `config/invalid-config`
 */
export function batchParameter(owner: string, value: string | undefined): boolean | BatchOptions | undefined {
  if (value === undefined) return undefined
  if (value === 'true' || value === 'false') return value === 'true'
  if (/^[1-9]\d{0,5}$/.test(value)) return { most: Number(value) }
  throw configError(`${owner} the URL parameter batch must be true, false, or a number of messages`)
}
