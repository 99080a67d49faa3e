import { configError } from '../failure/config-error.ts'
import { eventLevel, eventText, type EventLevel } from './describe-event.ts'
import type { MailEvent, Observer } from './observer.ts'

/** What {@link logTo} needs of a logger: those of pino, Fastify and bunyan have it. winston and `console` are called as they like it. */
export interface MailLogger {
  /** Writes fields and a text, for what went well. */
  info(fields: object, text: string): unknown
  /** Like `info`, for what may pass, and for failures that the caller gets. */
  warn(fields: object, text: string): unknown
  /** Like `info`, for what a person must look at. */
  error(fields: object, text: string): unknown
  /** Whether a level is written. A failure that is not written is not taken. @default every level is written */
  isLevelEnabled?(level: string): boolean
}

const LEVELS: readonly EventLevel[] = ['info', 'warn', 'error']
/** The most characters of a server's final reply. */
const MOST_TEXT = 2_000

/**
 * An observer that writes every event to a logger, in fields: the `context` of the send, `mail` for what happened, and `err`
 * for the failure. Sent mails are `info`; what may pass, and failures that are thrown, `warn`; silenced failures that do not
 * pass, and all of background sends, `error`. Nothing of the content is written, and of the addresses only those of a failure. What the level of the
 * logger drops is not taken, so a silenced failure that nobody else observes is still printed.
 *
 * @throws MailError `config/invalid-config`
 */
export function logTo(logger: MailLogger): Observer {
  const missing = LEVELS.filter((level) => typeof logger?.[level] !== 'function')
  if (missing.length > 0)
    throw configError(
      `logTo() needs a logger with info(), warn() and error(); it has no ${missing.map((level) => `${level}()`).join(' and no ')}`,
    )
  const write = writerOf(logger)
  return function logToObserver(event) {
    const level = eventLevel(event)
    // Reading `event.error` takes a failure, so check the level first.
    if (logger.isLevelEnabled && !logger.isLevelEnabled(level)) return
    // A logger may be asynchronous and reject.
    return write(level, fieldsOf(event), eventText(event)) as void
  }
}

type Write = (level: EventLevel, fields: object, text: string) => unknown

function writerOf(logger: MailLogger): Write {
  // These two read a text before other arguments as a format, and a server's words may look like one.
  const own = logger as unknown as Record<EventLevel, (...parts: unknown[]) => unknown>
  if (own === globalThis.console) return (level, fields, text) => own[level]('%s', text, fields)
  if (isWinston(logger)) return (level, fields, text) => own[level]({ ...fields, message: text })
  return (level, fields, text) => logger[level](fields, text)
}

function isWinston(logger: object): boolean {
  return 'rejections' in logger
}

function fieldsOf(event: MailEvent): object {
  const { type, messageId, transport, context, receipt, silenced, error, delivery, inBackground } = event
  const durationMs = event.durationMs ?? receipt?.durationMs
  const response = (receipt ?? delivery)?.response
  const mail = {
    event: type,
    state: (receipt ?? delivery)?.state ?? 'failed',
    messageId,
    transport: (receipt ?? delivery ?? error)?.transport ?? transport,
    ...(durationMs !== undefined && { durationMs: Math.round(durationMs) }),
    ...(response !== undefined && { response: response.slice(0, MOST_TEXT) }),
    ...(silenced !== undefined && { silenced }),
    ...(inBackground && { inBackground }),
  }
  // pino takes the name of what has no prototype from `name`.
  return { ...context, mail, ...(error && { err: { __proto__: null, ...error.toJSON() } }) }
}
