import { combine, type Part } from './combine.ts'
import { checkOptions, configError } from '../failure/config-error.ts'
import { MailError } from '../failure/mail-error.ts'
import type { RecipientOutcome } from '../failure/recipient-outcome.ts'
import { asciiDomain } from '../message/addr-spec.ts'
import { needsSmtpUtf8, NONE, parseAddressList, parseMailbox } from '../message/address.ts'
import { derivedKey } from '../message/derived-key.ts'
import { distinctMailboxes, mailboxKey } from '../message/mailbox-key.ts'
import type { AddressListInput } from '../message/message-input.ts'
import type { Message } from '../message/message.ts'
import { withOriginalRecipients } from '../message/original-recipients.ts'
import type { ParsedMessage } from '../message/parsed-message.ts'
import { completeFailure, deliveryOf, sendThrough } from '../transports/send-through.ts'
import { tellLate } from '../transports/tell.ts'
import type { Delivery, Transport, TransportContext } from '../transports/transport.ts'
import { wrap } from '../transports/wrap.ts'

/** Where the mail of a test system goes; at least one of the two. */
export interface RedirectOptions {
  /** Who gets the messages instead of their recipients. @default nobody: they are discarded */
  readonly to?: AddressListInput | undefined
  /** Who gets their messages all the same: whole addresses, and domains without their subdomains. @default nobody */
  readonly allow?: readonly string[] | undefined
}

/**
 * For test systems: sends every message to `to` instead of its recipients, except those that are allowed. The message says
 * who it was for, in one `X-Original-To` field for each recipient, and its fields `List-Unsubscribe` and `List-Unsubscribe-Post`
 * begin with `X-Original-`. The allowed recipients get theirs as it was written. It prints a warning when it is created.
 *
 * @throws MailError `config/invalid-config`
 */
export function redirect(transport: Transport, options: RedirectOptions): Transport {
  checkOptions(options, 'redirect()', { to: true, allow: true })
  if (options.to === undefined && options.allow === undefined)
    throw configError('redirect() needs the option to, the option allow, or both')
  const to = options.to === undefined ? NONE : targets(options.to)
  const isAllowed = allowance(options.allow ?? NONE)
  const isTarget = setOf(to.map(mailboxKey))
  const self = wrap('redirect', transport, (message, context) =>
    message.envelope.to.every(isAllowed)
      ? sendThrough(transport, message, context, deliveryOf)
      : sendElsewhere(message, context).then(deliveryOf),
  )
  warn(to.length > 0, options.allow !== undefined)

  /** Sends a message with recipients who are not allowed. */
  async function sendElsewhere(message: Message, context: TransportContext): Promise<Delivery | MailError> {
    const all = message.envelope.to
    const isReal = (address: string): boolean =>
      // A mailbox that is in `to` gets one copy, which says what it was for.
      isAllowed(address) && !isTarget(mailboxKey(address))
    const real = all.filter(isReal)
    const others = all.filter((address) => !isReal(address))
    if (to.length === 0) return sendToReal(message, real, others, context)
    const part = real.length === 0 ? message : message.forRecipients(others)
    const copy = redirected(part, to)
    if (real.length === 0) {
      const late = (said: Delivery | MailError): void => tellLate(context, asOriginals(part, copy, said))
      return asOriginals(part, copy, await sendThrough(transport, copy, { ...context, late }))
    }
    return sendBoth([message.forRecipients(real), part, copy], context)
  }

  /** Sends to those that are allowed. For the others there is nothing to do. */
  async function sendToReal(
    message: Message,
    real: readonly string[],
    others: readonly string[],
    context: TransportContext,
  ): Promise<Delivery | MailError> {
    if (real.length === 0) return { transport: self.name, state: 'discarded', failures: NONE }
    const result = await sendThrough(transport, message.forRecipients(real), context)
    if (!MailError.is(result)) return result
    const { recipients, permanence, delivered, hint } = result
    const none = others.map((address) => ({ address, status: 'not-attempted' }) as const)
    return result.with({ recipients: [...recipients, ...none], permanence, delivered, hint })
  }

  /** Sends to those that are allowed, then to `to`: content that can be read only once goes to those that are allowed. */
  async function sendBoth(
    [real, part, copy]: readonly [real: Message, part: Message, copy: Message],
    context: TransportContext,
  ): Promise<Delivery | MailError> {
    const parts: Part[] = []
    const early: (() => void)[] = []
    const heed = (index: number, said: Delivery | MailError): void => {
      const [whole] = parts[index]!
      const result = index === 1 ? asOriginals(part, copy, said) : said
      parts[index] = [whole, MailError.is(result) ? completeFailure(result, whole, transport.name) : result]
      tellLate(context, combine(self.name, parts))
    }
    const late = (index: number) => (said: Delivery | MailError) => {
      if (parts.length === 2) heed(index, said)
      else early.push(() => heed(index, said))
    }
    const first = await sendThrough(transport, real, { ...context, late: late(0) })
    const second = await sendThrough(transport, copy, { ...context, late: late(1) })
    parts.push([real, first], [part, asOriginals(part, copy, second)])
    const result = combine(self.name, parts)
    for (const tell of early) tell()
    return result
  }

  return {
    ...self,
    async verify(context) {
      if (!context?.envelope) return self.verify!(context)
      const { from, to: all } = context.envelope
      const asked = [...all.filter(isAllowed), ...to]
      const smtputf8 = [from, ...asked].some(needsSmtpUtf8)
      const envelope = asked.length === 0 ? undefined : { from, to: asked, smtputf8 }
      await self.verify!({ ...context, envelope })
    },
  }
}

