import type { AsyncResource } from 'node:async_hooks'
import { LONGEST_MS } from '../../mailer/deadline.ts'
import type { Message } from '../../message/message.ts'
import type { Delivery, TransportContext } from '../../transports/transport.ts'

/** What may be sent, for each key. */
export interface Rule {
  /** How many messages may begin within any interval. */
  readonly messages: number | undefined
  /** The interval in ms. */
  readonly intervalMs: number
  /** How many messages may be sent at the same time. */
  readonly concurrent: number | undefined
}

/** Messages that waited begin evenly within the interval, or within this time if the interval is longer, in ms. */
const SPREAD_MS = 1_000
/** As many as belong into this part of it may begin together, to catch up after timers that were late. */
const CATCH_UP_PART = 0.1

/** A message that waits for its turn. */
export interface Place {
  readonly message: Message
  readonly context: TransportContext
  /** One for each of its keys. */
  readonly lines: readonly Line[]
  /** Of `lines`, the one in which it stands. */
  readonly line: Line
  /** The lower, the older. */
  readonly number: number
  /** Its async context: the end of another send begins this one. */
  readonly caller: AsyncResource
  readonly resolve: (delivery: Promise<Delivery>) => void
  /** It was first in its line, and is now before all who stand in the other ones. */
  isCalled: boolean
  older: Place | undefined
  newer: Place | undefined
}

/** The messages that wait for one key, and what the key lets through. */
export class Line {
  /** It alone: the lines of a message with one key. */
  readonly alone: readonly Line[] = [this]
  waiting = 0
  #sending = 0
  readonly #rule: Rule
  /** When the last messages began, as many as the rule allows. It is a ring, and `#oldest` is the position of the oldest. */
  readonly #begun: number[] = []
  #oldest = 0
  /** Before this time no message begins that has waited. */
  #pacedUntil = -Infinity
  #first: Place | undefined
  #last: Place | undefined
  /** The messages that stand in other lines, or were first in this one, and come before all others; the oldest first. */
  #called: Place[] | undefined
  #timer: NodeJS.Timeout | undefined
  #wakesAt = Infinity

  constructor(rule: Rule) {
    this.#rule = rule
  }

  /** Whose turn is next. */
  get next(): Place | undefined {
    return this.#called?.[0] ?? this.#first
  }

  /** The oldest that stands in it. */
  get first(): Place | undefined {
    return this.#first
  }

  /** Whether a message that does not wait may begin. */
  isFree(now: number): boolean {
    return this.next === undefined && this.#hasRoom && this.#freeAt <= now
  }

  /** When the next one that waits may begin; `Infinity` if another one has to end first. */
  get dueAt(): number {
    return this.#hasRoom ? Math.max(this.#freeAt, this.#pacedUntil) : Infinity
  }

  /** Whether nothing would be different without it. */
  isForgettable(now: number): boolean {
    const newest = this.#begun.at(this.#oldest - 1)
    const isOver = newest === undefined || newest + this.#rule.intervalMs <= now
    return isOver && this.#sending === 0 && this.next === undefined
  }

  /** How long those that wait need to begin, in ms, as far as that is known. */
  backlogMs(now: number): number | undefined {
    const { messages, intervalMs } = this.#rule
    if (messages === undefined) return undefined
    const rest = (this.waiting % messages) * (this.#spreadMs / messages)
    return Math.ceil(
      Math.max(0, this.#freeAt - now) + Math.floor(this.waiting / messages) * intervalMs + rest,
    )
  }

  begin(now: number): void {
    this.#sending++
    const { messages } = this.#rule
    if (messages === undefined) return
    this.#pace(messages)
    if (this.#begun.length < messages) this.#begun.push(now)
    else {
      this.#begun[this.#oldest] = now
      this.#oldest = (this.#oldest + 1) % messages
    }
  }

  end(): void {
    this.#sending--
  }

  push(place: Place): void {
    this.waiting++
    place.older = this.#last
    if (this.#last) this.#last.newer = place
    else this.#first = place
    this.#last = place
  }

  remove(place: Place): void {
    this.waiting--
    const { older, newer } = place
    if (older) older.newer = newer
    else this.#first = newer
    if (newer) newer.older = older
    else this.#last = older
    place.older = place.newer = undefined
  }

  /** Puts a message before all others, but for older ones that were called. */
  call(place: Place): void {
    this.#called ??= []
    const behind = this.#called.findIndex(({ number }) => number > place.number)
    this.#called.splice(behind < 0 ? this.#called.length : behind, 0, place)
  }

  uncall(place: Place): void {
    this.#called!.splice(this.#called!.indexOf(place), 1)
    if (this.#called!.length === 0) this.#called = undefined
  }

  /** Calls `wake` at this time; never, if it is `Infinity`. It replaces the call before. */
  wakeAt(time: number, now: number, wake: (line: Line) => void): void {
    if (time === this.#wakesAt) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wakesAt = time
    if (time === Infinity) return
    const onTime = (): void => {
      this.#wakesAt = Infinity
      wake(this)
    }
    this.#timer = setTimeout(onTime, Math.min(Math.max(Math.ceil(time - now), 1), LONGEST_MS))
  }

  get #hasRoom(): boolean {
    const { concurrent } = this.#rule
    return concurrent === undefined || this.#sending < concurrent
  }

  /** When one message more would still not be too many within an interval. */
  get #freeAt(): number {
    const { messages, intervalMs } = this.#rule
    if (messages === undefined || this.#begun.length < messages) return -Infinity
    return this.#begun[this.#oldest]! + intervalMs
  }

  /** It counts from when a message was due, not from when it began: a timer that was late does not lower the rate. */
  #pace(messages: number): void {
    const earliest = this.#freeAt - this.#spreadMs * CATCH_UP_PART
    this.#pacedUntil = Math.max(this.#pacedUntil, earliest) + this.#spreadMs / messages
  }

  get #spreadMs(): number {
    return Math.min(this.#rule.intervalMs, SPREAD_MS)
  }
}
