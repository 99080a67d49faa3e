import type { MailError } from '../failure/mail-error.ts'
import type { Envelope } from '../message/message.ts'
import type { Receipt } from './receipt.ts'
import { visible } from '../failure/transcript.ts'
import type { Delivery } from '../transports/transport.ts'

interface EventBase {
  readonly at: Date
  readonly transport: string
  /** Undefined where the message could not be built. */
  readonly messageId?: string | undefined
  readonly envelope?: Envelope | undefined
  /** What the caller gave as `context` with the send. */
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

/** What observers hear. Reading `error` is what takes a failure; one that nobody took and nobody was thrown is printed. */
export type MailEvent = EventBase &
  (
    | { readonly type: 'sent'; readonly receipt: Receipt & { readonly ok: true }; readonly error?: undefined }
    | {
        readonly type: 'failed'
        readonly error: MailError
        readonly silenced: boolean
        readonly durationMs: number
      }
    /** A try that failed, told at once, also where a later one succeeds. */
    | { readonly type: 'attempt-failed'; readonly error: MailError }
    /** What became of a message whose send had settled as `unknown`. */
    | { readonly type: 'late-reply'; readonly delivery: Delivery; readonly error?: undefined }
    | { readonly type: 'late-reply'; readonly delivery?: undefined; readonly error: MailError }
  )

/** Hears of every outcome before `send()` settles. Called at once and never awaited; it cannot break a send. */
export type Observer = (event: MailEvent) => void | Promise<void>

/** Whether an observer took a failure: known at once, or once its promise has settled. */
export type Taken = boolean | Promise<boolean>

/** Tells every observer, and answers whether one of them read the event's error and came to a good end. */
export function notify(observers: readonly Observer[], event: MailEvent): Taken {
  const pending: Promise<boolean>[] = []
  let taken = false
  for (const observer of observers) {
    let read = false
    try {
      const result: unknown = observer(event.error ? watched(event, () => (read = true)) : event)
      if (isPromiseLike(result)) {
        pending.push(
          Promise.resolve(result).then(
            () => read,
            (reason: unknown) => warn('rejected', reason),
          ),
        )
      } else taken ||= read
    } catch (thrown) {
      warn('threw', thrown)
    }
  }
  if (taken || pending.length === 0) return taken
  return Promise.all(pending).then((each) => each.includes(true))
}

const unseen = new Map<MailError, string>()

/** Prints a failure that was not thrown, unless an observer took it; one whose observer is still busy is printed at the latest when the process ends. */
export function printUnlessTaken(error: MailError, taken: Taken, what: string): void {
  if (taken === true) return
  const line = `loudmail: ${what} ${visible(error.message)} ${idOf(error)}- ${error.hint}`
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

function print(line: string): void {
  try {
    console.error(line)
  } catch {
    // A console that throws must not break a send.
  }
}

function idOf(error: MailError): string {
  return error.messageId === undefined ? '' : `${visible(error.messageId)} `
}

/** The event with an `error` that tells when it is read; printing the event reads it. */
function watched(event: MailEvent, onRead: () => void): MailEvent {
  const { error } = event
  const copy = { ...event }
  Object.defineProperty(copy, 'error', {
    enumerable: true,
    get: () => {
      onRead()
      return error
    },
  })
  Object.defineProperty(copy, Symbol.for('nodejs.util.inspect.custom'), {
    value: () => {
      onRead()
      return event
    },
  })
  return copy
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

function warn(how: string, reason: unknown): false {
  let text: string
  try {
    text = String(reason)
  } catch {
    text = 'something that cannot be printed'
  }
  process.emitWarning(`an observer ${how}: ${text}`, 'LoudmailWarning')
  return false
}
