import type { Kind } from '@loudmail/core'
import type { Conversation } from './conversation.ts'
import type { Sending } from './sending.ts'

/** Why a message is not asked for at all: checked once the server's offer is known, before MAIL (RFC 5321 section 4.1.1.2). */
export interface Refusal {
  readonly kind: Kind
  readonly summary?: string | undefined
}

export function refusalOf(sending: Sending, conversation: Conversation): Refusal | undefined {
  const offers = (keyword: string): boolean => conversation.capabilities?.has(keyword) ?? false
  const { message, size } = sending
  if (!message) return undefined
  if (sending.isDelivered)
    return { kind: 'unexpected', summary: 'nodemailer began a second try of a message that may be delivered' }
  if (message.envelope.smtputf8 && !offers('SMTPUTF8')) return { kind: 'smtputf8-required' }
  if (message.requireTlsOnward && !(conversation.isSecure && offers('REQUIRETLS')))
    return { kind: 'requiretls-not-offered' }
  const limit = Number(conversation.capabilities?.get('SIZE')?.[0] ?? 0)
  if (size !== undefined && limit > 0 && size > limit) {
    return {
      kind: 'message-too-large',
      summary: `the message has ${size} octets, and the server takes ${limit}`,
    }
  }
  if (sending.isEightBit && !offers('8BITMIME')) {
    return {
      kind: 'content-rejected',
      summary: 'the raw message holds 8-bit octets, which the server does not offer to take (8BITMIME)',
    }
  }
  return undefined
}
