import type { PeerCertificate } from 'node:tls'
import { diagnoseConnectionError } from './diagnose-connection-error.ts'
import type { Kind } from './vocabulary.ts'

/** What a failed TLS handshake means, with what OpenSSL and the server's certificate say about it. */
export interface TlsFailure {
  /** What happened. */
  readonly kind: Kind
  /** What happened, in words. @default the text of the kind */
  readonly summary?: string
  /** What to do about it. @default the hint of the kind */
  readonly hint?: string
}

/** Things that OpenSSL refuses because they are too weak, and what to do about each. */
const WEAK: readonly (readonly [RegExp, what: string, hint: string])[] = [
  [
    /dh[_ ]key[_ ]too[_ ]small|DH_PARAM_SIZE/i,
    "the server's Diffie-Hellman key is too small to be safe",
    "Ask the server's operator for Diffie-Hellman parameters of 2048 bits or more, or for ECDHE. Only for a server that you trust: `tlsOptions: { ciphers: 'DEFAULT:!DHE' }` leaves Diffie-Hellman out, and `'DEFAULT@SECLEVEL=0'` accepts the small key.",
  ],
  [
    /(?:EE|CA)[_ ](?:certificate )?key[_ ]too[_ ](?:small|weak)/i,
    'the key of the certificate is too small to be safe',
    "Ask the server's operator for a certificate with a key of 2048 bits or more (RSA), or 256 bits (ECDSA). Only for a server that you trust: `tlsOptions: { ciphers: 'DEFAULT@SECLEVEL=0' }`.",
  ],
  [
    /(?:CA|EE)[_ ]md[_ ]too[_ ]weak|digest algorithm too weak/i,
    'the certificate is signed with a hash that is not safe any more, such as SHA-1',
    "Ask the server's operator for a certificate that is signed with SHA-256. Only for a server that you trust: `tlsOptions: { ciphers: 'DEFAULT@SECLEVEL=0' }`.",
  ],
  [
    /unsafe[_ ]legacy[_ ]renegotiation/i,
    'the server does not support secure renegotiation (RFC 5746)',
    "Ask the server's operator to update its TLS library. Only for a server that you trust: `tlsOptions: { secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT }`, with `constants` from `node:crypto`.",
  ],
]

/** The most names and characters of a certificate that a summary shows. */
const MOST_NAMES = 5
const MOST_LETTERS = 100

/**
 * Diagnoses the error of a TLS handshake.
 *
 * @param host the name that the certificate was checked for
 * @param seen the server's certificate, if it came that far
 */
export function tlsFailure(error: unknown, host: string, seen?: PeerCertificate | null): TlsFailure {
  // Node gives an empty object for none.
  const certificate = seen && Object.keys(seen).length > 0 ? seen : undefined
  const { code, message, reason } = (error ?? {}) as Record<string, unknown>
  const kind = diagnoseConnectionError(error)?.kind ?? 'handshake'
  // A TLS 1.2 server says only that the handshake failed. If it sent a certificate before, it wants one in return.
  const isRefusal = certificate && kind === 'protocol-version' && /ALERT_HANDSHAKE_FAILURE/.test(String(code))
  if (isRefusal) return { kind: 'client-certificate-required' }
  const weak = WEAK.find(([pattern]) => pattern.test(`${String(code)} ${String(message)}`))
  if (weak) return { kind, summary: weak[1], hint: weak[2] }
  if (kind === 'handshake' || kind === 'protocol-version') {
    const said = typeof reason === 'string' ? reason : typeof message === 'string' ? message : ''
    return said === ''
      ? { kind }
      : { kind, summary: `the TLS handshake failed: ${said.slice(0, MOST_LETTERS)}` }
  }
  const summary = certificate && aboutCertificate(kind, host, certificate)
  return summary === undefined ? { kind } : { kind, summary }
}

function aboutCertificate(kind: Kind, host: string, certificate: PeerCertificate): string | undefined {
  if (kind === 'certificate-hostname')
    return `the server's certificate is for ${namesOf(certificate)}, not for ${host}`
  if (kind === 'certificate-expired') {
    const from = new Date(certificate.valid_from)
    const to = new Date(certificate.valid_to)
    if (to.getTime() < Date.now()) return `the server's certificate expired on ${day(to)}`
    if (from.getTime() > Date.now())
      return `the server's certificate is not valid before ${day(from)}: is the clock of this machine right?`
    return "a certificate of the authority that signed the server's certificate has expired or is not valid yet"
  }
  if (kind !== 'certificate-untrusted') return undefined
  const { subject, issuer } = certificate
  const signer = nameIn(issuer)
  if (JSON.stringify(subject) === JSON.stringify(issuer))
    return `the server's certificate is self-signed, by ${signer}`
  return `the server's certificate is not signed by a trusted authority: it is signed by ${signer}`
}

/** The names that a certificate is for, as many as a reader can use. */
function namesOf({ subjectaltname, subject }: PeerCertificate): string {
  const names = [...(subjectaltname ?? '').matchAll(/(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, name]) => name!.slice(0, MOST_LETTERS),
  )
  if (names.length === 0) return nameIn(subject)
  const more = names.length - MOST_NAMES
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** The name in a distinguished name: its CN, else its O. There may be several of each. */
function nameIn({ CN, O }: Partial<Record<'CN' | 'O', string | string[]>> = {}): string {
  return [CN ?? O ?? 'nobody that it names'].flat()[0]!.slice(0, MOST_LETTERS)
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
