import { callSafely } from '../failure/call-safely.ts'
import type { MailError } from '../failure/mail-error.ts'
import type { Envelope } from '../message/message.ts'
import type { Receipt } from './receipt.ts'
import { visible } from '../failure/transcript.ts'
import type { Delivery } from '../transports/transport.ts'

/** What every event has. */
interface EventBase {
  /** When it happened. */
  readonly at: Date
  /** The name of the transport of the mailer. */
  readonly transport: string
  /** Undefined if the message could not be built. */
  readonly messageId?: string | undefined
  /** The sender and the recipients. Undefined if the message could not be built. */
  readonly envelope?: Envelope | undefined
  /** The `context` option of the send. */
  readonly context?: Readonly<Record<string, unknown>> | undefined
  /** The message was sent by `sendInBackground()`: its failure is thrown to nobody, whatever the policy says. */
  readonly inBackground?: true | undefined
}

/** What observers are called with. All events have all fields, so that they can be taken apart: `({ type, receipt }) => …`. Reading `error` takes a failure. A failure that no observer takes and that is not thrown is printed. */
export type MailEvent = EventBase &
  (
    | {
        /** What happened. It tells the events apart, also where only parts are used: `({ type, receipt }) => …`. */
        readonly type: 'sent'
        /** What the caller gets. */
        readonly receipt: Receipt & { readonly ok: true }
        readonly error?: undefined
        readonly delivery?: undefined
        readonly silenced?: undefined
        readonly durationMs?: undefined
      }
    | {
        readonly type: 'failed'
        /** Why it failed. Reading it takes the failure: it is not printed. */
        readonly error: MailError
        /** Whether the policy keeps it from being thrown. */
        readonly silenced: boolean
        /** How long the send took, with all its attempts, in ms. */
        readonly durationMs: number
        readonly receipt?: undefined
        readonly delivery?: undefined
      }
    /** A failed attempt, reported at once, even if a later attempt succeeds. */
    | {
        readonly type: 'attempt-failed'
        readonly error: MailError
        readonly receipt?: undefined
        readonly delivery?: undefined
        readonly silenced?: undefined
        readonly durationMs?: undefined
      }
    /** The outcome of a message whose send had settled as `unknown`. */
    | {
        readonly type: 'late-reply'
        /** What the transport says now: every recipient was accepted. */
        readonly delivery: Delivery
        readonly error?: undefined
        readonly receipt?: undefined
        readonly silenced?: undefined
        readonly durationMs?: undefined
      }
    | {
        readonly type: 'late-reply'
        readonly delivery?: undefined
        readonly error: MailError
        readonly receipt?: undefined
        readonly silenced?: undefined
        readonly durationMs?: undefined
      }
  )

/** Called with every outcome before `send()` settles. It is never awaited and cannot break a send. */
export type Observer = (event: MailEvent) => void | Promise<void>

/** Whether an observer took a failure: known at once, or once its promise has settled. */
export type Taken = boolean | Promise<boolean>

/** An event without its time: every observer gets its own event with its own Date. */
export type Told = MailEvent extends infer Event
  ? Event extends MailEvent
    ? Omit<Event, 'at'>
    : never
  : never

/** Calls every observer. Returns whether one of them read the error of the event and did not throw or reject. */
export function notify(observers: readonly Observer[], told: Told): Taken {
  const pending: Promise<boolean>[] = []
  let taken = false
  const now = Date.now()
  for (const observer of observers) {
    let read = false
    const event = eventFor(told, now, () => (read = true))
    const endedWell = callSafely('an observer', () => observer(event))
    if (endedWell === true) taken ||= read
    else if (endedWell) pending.push(endedWell.then((well) => well && read))
  }
  if (taken || pending.length === 0) return taken
  return Promise.all(pending).then((each) => each.includes(true))
}

const unseen = new Map<MailError, string>()

/** Prints a failure that was not thrown, unless an observer took it. If the observer is still busy, it is printed when the process ends at the latest. */
export function printUnlessTaken(error: MailError, taken: Taken, what: string): void {
  if (taken === true) return
  const line = lineOf(error, what)
  if (taken === false) return print(line)
  if (unseen.size === 0) process.once('exit', printUnseen)
  unseen.set(error, line)
  void taken.then((wasTaken) => {
    unseen.delete(error)
    if (unseen.size === 0) process.off('exit', printUnseen)
    if (!wasTaken) print(line)
  })
}

function printUnseen(): void {
  for (const line of unseen.values()) print(line)
}

/** The ways to print. Each is used if those before it fail. */
const PRINTERS: readonly (readonly [name: string, print: (line: string) => unknown])[] = [
  // oxlint-disable-next-line typescript/no-confusing-void-expression
  ['console.error()', (line) => console.error(line)],
  ['process.stderr.write()', (line) => process.stderr.write(`${line}\n`)],
  ['process.emitWarning()', (line) => process.emitWarning(line, 'LoudmailWarning')],
]

function print(line: string, [printer, ...others] = PRINTERS): void {
  if (!printer) return
  const [name, write] = printer
  const endedWell = callSafely(name, () => write(line))
  if (endedWell === false) print(line, others)
  else if (endedWell !== true) void endedWell.then((well) => well || print(line, others))
}

/** One line, and below it those around the place in the source. */
function lineOf(error: MailError, what: string): string {
  const line = `loudmail: ${what} ${visible(error.message)} ${idOf(error)}- ${error.hint}`
  const excerpt = error.location?.excerpt
  return excerpt === undefined ? line : `${line}\n${excerpt}`
}

function idOf(error: MailError): string {
  return error.messageId === undefined ? '' : `${visible(error.messageId)} `
}

const ERROR = Symbol('the error of an event')

/** The failure of an event, without taking it. */
export function errorOf(event: MailEvent): MailError | undefined {
  return (event as { readonly [ERROR]?: MailError })[ERROR] ?? event.error
}

/** A frozen event that reports when its `error` is read. Printing the event reads it too. */
function eventFor(told: Told, now: number, onRead: () => void): MailEvent {
  const plain = (): MailEvent => ({ at: new Date(now), ...told })
  const event = plain()
  const { error } = told
  if (error) {
    const get = (): MailError => {
      onRead()
      return error
    }
    const inspect = (): MailEvent => {
      onRead()
      return plain()
    }
    Object.defineProperties(event, {
      error: { get },
      [ERROR]: { value: error },
      [Symbol.for('nodejs.util.inspect.custom')]: { value: inspect },
    })
  }
  return Object.freeze(event)
}
