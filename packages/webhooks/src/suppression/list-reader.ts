import { MailError, type Message } from '@loudmail/core'
import { AbortListeners, diagnoseAbort, failAll } from '@loudmail/core/transport'
import { listKey } from './list-key.ts'
import type { Suppression, SuppressionStore } from './suppression.ts'

/** The recipients who are on the list, as the envelope writes them. */
export type Suppressed = ReadonlyMap<string, Suppression>

/** Why a message is not sent, if the list could not be read. */
export type Unread = Pick<Message, 'envelope' | 'messageId' | 'replayable'>

/** Reads a suppression list that may be broken or slow. */
export class ListReader {
  readonly #store: SuppressionStore
  readonly #listeners = new AbortListeners<() => void>((leave) => leave())

  constructor(store: SuppressionStore) {
    this.#store = store
  }

  /** Who of these is on the list; a failure with nothing delivered if it cannot be read before the signal aborts. */
  async read(
    message: Unread,
    signal: AbortSignal | undefined,
    transport: string,
  ): Promise<Suppressed | MailError> {
    const { to } = message.envelope
    if (signal?.aborted) return ended(message, signal, transport)
    try {
      const found = await this.#unlessAborted(Promise.resolve(this.#store.find(to)), signal)
      if (found === undefined) return ended(message, signal, transport)
      for (const each of found) checkDates(each)
      const byMailbox = new Map(found.map((each) => [listKey(each.address), each]))
      const known = to.map((address) => [address, byMailbox.get(listKey(address))] as const)
      return new Map(known.filter((each): each is [string, Suppression] => each[1] !== undefined))
    } catch (cause) {
      return unread(message, cause, transport)
    }
  }

  #unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
    if (!signal) return work
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#listeners.remove(signal, leave)
        resolve(undefined)
      }
      this.#listeners.add(signal, leave)
      const stop = (): void => this.#listeners.remove(signal, leave)
      // Whoever is not there any more must not go on to send.
      work.then(
        (value) => (stop(), resolve(signal.aborted ? undefined : value)),
        (error: unknown) => (stop(), reject(error)),
      )
    })
  }
}

/** A store of one's own may keep dates as text. */
function checkDates({ at, until }: Suppression): void {
  for (const date of until === undefined ? [at] : [at, until])
    if (!(date instanceof Date) || Number.isNaN(date.getTime()))
      throw new TypeError('find() of a suppression list must give `at` and `until` as a Date')
}

function ended(message: Unread, signal: AbortSignal | undefined, transport: string): MailError {
  const { kind } = diagnoseAbort(signal)
  return failAll(message, 'not-attempted', {
    stage: 'queue',
    kind,
    summary: kind === 'timeout' ? 'the suppression list did not answer in time' : undefined,
    hint:
      kind === 'timeout'
        ? 'Nothing was sent. Check what keeps the suppression list from answering, or raise the deadline.'
        : undefined,
    transport,
  })
}

function unread(message: Unread, cause: unknown, transport: string): MailError {
  const known = MailError.is(cause) ? cause : undefined
  return failAll(message, 'not-attempted', {
    stage: 'submit',
    kind: 'storage',
    summary: `the suppression list cannot be read${known ? `: ${known.summary}` : ''}`,
    hint: `Nothing was sent, because some of the recipients may be on the list. ${known?.hint ?? 'Look at the cause of this error: it is what the store of suppress() rejected with.'}`,
    transport,
    cause,
  })
}
