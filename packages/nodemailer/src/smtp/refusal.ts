import type { Kind } from '@loudmail/core'
import type { Capabilities } from '@loudmail/core/transport'
import type { Sending } from './sending.ts'

/** Why MAIL is not sent for a message: checked once it is known what the server offers (RFC 5321 section 4.1.1.2). */
export interface Refusal {
  readonly kind: Kind
  readonly summary?: string | undefined
}

export function refusalOf(
  { message, size, isEightBit, mayBeDelivered }: Sending,
  offered: Capabilities,
  isSecure: boolean,
): Refusal | undefined {
  if (!message) return undefined
  if (mayBeDelivered)
    return {
      kind: 'unexpected',
      summary: 'nodemailer began a second attempt for a message that may have been delivered',
    }
  if (message.envelope.smtputf8 && !offered.has('SMTPUTF8')) return { kind: 'smtputf8-required' }
  if (message.requireTlsOnward && !(isSecure && offered.has('REQUIRETLS')))
    return { kind: 'requiretls-not-offered' }
  const { maxSize } = offered
  if (size !== undefined && maxSize !== undefined && size > maxSize)
    return {
      kind: 'message-too-large',
      summary: `the message has ${size} octets, and the server accepts at most ${maxSize}`,
    }
  if (isEightBit && !offered.has('8BITMIME'))
    return {
      kind: 'content-rejected',
      summary: 'the raw message contains 8-bit octets, and the server does not offer 8BITMIME',
    }
  return undefined
}
