import { AbortListeners } from '../abort-listeners.ts'
import { Attempts } from '../attempts.ts'
import type { Part } from '../combine.ts'
import { checkNumber, checkOptions, configError } from '../../failure/config-error.ts'
import { derivedKey } from '../../message/derived-key.ts'
import { diagnoseAbort } from '../../failure/diagnose-abort.ts'
import { failAll } from '../../failure/fail-all.ts'
import { failureFor } from '../failure-for.ts'
import { Flight } from './flight.ts'
import { MailError } from '../../failure/mail-error.ts'
import { mailboxKey } from '../../message/mailbox-key.ts'
import type { Message } from '../../message/message.ts'
import { ParsedMessage } from '../../message/parsed-message.ts'
import { deliveryOf, sendThrough } from '../../transports/send-through.ts'
import { acceptedAlone, plain, SentKeys, type Kept, type SentKey } from './sent-keys.ts'
import { tellLate } from '../../transports/tell.ts'
import type { Delivery, Transport, TransportContext } from '../../transports/transport.ts'
import { wrap } from '../../transports/wrap.ts'

/** Which messages are the same, and for how long. */
export interface DedupeOptions {
  /** How long a key is remembered after its last send was over, in ms. @default 86_400_000 (a day) */
  readonly windowMs?: number | undefined
  /** The key of a message; undefined if it has none, and is sent in any case. @default its `idempotencyKey` */
  readonly key?: ((message: Message) => string | undefined) | undefined
  /** How many keys are remembered; the oldest are forgotten first. @default 10_000 */
  readonly most?: number | undefined
}

/**
 * Messages with the same key are one message: no recipient that has it, or may have it, is sent another. A call while the
 * first is under way waits for it and gets its outcome; a call after it gets what is remembered. Recipients that certainly
 * did not get the message are sent to again, by a later call. Keys are remembered in this process. A template is rendered
 * before its message gets here, also for a message that is not sent again.
 *
 * @throws MailError `config/invalid-config`
 */
export function dedupe(transport: Transport, options: DedupeOptions = {}): Transport {
  checkOptions(options, 'dedupe()', { windowMs: true, key: true, most: true })
  checkNumber(options.windowMs, 'dedupe() windowMs', 1)
  checkNumber(options.most, 'dedupe() most', 1, true)
  const { windowMs = 86_400_000, key = ofMessage, most = 10_000 } = options
  if (typeof key !== 'function') throw configError('dedupe() key must be a function')
  const keys = new SentKeys(windowMs, most)
  const listeners = new AbortListeners<() => void>((leave) => leave())
  const self = wrap('dedupe', transport, (message, context) => {
    const own = keyOf(message, key, self.name)
    if (own === undefined) return sendThrough(transport, message, context, deliveryOf)
    const sent = keys.find(own)
    // Most keys are new.
    if (!sent) return send(own, sent, message, context, deliveryOf)
    return sendOnce(own, message, context).then(deliveryOf)
  })

  /** Sends to the recipients that are new to the key, and gets the outcome of the others from where it is known. */
  async function sendOnce(
    own: string,
    message: Message,
    context: TransportContext,
  ): Promise<Delivery | MailError> {
    const tries = new Attempts(self.name, context, 'one')
    let isSent = false
    for (let open = message.envelope.to; open.length > 0;) {
      const fresh: string[] = []
      const others = new Map<Flight | Kept['result'], string[]>()
      const sent = keys.find(own)
      for (const address of open) {
        const known = sent?.get(mailboxKey(address))
        const source = known instanceof Flight ? known : known?.result
        if (!source) fresh.push(address)
        else if (!others.get(source)?.push(address)) others.set(source, [address])
      }
      if (fresh.length > 0) {
        const part = freshPart(message, fresh, sent)
        if (part === message) return send(own, sent, message, context, itself)
        tries.add(part, await send(own, sent, part, tries.contextOf(part), itself))
        isSent = true
      }
      open = []
      for (const [source, addresses] of others) {
        const part = partOf(message, addresses)
        if (!(source instanceof Flight)) tries.add(part, remembered(part, source))
        else if (await isOver(source, context.signal, listeners)) {
          const abandoned = addresses.filter((address) => source.isAbandoned(mailboxKey(address)))
          open = [...open, ...abandoned]
          const rest = addresses.filter((address) => !abandoned.includes(address))
          if (rest.length > 0) tries.add(...shared(partOf(message, rest), source))
        } else {
          tries.add(part, gaveUp(part, context, self.name))
          void source.done.then(() => tellWhenOver(part, source, tries.contextOf(part)))
        }
      }
    }
    const delivery = tries.finish()
    return isSent ? { ...delivery, messageId: message.messageId } : delivery
  }

  /** @param known what was just found for the key */
  function send<Used>(
    own: string,
    known: SentKey | undefined,
    message: Message,
    context: TransportContext,
    use: (result: Delivery | MailError) => Used,
  ): Promise<Used> {
    const flight = new Flight(message, context.signal)
    const sent = keys.begin(own, known, flight)
    // A reply, and what takes it back, can come before the send has settled.
    let early: (Delivery | MailError)[] | undefined
    const late = (outcome: Delivery | MailError): void => {
      if (flight.result) keys.correct(sent, flight, outcome)
      else (early ??= []).push(outcome)
      tellLate(context, outcome)
    }
    return sendThrough(transport, message, { ...context, late }, (result) => {
      keys.end(sent, flight, result)
      early?.forEach((outcome) => keys.correct(sent, flight, outcome))
      return use(result)
    })
  }

  // Another attempt through it would only get the outcome that is remembered.
  return { ...self, honoursIdempotencyKey: false }
}

