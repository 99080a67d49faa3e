import type { Kind, Stage } from '@loudmail/core'
import { KINDS } from '@loudmail/core/transport'

/** Typical replies of servers, by their meaning. */
export const REPLIES = {
  'account-blocked': '550 5.7.0 Your account is suspended',
  'service-unavailable': '421 4.3.2 Service not available, closing transmission channel',
  'server-error': '451 4.3.5 System incorrectly configured',
  'server-storage': '452 4.3.1 Insufficient system storage',
  'rate-limited': '450 4.7.28 Too many messages, slow down',
  greylisted: '451 4.7.1 Greylisted, try again in five minutes',
  policy: '550 5.7.1 Refused by policy: your host is on a block list',
  rejected: '554 5.0.0 Transaction failed',
  suppressed: '550 5.1.1 The address is on your suppression list',
  'mailbox-unknown': '550 5.1.1 No such user here',
  'domain-unknown': '550 5.1.2 The domain does not exist',
  'mailbox-full': '452 4.2.2 Mailbox full',
  'mailbox-disabled': '550 5.2.1 The mailbox is disabled',
  'relay-denied': '554 5.7.1 Relay access denied',
  'too-many-recipients': '452 4.5.3 Too many recipients',
  'sender-rejected': '550 5.1.8 Sender address rejected: domain not found',
  'sender-not-owned': '553 5.7.1 Sender address rejected: not owned by the user who logged in',
  'invalid-address': '501 5.1.3 Bad address syntax',
  'smtputf8-required': '553 5.6.7 The address needs SMTPUTF8',
  'requiretls-not-offered': '550 5.7.30 REQUIRETLS support required',
  'auth-required': '530 5.7.0 Authentication required',
  'tls-required': '530 5.7.0 Must issue a STARTTLS command first',
  'message-too-large': '552 5.3.4 Message size exceeds the limit',
  spam: '550 5.7.1 The message looks like spam',
  'authentication-policy': "550 5.7.26 The sender's domain fails DMARC",
  'content-rejected': '554 5.6.0 The content is not acceptable',
  'bad-credentials': '535 5.7.8 Authentication credentials invalid',
  'app-password-required': '534 5.7.9 Application-specific password required',
  'web-login-required': '534 5.7.14 Please log in via your web browser and then try again',
  'auth-temporary': '454 4.7.0 Temporary authentication failure',
} as const satisfies Partial<Record<Kind, string>>

export type RepliedKind = keyof typeof REPLIES

/** The replies of a server at a stage, from the table of `@loudmail/core`. */
export function repliedKinds(stage: Stage): readonly RepliedKind[] {
  return (Object.keys(REPLIES) as RepliedKind[]).filter((kind) =>
    (KINDS[kind].stages as readonly Stage[]).includes(stage),
  )
}
