import type { Message } from '@loudmail/core'
import type { Composed } from '@loudmail/mime'
import type { Capabilities } from '@loudmail/core/transport'

/** The MAIL command with its parameters (RFC 5321 section 4.1.1.2, RFC 1870, 6152, 6531, 3461, 8689). */
export function mailCommand(
  { envelope, dsn, requireTlsOnward }: Message,
  composed: Composed,
  offered: Capabilities,
): string {
  let command = `MAIL FROM:<${envelope.from}>`
  if (composed.size !== undefined && offered.has('SIZE')) command += ` SIZE=${composed.size}`
  if (composed.eightBit && offered.has('8BITMIME')) command += ' BODY=8BITMIME'
  if (composed.smtputf8) command += ' SMTPUTF8'
  if (requireTlsOnward) command += ' REQUIRETLS'
  if (dsn && offered.has('DSN')) {
    if (dsn.ret) command += ` RET=${dsn.ret === 'full' ? 'FULL' : 'HDRS'}`
    if (dsn.envelopeId !== undefined) command += ` ENVID=${xtext(dsn.envelopeId)}`
  }
  return command
}

/** The RCPT command with its parameters (RFC 5321 section 4.1.1.3, RFC 3461 section 4). */
export function rcptCommand(address: string, { dsn }: Message, offered: Capabilities): string {
  if (!dsn?.notify || !offered.has('DSN')) return `RCPT TO:<${address}>`
  const notify = dsn.notify === 'never' ? 'NEVER' : dsn.notify.join(',').toUpperCase()
  // oxlint-disable-next-line no-control-regex
  const type = /[^\0-\x7F]/.test(address) ? 'utf-8' : 'rfc822'
  return `RCPT TO:<${address}> NOTIFY=${notify} ORCPT=${type};${xtext(address)}`
}

/** RFC 3461 section 4. */
function xtext(text: string): string {
  return text.replaceAll(
    /[+=\s]/g,
    (character) => `+${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
