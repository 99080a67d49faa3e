import type { Deadline } from './deadline.ts'
import { failAll } from '../failure/fail-all.ts'
import { MailError } from '../failure/mail-error.ts'
import {
  checkSendOptions,
  NO_OPTIONS,
  ownSendOptions,
  type MailerSettings,
  type SendOptions,
} from './mailer-options.ts'
import { NONE } from '../message/address.ts'
import { ignoreRejection } from '../message/ignore-rejection.ts'
import type { MessageInput } from '../message/message-input.ts'
import type { Message } from '../message/message.ts'
import type { Taken } from './observer.ts'
import { toMessage } from '../message/to-message.ts'
import type { TracedSend } from '../tracing/traced-send.ts'
import type { Delivery } from '../transports/transport.ts'

/** A send in progress. There may be thousands at once, so it is small. */
export interface Sending {
  readonly startedAt: number
  /** Undefined if it could not be built, or until its template is rendered. */
  message: Message | undefined
  readonly options: SendOptions
  /** The attempts that have failed so far, and whether an observer took each failure. */
  attempts: readonly { readonly error: MailError; readonly taken: Taken }[]
  deadline?: Deadline | undefined
  /** The result of the transport, even after the deadline. For a message that was refused, its failure. */
  attempted?: Promise<Delivery | MailError>
  /** Why the message could not be built. */
  notBuilt?: MailError
  /** The message has a template, which is rendered first. */
  readonly hasTemplate?: true
  /** Nobody waits for it: there is nobody to throw a failure to. */
  inBackground?: true
  isSettled?: boolean
  /** Late replies that came before the send settled: a reply and what takes it back can come together. */
  early?: (Delivery | MailError)[]
  /** What subscribers to the tracing channels see of it. */
  traced?: TracedSend
}

/** Begins a send. A message that cannot be sent has already settled; its failure is reported like any other. */
export function begin(
  input: MessageInput,
  options: SendOptions,
  { transport, defaults }: MailerSettings,
  isClosed: boolean,
): Sending {
  const startedAt = performance.now()
  let own = NO_OPTIONS
  let isChecked = false
  try {
    own = ownSendOptions(options)
    checkSendOptions(options)
    if (isClosed) throw new MailError({ stage: 'queue', kind: 'pool-closed', transport: transport.name })
    isChecked = true
    if (input?.template !== undefined)
      return { startedAt, message: undefined, options: own, attempts: NONE, hasTemplate: true }
    return { startedAt, message: toMessage(input, defaults), options: own, attempts: NONE }
  } catch (cause) {
    ignoreRejection(input)
    const error = whyNotBuilt(cause)
    const failed = { startedAt, message: undefined, options: own, attempts: NONE }
    return isChecked ? { ...failed, notBuilt: error } : { ...failed, attempted: Promise.resolve(error) }
  }
}

/** Why a message could not be built: its failure, or what a getter or an iterator of the message threw. */
export function whyNotBuilt(cause: unknown): MailError {
  if (MailError.is(cause)) return cause
  const summary = 'the message could not be read'
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary, cause })
}

/** The failure of a send whose transport did not report in time how far it got, or was not called at all. */
export function givenUp(
  message: Message,
  status: 'not-attempted' | 'unknown',
  signal: AbortSignal,
  transport: string,
): MailError {
  const isLate = (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
  return failAll(message, status, {
    stage: status === 'unknown' ? 'submit' : 'queue',
    kind: isLate ? 'timeout' : 'aborted',
    summary: isLate ? 'the deadline passed' : undefined,
    transport,
  })
}