const itself = (result: Delivery | MailError): Delivery | MailError => result

const ofMessage = (message: Message): string | undefined => ParsedMessage.ownKeyOf(message)

/** @throws MailError if the caller's function throws, or answers with something else: then nothing was sent */
function keyOf(
  message: Message,
  key: NonNullable<DedupeOptions['key']>,
  transport: string,
): string | undefined {
  try {
    const own: unknown = key(message)
    if (own === undefined || typeof own === 'string') return own
    throw new TypeError(`it must return a string or undefined, not ${typeof own}`)
  } catch (cause) {
    throw failAll(message, 'not-attempted', {
      stage: 'config',
      kind: 'invalid-config',
      summary: 'the function `key` of dedupe() failed',
      hint: 'Correct the function: it must return a string or undefined for every message. The cause says what is wrong.',
      transport,
      cause,
    })
  }
}

function partOf(message: Message, addresses: readonly string[]): Message {
  return addresses.length === message.envelope.to.length ? message : message.forRecipients(addresses)
}

/** A server that honours keys may have seen the key already. It would deliver nothing to these. */
function freshPart(message: Message, addresses: readonly string[], sent: SentKey | undefined): Message {
  const { idempotencyKey } = message
  if (!sent || idempotencyKey === undefined) return partOf(message, addresses)
  const count = sent.begun + 1
  return message.forRecipients(
    addresses,
    derivedKey(idempotencyKey, (key) => `${key};dedupe=${count}`),
  )
}

/** The outcome that is remembered, for a message of its own. */
function remembered(message: Message, result: Kept['result']): Delivery | MailError {
  if (!MailError.is(result)) return result
  return failureFor(
    message,
    result,
    message.envelope.to.map((address) => ({ address, status: 'unknown' })),
  )
}

/** The outcome of the flight of another call, for a message of its own. */
function shared(message: Message, flight: Flight): Part {
  const result = flight.result!
  if (!MailError.is(result)) return [message, plain(result, flight.messageId)]
  const outcomes = message.envelope.to.map((address) => ({
    ...(flight.outcomeOf(mailboxKey(address)) ?? ({ status: 'unknown' } as const)),
    address,
  }))
  if (outcomes.every(({ status }) => status === 'accepted'))
    return [message, acceptedAlone(result, outcomes[0], flight.messageId)]
  return [message, failureFor(message, result, outcomes)]
}

/** The failure of a call that stopped waiting: the other one may deliver the message. */
function gaveUp(message: Message, { signal }: TransportContext, transport: string): MailError {
  const { kind } = diagnoseAbort(signal)
  return failAll(message, 'unknown', {
    stage: 'submit',
    kind,
    summary: 'another call is sending the message with this key, and this one stopped waiting for it',
    hint: 'Do not send the message again with another key: the other call may deliver it.',
    transport,
  })
}

/** A call stopped waiting, and reported that the outcome is unknown. Now it is known. */
function tellWhenOver(part: Message, flight: Flight, context: TransportContext): void {
  const [, result] = shared(part, flight)
  if (!MailError.is(result) || result.delivered !== 'unknown') tellLate(context, result)
}

/** Waits for a flight of another call. False if the signal of this one comes first. */
function isOver(
  flight: Flight,
  signal: AbortSignal | undefined,
  listeners: AbortListeners<() => void>,
): Promise<boolean> {
  if (flight.result) return Promise.resolve(true)
  // A flight that was aborted as well ends by itself, and says how far it came.
  const mayLeave = (): boolean => !flight.signal?.aborted
  if (signal?.aborted && mayLeave()) return Promise.resolve(false)
  return new Promise((resolve) => {
    const leave = (): void => {
      if (mayLeave()) end(false)
    }
    const end = (over: boolean): void => {
      listeners.remove(signal, leave)
      resolve(over)
    }
    listeners.add(signal, leave)
    void flight.done.then(() => end(true))
  })
}
