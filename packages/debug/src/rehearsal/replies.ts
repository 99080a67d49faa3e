import type { Kind, Stage } from '@loudmail/core'

/** What servers typically say, by what it means. */
export const REPLIES = {
  'service-unavailable': '421 4.3.2 Service not available, closing transmission channel',
  'server-error': '451 4.3.0 Requested action aborted: local error in processing',
  'server-storage': '452 4.3.1 Insufficient system storage',
  'rate-limited': '450 4.7.28 Too many messages, slow down',
  greylisted: '451 4.7.1 Greylisted, try again in five minutes',
  policy: '550 5.7.1 Refused by policy: your host is on a block list',
  rejected: '554 5.0.0 Transaction failed',
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

/** Of a transaction: what servers say at each of its stages. */
const TRANSACTION = [
  'service-unavailable',
  'server-error',
  'server-storage',
  'rate-limited',
  'policy',
  'rejected',
] as const

/** What a server may say at each stage. */
export const REPLIED_KINDS: Readonly<Partial<Record<Stage, readonly RepliedKind[]>>> = {
  greeting: ['service-unavailable', 'rate-limited', 'policy', 'rejected'],
  ehlo: ['service-unavailable', 'rate-limited', 'policy', 'rejected'],
  auth: [
    'bad-credentials',
    'app-password-required',
    'web-login-required',
    'auth-temporary',
    'service-unavailable',
    'tls-required',
  ],
  'mail-from': [
    ...TRANSACTION,
    'sender-rejected',
    'sender-not-owned',
    'auth-required',
    'tls-required',
    'message-too-large',
    'smtputf8-required',
    'requiretls-not-offered',
  ],
  'rcpt-to': [
    ...TRANSACTION,
    'greylisted',
    'mailbox-unknown',
    'domain-unknown',
    'mailbox-full',
    'mailbox-disabled',
    'relay-denied',
    'too-many-recipients',
    'invalid-address',
    'sender-rejected',
    'sender-not-owned',
    'smtputf8-required',
    'auth-required',
    'tls-required',
  ],
  data: [...TRANSACTION, 'message-too-large', 'spam', 'content-rejected'],
  body: [
    ...TRANSACTION,
    'message-too-large',
    'spam',
    'authentication-policy',
    'content-rejected',
    'greylisted',
    'mailbox-full',
  ],
}
