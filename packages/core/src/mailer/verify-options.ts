import { needsSmtpUtf8, parseAddress, parseAddressList } from '../message/address.ts'
import { checkOptions, configError } from '../failure/config-error.ts'
import { MailError } from '../failure/mail-error.ts'
import { distinctMailboxes } from '../message/mailbox-key.ts'
import type { AddressInput, AddressListInput, MessageInput } from '../message/message-input.ts'
import type { Envelope } from '../message/message.ts'
import type { Transport } from '../transports/transport.ts'

/** The options of a check. */
export interface VerifyOptions {
  /** Also ask whether the server accepts these recipients. Nothing is sent. @default none: only connect and log in */
  readonly to?: AddressListInput | undefined
  /** With `to`: the sender to ask for. @default that of the `defaults` of the mailer */
  readonly from?: AddressInput | undefined
  /** Ends the check. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The envelope that a check asks for; undefined if it asks for none.
 *
 * @throws MailError `config/invalid-config`; `compose/invalid-address` or `compose/no-recipients`, as a send would
 */
export function envelopeToVerify(
  options: VerifyOptions,
  defaults: Partial<MessageInput>,
  transport: Transport,
): Envelope | undefined {
  checkOptions(options, 'verify()', { to: true, from: true, signal: true })
  const { to, from, signal } = options
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw configError('the signal option of verify() must be an AbortSignal')
  if (to === undefined) {
    if (from !== undefined) throw configError('the from option of verify() needs to')
    return undefined
  }
  if (transport.verifiesEnvelope !== true)
    throw configError(
      `${transport.name} cannot ask whether a server accepts senders and recipients: only a send shows that. Call verify() without to`,
    )
  const sender = from === undefined ? usualSender(defaults) : parseAddress(from, 'from').address
  if (sender === undefined)
    throw configError('verify() needs the sender to ask for: set from, here or in the defaults of the Mailer')
  const recipients = distinctMailboxes(parseAddressList(to, 'to'))
  if (recipients.length === 0)
    throw new MailError({ stage: 'compose', kind: 'no-recipients', summary: 'there is no address in to' })
  return { from: sender, to: recipients, smtputf8: [sender, ...recipients].some(needsSmtpUtf8) }
}

/** The sender of the envelope of a message that sets none of these fields. */
function usualSender({ envelope, sender, from }: Partial<MessageInput>): string | undefined {
  return envelope?.from ?? parseAddressList(sender ?? from, 'from')[0]?.address
}
