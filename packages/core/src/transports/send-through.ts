import { failAll } from '../failure/fail-all.ts'
import { MailError } from '../failure/mail-error.ts'
import type { RecipientOutcome } from '../failure/recipient-outcome.ts'
import { mailboxKey } from '../message/mailbox-key.ts'
import type { Message } from '../message/message.ts'
import { attemptChannel, isWatched } from '../tracing/channels.ts'
import { traceAttempt } from '../tracing/trace-attempt.ts'
import type { Delivery, Transport } from './transport.ts'
import { isWrapper } from './wrap.ts'

const STATES = ['sent', 'queued', 'captured', 'discarded']

/** What to do with the result of a send. */
type Use<Used> = (result: Delivery | MailError) => Used | Promise<Used>

/**
 * Sends through a transport that may misbehave. Whatever it throws or returns, the result is a delivery or a MailError.
 * Subscribers to the channel `loudmail:attempt` hear of it unless it is a wrapper.
 *
 * @param use gets the result at once, and what it returns or throws is the result of the call: it saves a promise for each
 * wrapper. Default: returns the result.
 */
export function sendThrough<Used = Delivery | MailError>(
  transport: Transport,
  message: Message,
  context: Parameters<Transport['send']>[1],
  use: Use<Used> = asItIs as never,
): Promise<Used> {
  if (isWatched(attemptChannel) && !isWrapper(transport))
    return traceAttempt(transport, message, context, sendUntraced).then(use)
  return sendUntraced(transport, message, context, use)
}

function sendUntraced<Used = Delivery | MailError>(
  transport: Transport,
  message: Message,
  context: Parameters<Transport['send']>[1],
  use: Use<Used> = asItIs as never,
): Promise<Used> {
  // Not an async function: thousands of sends may be in progress, and each would keep a whole frame.
  try {
    return Promise.resolve(transport.send(message, context)).then(
      (delivery) => use(checkedDelivery(delivery) ?? failureOf(noDelivery(), message, transport.name)),
      (thrown) => use(failureOf(thrown, message, transport.name)),
    )
  } catch (thrown) {
    return Promise.resolve(failureOf(thrown, message, transport.name)).then(use)
  }
}

function asItIs(result: Delivery | MailError): Delivery | MailError {
  return result
}

/** @throws MailError if the result is one */
export function deliveryOf(result: Delivery | MailError): Delivery {
  if (MailError.is(result)) throw result
  return result
}

/** The failure for what a transport threw. */
function failureOf(thrown: unknown, message: Message, transport: string): MailError {
  return MailError.is(thrown)
    ? completeFailure(thrown, message, transport)
    : unexpected(thrown, message, transport)
}

/** What a transport returned, if it really is a delivery. */
export function checkedDelivery(delivery: Delivery | undefined): Delivery | undefined {
  if (typeof delivery !== 'object' || delivery === null || !STATES.includes(delivery.state)) return undefined
  return Array.isArray(delivery.failures) ? delivery : { ...delivery, failures: [] }
}

/** A failure with an outcome for every recipient of the envelope. */
export function completeFailure(error: MailError, message: Message, transport: string): MailError {
  const { to } = message.envelope
  const { told, strangers } = ofEnvelope(error.recipients, to)
  const known = new Set(told.map((recipient) => recipient.address))
  const missing = to.filter((address) => !known.has(address))
  if (
    missing.length === 0 &&
    told === error.recipients &&
    error.messageId !== undefined &&
    error.transport !== undefined &&
    message.replayable
  )
    return error
  // One of the missing may be somebody whose address the transport writes in another way.
  const isInDoubt = missing.length > 0 && strangers.some(({ status }) => mayHaveIt(status))
  const status = isInDoubt || error.delivered === 'unknown' ? 'unknown' : 'not-attempted'
  const recipients: RecipientOutcome[] = [
    ...told,
    ...missing.map((address) => ({ address, status }) as const),
  ]
  const { permanence, delivered, hint } = error
  return error.with({
    transport: error.transport ?? transport,
    messageId: error.messageId ?? message.messageId,
    replayable: message.replayable,
    recipients,
    ...(strangers.length === 0 && { permanence, delivered, hint }),
  })
}

function mayHaveIt(status: RecipientOutcome['status']): boolean {
  return status === 'accepted' || status === 'unknown'
}

/**
 * The outcomes with the addresses of the envelope, and those of nobody in it: an API may write a domain in another case or in
 * Unicode, or all of an address in lower case.
 */
function ofEnvelope(
  outcomes: readonly RecipientOutcome[],
  envelope: readonly string[],
): { readonly told: readonly RecipientOutcome[]; readonly strangers: readonly RecipientOutcome[] } {
  const exact = new Set(envelope)
  if (outcomes.every(({ address }) => exact.has(address))) return { told: outcomes, strangers: [] }
  const byMailbox = new Map(envelope.map((address) => [mailboxKey(address), address]))
  const inLowerCase = new Map<string, string | undefined>()
  for (const [key, address] of byMailbox) {
    const lower = key.toLowerCase()
    // Two of them could be meant.
    inLowerCase.set(lower, inLowerCase.has(lower) ? undefined : address)
  }
  const told: RecipientOutcome[] = []
  const strangers: RecipientOutcome[] = []
  for (const outcome of outcomes) {
    const key = mailboxKey(outcome.address)
    const address = exact.has(outcome.address)
      ? outcome.address
      : (byMailbox.get(key) ?? inLowerCase.get(key.toLowerCase()))
    if (address === undefined) strangers.push(outcome)
    else told.push({ ...outcome, address })
  }
  return { told, strangers }
}

function noDelivery(): TypeError {
  return new TypeError('the transport returned no delivery')
}

/** A bug in a transport. Nobody knows how far the message got, so it may have been delivered. */
function unexpected(cause: unknown, message: Message, transport: string): MailError {
  return failAll(message, 'unknown', {
    stage: 'submit',
    kind: 'unexpected',
    summary: `the transport failed unexpectedly: ${nameOf(cause)}`,
    transport,
    cause,
  })
}

function nameOf(cause: unknown): string {
  try {
    return cause instanceof Error ? `${cause.name}: ${cause.message}` : `it threw ${String(cause)}`
  } catch {
    return 'it threw something that cannot be printed'
  }
}
