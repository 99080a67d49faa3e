import type { Kind, Stage } from '../failure/vocabulary.ts'

/**
 * What the details of enhanced status codes mean, without the class. Details that say too little are missing.
 *
 * @see the IANA registry of enhanced status codes
 */
const DETAILS: Readonly<Record<string, Kind>> = {
  '1.1': 'mailbox-unknown',
  '1.2': 'domain-unknown',
  '1.3': 'invalid-address',
  '1.4': 'mailbox-unknown',
  '1.6': 'mailbox-unknown',
  '1.7': 'sender-rejected',
  '1.8': 'sender-rejected',
  '1.10': 'domain-unknown',
  '2.1': 'mailbox-disabled',
  '2.2': 'mailbox-full',
  '2.3': 'message-too-large',
  '2.4': 'server-error',
  '3.1': 'server-storage',
  '3.2': 'service-unavailable',
  '3.4': 'message-too-large',
  '3.5': 'server-error',
  '4.3': 'server-error',
  '4.4': 'domain-unknown',
  '4.5': 'service-unavailable',
  '4.6': 'content-rejected',
  // Exchange Online: the DNS domain does not exist.
  '4.310': 'domain-unknown',
  '5.3': 'too-many-recipients',
  '6.0': 'content-rejected',
  '6.1': 'content-rejected',
  '6.2': 'content-rejected',
  '6.3': 'content-rejected',
  '6.4': 'content-rejected',
  '6.5': 'content-rejected',
  '6.6': 'content-rejected',
  '6.7': 'smtputf8-required',
  '6.8': 'smtputf8-required',
  '6.9': 'smtputf8-required',
  '6.10': 'smtputf8-required',
  // Exchange Online: bare line feeds in the message.
  '6.11': 'content-rejected',
  '7.2': 'policy',
  '7.4': 'policy',
  '7.5': 'policy',
  '7.7': 'content-rejected',
  '7.10': 'tls-required',
  '7.11': 'tls-required',
  '7.13': 'mailbox-disabled',
  '7.14': 'auth-required',
  '7.15': 'policy',
  '7.16': 'message-too-large',
  '7.17': 'mailbox-unknown',
  '7.18': 'domain-unknown',
  '7.20': 'authentication-policy',
  '7.21': 'authentication-policy',
  '7.22': 'authentication-policy',
  '7.23': 'authentication-policy',
  '7.24': 'authentication-policy',
  '7.25': 'policy',
  '7.26': 'authentication-policy',
  '7.27': 'sender-rejected',
  '7.28': 'rate-limited',
  '7.29': 'authentication-policy',
  '7.30': 'requiretls-not-offered',
  '7.57': 'auth-required',
  '7.60': 'sender-not-owned',
}

/** At AUTH (RFC 4954 section 6) these have a meaning of their own. */
const AT_AUTH: Readonly<Record<string, Kind>> = {
  '7.4': 'auth-mechanism',
  '7.8': 'bad-credentials',
  '7.9': 'auth-mechanism',
  '7.10': 'tls-required',
  '7.11': 'tls-required',
  '7.12': 'auth-mechanism',
  '7.13': 'account-blocked',
  '7.14': 'web-login-required',
}

/** What an enhanced status code means at a stage. Undefined if it says too little. */
export function kindOfEnhanced(stage: Stage, code: number, enhanced: string | undefined): Kind | undefined {
  const detail = enhanced?.slice(2) ?? ''
  if (stage === 'auth') return AT_AUTH[detail] ?? DETAILS[detail]
  // Postfix reports a refused sender at RCPT. Before RCPT, the code cannot mean a recipient.
  if (stage === 'mail-from' && /^1\.[0-3]$/.test(detail)) return 'sender-rejected'
  // OpenSMTPD refuses unknown recipients with 5.2.4, Exchange Online with 5.4.1.
  if (stage === 'rcpt-to' && (detail === '2.4' || (detail === '4.1' && code >= 500))) return 'mailbox-unknown'
  return DETAILS[detail]
}