/** A message of its own, so it has a key of its own. */
function redirected(message: Message, to: readonly string[]): Message {
  const { idempotencyKey } = message
  const changes = {
    ...withOriginalRecipients(message, message.envelope.to),
    idempotencyKey: idempotencyKey && derivedKey(idempotencyKey, (key) => `redirect:${key}`),
  }
  // Only core creates messages.
  return (message as unknown as ParsedMessage).readdressed(to, changes) as unknown as Message
}

/**
 * What became of `copy`, told for the recipients of `message`. They have it if one of those in `to` has it, so that nobody
 * in `to` gets it again when others did not get it.
 */
function asOriginals(message: Message, copy: Message, result: Delivery | MailError): Delivery | MailError {
  if (!MailError.is(result)) return result
  const error = completeFailure(result, copy, result.transport ?? 'redirect()')
  const { permanence, delivered, kind, scope, reply, retryAfterMs } = error
  const has = (status: RecipientOutcome['status']): boolean =>
    error.recipients.some((recipient) => recipient.status === status)
  const status = (['unknown', 'accepted', 'rejected'] as const).find(has) ?? 'not-attempted'
  return error.with({
    recipients: message.envelope.to.map((address) =>
      status === 'rejected' ? { address, status, permanence, kind, scope, reply } : { address, status },
    ),
    permanence,
    delivered,
    retryAfterMs,
    hint: `redirect() sent the message to the addresses in its option to, and this happened there. ${error.hint}`,
  })
}

function targets(to: AddressListInput): readonly string[] {
  const found = parsed(() => distinctMailboxes(parseAddressList(to, 'to')))
  if (!found || found.length === 0)
    throw configError('redirect() to must be an address, or a list of addresses')
  return found
}

function allowance(allow: readonly string[]): (address: string) => boolean {
  const wrong = (): never => {
    throw configError(
      'redirect() allow must be a list of addresses, and of domains such as example.com; list subdomains one by one',
    )
  }
  if (!Array.isArray(allow)) wrong()
  const keys = allow.map((entry: unknown): string => {
    if (typeof entry !== 'string') return wrong()
    if (entry.includes('@')) return mailboxKey(parsed(() => parseMailbox(entry, 'allow')) ?? wrong())
    return asciiDomain(entry)?.toLowerCase() ?? wrong()
  })
  const isKnown = setOf(keys)
  return (address) => {
    const mailbox = mailboxKey(address)
    return isKnown(mailbox) || isKnown(mailbox.slice(mailbox.lastIndexOf('@') + 1))
  }
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    // The error would show the value of the option.
    return undefined
  }
}

function setOf(keys: readonly string[]): (key: string) => boolean {
  const set = new Set(keys)
  return (key) => set.has(key)
}

function warn(hasTarget: boolean, hasAllowed: boolean): void {
  const what = hasTarget
    ? 'goes to the addresses in its option to, and not to its recipients'
    : 'is discarded'
  const except = hasAllowed ? ', except for the recipients that it allows' : ''
  process.emitWarning(`redirect() is in use: mail ${what}${except}`, 'LoudmailWarning')
}
