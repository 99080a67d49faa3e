/** The steps of a send, in the order they happen. */
export const STAGES = [
  'config',
  'compose',
  'queue',
  'dns',
  'connect',
  'tls',
  'greeting',
  'ehlo',
  'auth',
  'mail-from',
  'rcpt-to',
  'data',
  'body',
  'submit',
] as const

/**
 * Where a send had come to. `compose` is before any connection, `body` runs from the first octet of content to
 * the server's final reply, `submit` is a whole message handed to an HTTP API, a program or a store.
 */
export type Stage = (typeof STAGES)[number]

/** Whose fault a failure is: another transport may succeed only where it is `transport`. */
export type Scope = 'transport' | 'sender' | 'recipient' | 'message'

/** `transient` may pass by itself, `permanent` needs somebody to act, `unknown` may have gone out. */
export type Permanence = 'permanent' | 'transient' | 'unknown'

/** What may have reached a mailbox: `some` of the recipients, `none`, or `unknown` for at least one. */
export type Delivered = 'none' | 'some' | 'unknown'

/** Every kind of failure with the scope that goes with it. */
export const KIND_SCOPES = {
  // local
  'invalid-config': 'transport',
  'missing-credentials': 'transport',
  'no-recipients': 'message',
  'invalid-message': 'message',
  'invalid-address': 'message',
  'header-injection': 'message',
  attachment: 'message',
  'pool-closed': 'transport',
  'queue-full': 'transport',
  aborted: 'message',
  storage: 'transport',
  // network
  'host-not-found': 'transport',
  'dns-temporary': 'transport',
  proxy: 'transport',
  'connection-refused': 'transport',
  unreachable: 'transport',
  timeout: 'transport',
  'connection-lost': 'transport',
  // tls
  'not-tls': 'transport',
  'protocol-version': 'transport',
  'certificate-untrusted': 'transport',
  'certificate-expired': 'transport',
  'certificate-hostname': 'transport',
  'client-certificate-required': 'transport',
  'starttls-not-offered': 'transport',
  'tls-unavailable': 'transport',
  'requiretls-not-offered': 'transport',
  'response-injection': 'transport',
  // protocol
  'not-smtp': 'transport',
  protocol: 'transport',
  // auth
  'auth-not-offered': 'transport',
  'auth-mechanism': 'transport',
  'bad-credentials': 'transport',
  'app-password-required': 'transport',
  'web-login-required': 'transport',
  'oauth-token': 'transport',
  'auth-temporary': 'transport',
  'auth-required': 'transport',
  'tls-required': 'transport',
  // server
  'service-unavailable': 'transport',
  'server-error': 'transport',
  'server-storage': 'transport',
  'rate-limited': 'transport',
  greylisted: 'recipient',
  policy: 'transport',
  rejected: 'message',
  // address
  'mailbox-unknown': 'recipient',
  'domain-unknown': 'recipient',
  'mailbox-full': 'recipient',
  'mailbox-disabled': 'recipient',
  'relay-denied': 'transport',
  'too-many-recipients': 'transport',
  'sender-rejected': 'sender',
  'sender-not-owned': 'sender',
  'smtputf8-required': 'transport',
  mixed: 'recipient',
  // content
  'message-too-large': 'message',
  spam: 'message',
  'authentication-policy': 'sender',
  'content-rejected': 'message',
  // a bug in a transport
  unexpected: 'transport',
} as const satisfies Record<string, Scope>

/** What happened at a stage. The list is closed; a minor version may add to it, so exhaustive code needs a default. */
export type Kind = keyof typeof KIND_SCOPES

/** `stage/kind`: one string to log, to switch on and to look up in the docs. */
export type FailureCode = `${Stage}/${Kind}`
