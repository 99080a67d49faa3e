import { checkNumber, checkOptions, configError, type OptionNames } from '../failure/config-error.ts'
import { MailError } from '../failure/mail-error.ts'
import type { MessageInput } from '../message/message-input.ts'
import type { Observer } from './observer.ts'
import { isFailurePolicy, type FailurePolicy } from './policy.ts'
import { DEADLINE_MS } from './render-in-time.ts'
import { toMessage } from '../message/to-message.ts'
import type { Transport } from '../transports/transport.ts'
import { checkTransport } from '../transports/wrap.ts'

/** The options of a {@link Mailer}. */
export interface MailerOptions {
  /** How messages leave: `smtp(...)`, `debug()`, or wrappers such as `retry(smtp(...))`. */
  readonly transport: Transport
  /** What `send()` does with a failure. @default 'loud' */
  readonly failure?: FailurePolicy | undefined
  /** Fields for messages that do not set them, such as `from`. */
  readonly defaults?: Partial<MessageInput> | undefined
  /** The longest time for a send with all its attempts, in ms; `Infinity` for no limit. @default 120_000 */
  readonly deadlineMs?: number | undefined
  /**
   * The longest time that `close()` waits for the sends in progress, in ms. Those that are left then are aborted and fail,
   * observed like any other. `Infinity` waits for all of them. @default Infinity
   */
  readonly drainMs?: number | undefined
  /** Who hears of every outcome: a function, or several. @default none */
  readonly observe?: Observer | readonly Observer[] | undefined
}

/** The options of one send. */
export interface SendOptions {
  /** Replaces the mailer's policy for this message. */
  readonly failure?: FailurePolicy | undefined
  /** Ends the send. The failure says what may have been delivered by then. */
  readonly signal?: AbortSignal | undefined
  /** Passed to observers with every event of this message, such as a request id. */
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

export const NO_OPTIONS: SendOptions = Object.freeze({})

const MAILER_OPTIONS: OptionNames<MailerOptions> = {
  transport: true,
  failure: true,
  defaults: true,
  deadlineMs: true,
  drainMs: true,
  observe: true,
}
const SEND_OPTIONS: OptionNames<SendOptions> = { failure: true, signal: true, context: true }

/** Options with every default filled in. */
export type MailerSettings = {
  readonly [option in Exclude<keyof MailerOptions, 'observe'>]-?: NonNullable<MailerOptions[option]>
} & { readonly observers: readonly Observer[] }

/** @throws MailError `config/invalid-config`, which names the option */
export function mailerSettings(options: MailerOptions): MailerSettings {
  checkOptions(options, 'Mailer', MAILER_OPTIONS)
  checkTransport(options.transport, 'Mailer')
  const {
    transport,
    failure = 'loud',
    defaults = {},
    deadlineMs = DEADLINE_MS,
    drainMs = Infinity,
    observe = [],
  } = options
  if (!isFailurePolicy(failure)) throw configError("failure must be 'loud', 'silent' or a function")
  checkNumber(deadlineMs, 'deadlineMs', 1)
  checkNumber(drainMs, 'drainMs', 0)
  const observers = [observe].flat()
  if (observers.some((observer) => typeof observer !== 'function'))
    throw configError('observe must be a function or a list of functions')
  checkDefaults(defaults)
  return { transport, failure, defaults, deadlineMs, drainMs, observers }
}

/** @throws MailError `config/invalid-config`, which names the option */
export function checkSendOptions(options: SendOptions, owner = 'send()'): void {
  checkOptions(options, owner, SEND_OPTIONS)
  if (options.failure !== undefined && !isFailurePolicy(options.failure)) {
    throw configError(`the failure option of ${owner} must be 'loud', 'silent' or a function`)
  }
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw configError(`the signal option of ${owner} must be an AbortSignal`)
  }
}

/** A copy for one send, so that later changes by the caller or an observer have no effect. */
export function ownSendOptions(options: SendOptions): SendOptions {
  if (options === NO_OPTIONS) return options
  const { failure, signal, context } = options ?? NO_OPTIONS
  return { failure, signal, context: Object.isFrozen(context) ? context : Object.freeze({ ...context }) }
}

/** The options of a send, merged over those of its view. If they are not an object, they are returned as they are and refused later. */
export function mergedOptions<Options extends SendOptions>(defaults: SendOptions, options: Options): Options {
  if (defaults === NO_OPTIONS || typeof options !== 'object' || options === null) return options
  const { failure = defaults.failure, signal = defaults.signal, context = defaults.context } = options
  const hasTwoSignals = defaults.signal && signal instanceof AbortSignal && signal !== defaults.signal
  return {
    ...options,
    failure,
    signal: hasTwoSignals ? AbortSignal.any([defaults.signal, signal]) : signal,
    context: context === defaults.context ? context : { ...defaults.context, ...context },
  }
}

function checkDefaults(defaults: Partial<MessageInput>): void {
  try {
    const sample = 'postmaster@example.com'
    toMessage({
      text: '',
      ...defaults,
      from: defaults.from ?? sample,
      sender: defaults.sender ?? sample,
      to: defaults.to ?? sample,
    })
  } catch (thrown) {
    throw configError(
      `defaults: ${MailError.is(thrown) ? thrown.summary : 'it must be an object with fields of a message'}`,
    )
  }
}
