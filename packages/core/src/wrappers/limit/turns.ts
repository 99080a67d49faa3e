import { AsyncResource } from 'node:async_hooks'
import { AbortListeners } from '../abort-listeners.ts'
import { diagnoseAbort } from '../../failure/diagnose-abort.ts'
import { failAll } from '../../failure/fail-all.ts'
import type { MailErrorInit } from '../../failure/mail-error.ts'
import { Line, type Place, type Rule } from './line.ts'
import type { Message } from '../../message/message.ts'
import { deliveryOf, sendThrough } from '../../transports/send-through.ts'
import type { Delivery, Transport, TransportContext } from '../../transports/transport.ts'

/** How often lines are forgotten that nobody needs, in ms. */
const FORGET_MS = { least: 1_000, most: 60_000 }

/** Without this, Node would watch for the garbage collection of each. */
const NEVER_DESTROYED = { requireManualDestroy: true }

/** What {@link Turns} needs to know. */
export interface TurnsSettings {
  /** The transport that failures name. */
  readonly name: string
  readonly rule: Rule
  /** The keys of a message; undefined if there is one line for all. It may throw. */
  readonly keysOf: ((message: Message) => readonly string[]) | undefined
  /** How many messages may wait. */
  readonly queue: number
}

/**
 * Lets messages through when it is their turn. Every key has a line. A message with several keys stands in the longest of
 * their lines. When it is first there, it is called in the others, too, where it then comes next; it begins when all have
 * room for it. Nothing is held meanwhile, and of those that are called the oldest comes first everywhere, so no two can wait
 * for each other.
 */
export class Turns {
  readonly #transport: Transport
  readonly #settings: TurnsSettings
  /** The only line, if there are no keys. */
  readonly #line: Line
  readonly #lines = new Map<string, Line>()
  readonly #signals = new AbortListeners<Place>((place) => this.#abandon(place))
  #forgetting: NodeJS.Timeout | undefined
  #waiting = 0
  #sending = 0
  #entered = 0
  #isClosed = false
  /** The lines to look at. */
  readonly #changed: Line[] = []
  #isServing = false

  constructor(transport: Transport, settings: TurnsSettings) {
    this.#transport = transport
    this.#settings = settings
    this.#line = new Line(settings.rule)
  }

  /** How many messages wait. */
  get waiting(): number {
    return this.#waiting
  }

  /** How many messages are being sent. */
  get sending(): number {
    return this.#sending
  }

