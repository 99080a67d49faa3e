import type { Delivery, Message, TransportContext } from '@loudmail/core'
import { diagnoseAbort, tellTrace } from '@loudmail/core/transport'
import type { Answer } from './answer.ts'
import { ApiCall, type ApiRequest, type CallResult } from './call-api.ts'
import { BatchEntry } from './batch-entry.ts'
import type { Batching } from './batch-options.ts'
import { notAttempted } from './not-attempted.ts'
import { givenUp, outcomeOf, unanswered, type CallFacts } from './outcome-of-call.ts'
import type { BatchApi, Item, ProviderApi } from './provider-api.ts'
import { runCall } from './run-call.ts'

/** What a batcher needs of its transport. */
export interface BatchHome<Own extends object> {
  readonly api: ProviderApi<Own>
  readonly transport: string
  readonly batching: Batching
  /** The calls whose callers have given up. */
  readonly late: Set<ApiCall>
  facts(call: ApiCall, request: ApiRequest, message: Message): CallFacts
  /** Sends one message alone. */
  single(message: Message, request: ApiRequest, context: TransportContext): Promise<Delivery>
}

/** Brackets around a list; a comma for every part. */
const LIST_OCTETS = 2

/**
 * Puts messages that are sent at the same moment into one request. Each has an outcome of its own: a call that fails gives
 * every message a failure with its own recipients, and one that is refused or given up does not concern the others.
 */
export class Batcher<Own extends object> {
  readonly #home: BatchHome<Own>
  readonly #batch: BatchApi<Own>
  #waiting: BatchEntry[] = []
  #octets = LIST_OCTETS
  #cancelFlush: (() => void) | undefined
  #isDraining = false

  constructor(home: BatchHome<Own>, batch: BatchApi<Own>) {
    this.#home = home
    this.#batch = batch
  }

  /** Whether a message may be one of several. The answer to a repeated key is about one message alone. */
  takes(item: Item<Own>): boolean {
    const hasKey = item.message.idempotencyKey !== undefined && this.#home.api.support.idempotencyMs > 0
    return !hasKey && this.#batch.takes(item)
  }

  /** Sends a message with those that are sent at the same moment. */
  add(message: Message, part: Uint8Array, context: TransportContext): Promise<Delivery> {
    const { transport, batching } = this.#home
    const octets = part.length + 1
    if (this.#octets + octets > this.#batch.octets) this.flush()
    const entry = new BatchEntry(message, context, part, transport, (left) => this.#leave(left))
    if (entry.isSettled) return entry.settled
    this.#waiting.push(entry)
    this.#octets += octets
    if (this.#waiting.length >= batching.most || this.#isDraining) this.flush()
    else this.#cancelFlush ??= flushAfter(batching.waitMs, () => this.flush())
    return entry.settled
  }

  /** Sends what waits, and lets nothing wait from now on. */
  drain(): void {
    this.#isDraining = true
    this.flush()
  }

  /** Sends what waits. */
  flush(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
    const entries = this.#waiting
    this.#waiting = []
    this.#octets = LIST_OCTETS
    const [first] = entries
    if (!first) return
    if (entries.length > 1) {
      this.#send(entries).catch((error: unknown) => {
        for (const entry of entries) entry.fail(error)
      })
      return
    }
    // The request for one message says more about what went wrong.
    first.follow(this.#home.single(first.message, this.#batch.single(first.part), first.context))
  }

  #leave(entry: BatchEntry): void {
    const kept = this.#waiting.filter((each) => each !== entry)
    if (kept.length === this.#waiting.length) return
    this.#waiting = kept
    this.#octets -= entry.part.length + 1
  }

  async #send(waiting: readonly BatchEntry[]): Promise<void> {
    const { api, late } = this.#home
    const isReady = await Promise.all(waiting.map((entry) => entry.announce()))
    const entries = waiting.filter((entry, index) => isReady[index] && !entry.isSettled)
    if (entries.length === 0) return
    const request = this.#batch.request(entries.map(({ part }) => part))
    const call = new ApiCall(api.endpoint, request, api.secrets)
    call.recorder.note('event', `${entries.length} messages in one request`)
    const known = entries.map((entry) => ({
      ...this.#home.facts(call, request, entry.message),
      keyMs: 0,
      isShared: true,
    }))
    let open = entries.length
    const giveUp = (entry: BatchEntry, facts: CallFacts): void => {
      const { signal } = entry.context
      if (entry.isSettled) return
      // Nobody is left who wants it: those who are not settled yet are settled by the end of the call.
      if (open === 0 && !call.isWritten) {
        call.cancel(signal)
        // Whoever fetches a token does not hear of it.
        if (!call.isRunning) entry.leave(unanswered(facts, { stage: 'submit', ...diagnoseAbort(signal) }))
        return
      }
      late.add(call)
      call.recorder.note('event', 'a caller gave up')
      entry.fail(givenUp(facts, diagnoseAbort(signal)))
    }
    for (const [index, entry] of entries.entries()) {
      entry.onAbort = () => {
        open--
        // One signal may end several.
        queueMicrotask(() => giveUp(entry, known[index]!))
      }
    }
    await this.#settle(
      entries,
      known,
      runCall(api, call, request, async () => {}),
    )
    late.delete(call)
  }

  /** Settles each message by its part of the answer. */
  async #settle(
    entries: readonly BatchEntry[],
    known: readonly CallFacts[],
    running: Promise<CallResult>,
  ): Promise<void> {
    const { api, transport } = this.#home
    let result: CallResult
    try {
      result = await running
    } catch (error) {
      // There are no credentials, such as a token that could not be fetched.
      for (const entry of entries) entry.fail(notAttempted(entry.message, transport, error))
      return
    }
    const messages = entries.map(({ message }) => message)
    let accepted: ReturnType<BatchApi<Own>['accepted']> | undefined
    for (const [index, entry] of entries.entries()) {
      const facts = known[index]!
      tellTrace(entry.context, facts.call.recorder.transcript)
      try {
        const read = {
          accepted: (answer: Answer) => (accepted ??= this.#batch.accepted(answer, messages) ?? [])[index],
          refused: api.refused.bind(api),
        }
        entry.deliver(outcomeOf(facts, result, read))
      } catch (error) {
        entry.fail(error)
      }
    }
  }
}

/** Calls back after a time, or at the end of this turn of the event loop. */
function flushAfter(ms: number, flush: () => void): () => void {
  if (ms === 0) {
    const turn = setImmediate(flush)
    return () => clearImmediate(turn)
  }
  const timer = setTimeout(flush, ms)
  return () => clearTimeout(timer)
}
