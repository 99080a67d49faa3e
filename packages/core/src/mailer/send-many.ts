import { callSafely } from '../failure/call-safely.ts'
import { checkNumber } from '../failure/config-error.ts'
import type { SendOptions } from './mailer-options.ts'
import type { MessageInput } from '../message/message-input.ts'
import type { SentOne } from './receipt.ts'
import { printIfUnread } from './print-if-unread.ts'

/** The options of a send of many messages. */
export interface SendManyOptions extends SendOptions {
  /** The most messages that are in progress or not yet yielded. @default 16 */
  readonly concurrency?: number | undefined
}

interface Ready extends SentOne {
  /** Prints the failure, for a caller that never reads the receipt. */
  readonly unseen: (() => void) | undefined
}

type SendOne = (input: MessageInput, options: SendOptions) => Promise<Omit<Ready, 'index'>>

/** The loop behind `Mailer.sendMany`. */
export async function* sendMany(
  inputs: Iterable<MessageInput> | AsyncIterable<MessageInput>,
  options: SendManyOptions,
  send: SendOne,
): AsyncGenerator<SentOne> {
  checkNumber(options.concurrency, 'sendMany() concurrency', 1, true)
  const { concurrency = 16, ...sendOptions } = options
  const source = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]()
  const ready: Ready[] = []
  const inFlight = new Set<Promise<void>>()
  let index = 0
  let ended = false
  let left = false
  let failure: { error: unknown } | undefined
  let pulling: Promise<void> | undefined
  let wake: (() => void) | undefined

  const pull = async (): Promise<void> => {
    try {
      const next = await source.next()
      if (next.done) ended = true
      else if (!left) start(next.value)
    } catch (error) {
      ended = true
      failure = { error }
    }
    pulling = undefined
    wake?.()
  }
  const start = (input: MessageInput): void => {
    const position = index++
    const sending: Promise<void> = send(input, sendOptions).then((settled) => {
      inFlight.delete(sending)
      ready.push({ index: position, ...settled })
      wake?.()
    })
    inFlight.add(sending)
  }

  try {
    for (;;) {
      // Not awaited: a slow source must not delay what has settled.
      if (!ended && !pulling && inFlight.size + ready.length < concurrency) pulling = pull()
      const one = ready.shift()
      if (one) yield one.unseen ? printIfUnread(one, one.unseen) : { index: one.index, receipt: one.receipt }
      else if (ended && inFlight.size === 0) break
      else await new Promise<void>((resolve) => (wake = resolve))
    }
    if (failure) throw failure.error
  } finally {
    left = true
    if (!ended) {
      const returned = callSafely('return() of the source of sendMany()', () => source.return?.())
      // A source that does not answer a pull would not answer this either.
      if (!pulling) await returned
    }
    await Promise.all(inFlight)
    for (const one of ready) one.unseen?.()
  }
}