  // Not an async function: thousands of sends may wait, and each would keep a whole frame.
  send(message: Message, context: TransportContext): Promise<Delivery> {
    if (this.#isClosed) return this.#refuse(message, { kind: 'pool-closed' })
    if (context.signal?.aborted) return this.#refuse(message, whyAborted(context))
    let lines: readonly Line[]
    try {
      lines = this.#linesOf(message)
    } catch (cause) {
      const summary = 'the function `by` of limit() failed'
      const hint =
        'Correct the function: it must return a string for every message. The cause says what is wrong.'
      return this.#refuse(message, { stage: 'config', kind: 'invalid-config', summary, hint, cause })
    }
    const now = performance.now()
    if (lines.every((line) => line.isFree(now))) return this.#begin(message, context, lines, now)
    if (this.#waiting >= this.#settings.queue) {
      const backlogs = lines.map((line) => line.backlogMs(now)).filter((ms) => ms !== undefined)
      const retryAfterMs = backlogs.length > 0 ? Math.max(...backlogs) : undefined
      return this.#refuse(message, { kind: 'queue-full', retryAfterMs })
    }
    return new Promise((resolve) => this.#enter(message, context, lines, resolve))
  }

  /** Refuses those that wait, and all that come. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#forgetting)
    const lines = [this.#line, ...this.#lines.values()]
    for (const line of lines)
      for (let place = line.first; place; place = line.first) this.#fail(place, { kind: 'pool-closed' })
    // What is left are their timers.
    for (const line of lines) this.#serve(line)
  }

  #linesOf(message: Message): readonly Line[] {
    const { keysOf } = this.#settings
    if (!keysOf) return this.#line.alone
    const keys = keysOf(message)
    return keys.length === 1 ? this.#lineOf(keys[0]!).alone : keys.map((key) => this.#lineOf(key))
  }

  #lineOf(key: string): Line {
    const known = this.#lines.get(key)
    if (known) return known
    const line = new Line(this.#settings.rule)
    this.#lines.set(key, line)
    this.#forgetLater()
    return line
  }

  #forgetLater(): void {
    const ms = Math.min(Math.max(this.#settings.rule.intervalMs, FORGET_MS.least), FORGET_MS.most)
    this.#forgetting ??= setTimeout(() => {
      const now = performance.now()
      for (const [key, line] of this.#lines) if (line.isForgettable(now)) this.#lines.delete(key)
      this.#forgetting = undefined
      if (this.#lines.size > 0) this.#forgetLater()
    }, ms).unref()
  }

  #begin(
    message: Message,
    context: TransportContext,
    lines: readonly Line[],
    now: number,
  ): Promise<Delivery> {
    this.#sending++
    for (const line of lines) line.begin(now)
    return sendThrough(this.#transport, message, context, (result) => {
      this.#sending--
      for (const line of lines) {
        line.end()
        if (line.next) this.#serve(line)
      }
      return deliveryOf(result)
    })
  }

  #enter(
    message: Message,
    context: TransportContext,
    lines: readonly Line[],
    resolve: (delivery: Promise<Delivery>) => void,
  ): void {
    const line = lines.reduce((longest, each) => (isLonger(each, longest) ? each : longest))
    const number = this.#entered++
    const place: Place = {
      message,
      context,
      lines,
      line,
      number,
      caller: new AsyncResource('limit', NEVER_DESTROYED),
      resolve,
      isCalled: false,
      older: undefined,
      newer: undefined,
    }
    this.#waiting++
    line.push(place)
    this.#signals.add(context.signal, place)
    if (line.next === place) this.#serve(line)
  }

  #leave(place: Place): void {
    this.#waiting--
    place.line.remove(place)
    this.#signals.remove(place.context.signal, place)
    if (place.isCalled) for (const line of place.lines) line.uncall(place)
  }

  readonly #serve = (line: Line): void => {
    this.#changed.push(line)
    // One may change others: a loop, because they could be too many for the stack.
    if (this.#isServing) return
    this.#isServing = true
    for (let next = this.#changed.pop(); next; next = this.#changed.pop()) this.#serveLine(next)
    this.#isServing = false
  }

  /** Begins those whose turn it is. If there is one more, it sets the time to look again, or calls it in its other lines. */
  #serveLine(line: Line): void {
    for (let place = line.next; place; place = line.next) {
      // One that was called earlier comes before it in another line, and looks here when it has left.
      if (place.isCalled && place.lines.some((each) => each.next !== place)) break
      const now = performance.now()
      if (place.lines.every((each) => each.dueAt <= now)) {
        this.#leave(place)
        const { message, context, lines } = place
        place.resolve(place.caller.runInAsyncScope(() => this.#begin(message, context, lines, now)))
        this.#serveOthers(place, line)
        continue
      }
      const { dueAt } = line
      if (dueAt > now) return line.wakeAt(dueAt, now, this.#serve)
      if (!place.isCalled) {
        place.isCalled = true
        for (const each of place.lines) each.call(place)
        this.#serveOthers(place, line)
      }
      break
    }
    line.wakeAt(Infinity, 0, this.#serve)
  }

  #serveOthers({ lines }: Place, line: Line): void {
    if (lines.length > 1) for (const each of lines) if (each !== line) this.#serve(each)
  }

  #abandon(place: Place): void {
    this.#fail(place, whyAborted(place.context))
    for (const line of place.lines) this.#serve(line)
  }

  #fail(place: Place, why: Why): void {
    this.#leave(place)
    place.resolve(this.#refuse(place.message, why))
  }

  #refuse(message: Message, why: Why): Promise<never> {
    const init = { stage: 'queue', transport: this.#settings.name, ...why } as const
    return Promise.reject(failAll(message, 'not-attempted', init))
  }
}

/** Whether a message waits longer in this line than in the other one. */
function isLonger(line: Line, other: Line): boolean {
  return line.waiting > other.waiting || (line.waiting === other.waiting && line.dueAt > other.dueAt)
}

type Why = Pick<MailErrorInit, 'kind'> & Partial<MailErrorInit>

function whyAborted({ signal }: TransportContext): Why {
  const { kind } = diagnoseAbort(signal)
  if (kind === 'aborted') return { kind }
  return {
    kind,
    summary: 'the deadline of the send passed while the message waited for its turn',
    hint: 'More messages come than limit() lets through. Send more slowly, let limit() send more, or raise the deadline.',
  }
}
