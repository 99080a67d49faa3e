import type { Kind, Stage } from './vocabulary.ts'

/** What an error of Node's resolver, sockets or TLS means. */
export interface ConnectionDiagnosis {
  /** The stage that such an error belongs to, if the error itself shows it. */
  readonly stage?: Stage
  /** What happened. */
  readonly kind: Kind
}

const CODES: Readonly<Record<string, ConnectionDiagnosis>> = {
  ENOTFOUND: { stage: 'dns', kind: 'host-not-found' },
  ENODATA: { stage: 'dns', kind: 'host-not-found' },
  EBADNAME: { stage: 'dns', kind: 'host-not-found' },
  EAI_NONAME: { stage: 'dns', kind: 'host-not-found' },
  EAI_AGAIN: { stage: 'dns', kind: 'dns-temporary' },
  EAI_FAIL: { stage: 'dns', kind: 'dns-temporary' },
  ESERVFAIL: { stage: 'dns', kind: 'dns-temporary' },
  EREFUSED: { stage: 'dns', kind: 'dns-temporary' },
  ECONNREFUSED: { stage: 'connect', kind: 'connection-refused' },
  EHOSTUNREACH: { stage: 'connect', kind: 'unreachable' },
  ENETUNREACH: { stage: 'connect', kind: 'unreachable' },
  EHOSTDOWN: { stage: 'connect', kind: 'unreachable' },
  ENETDOWN: { stage: 'connect', kind: 'unreachable' },
  EADDRNOTAVAIL: { stage: 'connect', kind: 'unreachable' },
  EACCES: { stage: 'connect', kind: 'unreachable' },
  EPERM: { stage: 'connect', kind: 'unreachable' },
  ETIMEDOUT: { kind: 'timeout' },
  ECONNRESET: { kind: 'connection-lost' },
  ECONNABORTED: { kind: 'connection-lost' },
  EPIPE: { kind: 'connection-lost' },
  ERR_STREAM_PREMATURE_CLOSE: { kind: 'connection-lost' },
  CERT_HAS_EXPIRED: { stage: 'tls', kind: 'certificate-expired' },
  CERT_NOT_YET_VALID: { stage: 'tls', kind: 'certificate-expired' },
  ERR_TLS_CERT_ALTNAME_INVALID: { stage: 'tls', kind: 'certificate-hostname' },
  ERR_TLS_CERT_ALTNAME_FORMAT: { stage: 'tls', kind: 'certificate-hostname' },
  HOSTNAME_MISMATCH: { stage: 'tls', kind: 'certificate-hostname' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { stage: 'tls', kind: 'certificate-untrusted' },
  SELF_SIGNED_CERT_IN_CHAIN: { stage: 'tls', kind: 'certificate-untrusted' },
  UNABLE_TO_GET_ISSUER_CERT: { stage: 'tls', kind: 'certificate-untrusted' },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { stage: 'tls', kind: 'certificate-untrusted' },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { stage: 'tls', kind: 'certificate-untrusted' },
  CERT_UNTRUSTED: { stage: 'tls', kind: 'certificate-untrusted' },
  CERT_REJECTED: { stage: 'tls', kind: 'certificate-untrusted' },
  CERT_REVOKED: { stage: 'tls', kind: 'certificate-untrusted' },
  CERT_SIGNATURE_FAILURE: { stage: 'tls', kind: 'certificate-untrusted' },
  CERT_CHAIN_TOO_LONG: { stage: 'tls', kind: 'certificate-untrusted' },
  INVALID_CA: { stage: 'tls', kind: 'certificate-untrusted' },
  INVALID_PURPOSE: { stage: 'tls', kind: 'certificate-untrusted' },
  PATH_LENGTH_EXCEEDED: { stage: 'tls', kind: 'certificate-untrusted' },
  UNABLE_TO_GET_CRL: { stage: 'tls', kind: 'certificate-untrusted' },
  // Node's code for a check of a certificate that it has no code for, such as a key that is too small.
  UNSPECIFIED: { stage: 'tls', kind: 'certificate-untrusted' },
}

/** Of several addresses that all failed, the kind that tells most decides: a refusal shows that a machine answered. */
const MOST_TELLING: readonly Kind[] = ['connection-refused', 'connection-lost', 'timeout', 'unreachable']

/**
 * Reads the code of an error from a resolver, a socket or a TLS handshake; undefined if the code is not known. Of an
 * `AggregateError` for several addresses, the most telling error decides.
 */
export function diagnoseConnectionError(error: unknown): ConnectionDiagnosis | undefined {
  const { code, errors, message } = (error ?? {}) as { code?: unknown; errors?: unknown[]; message?: unknown }
  if (errors?.length) {
    const found = errors.map((each) => diagnoseConnectionError(each)).filter((each) => each !== undefined)
    return MOST_TELLING.map((kind) => found.find((each) => each.kind === kind)).find(Boolean) ?? found[0]
  }
  if (typeof code !== 'string') return undefined
  if (Object.hasOwn(CODES, code)) return CODES[code]
  const reason = openSslReason(code, typeof message === 'string' ? message : '')
  return reason === undefined ? undefined : { stage: 'tls', kind: openSslKind(reason) }
}

/** What OpenSSL says, in the form of its codes: `WRONG_VERSION_NUMBER`. Node sometimes gives it only in the text. */
function openSslReason(code: string, message: string): string | undefined {
  if (/^ERR_(?:SSL|OSSL|TLS)_/.test(code)) return code
  if (code === 'EPROTO')
    return (/routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? code).toUpperCase().replaceAll(' ', '_')
  return undefined
}

/** The first rule that matches decides. A code that none knows is `handshake`: it says nothing about the port. */
const OPENSSL_KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/CERTIFICATE_REQUIRED|PEER_DID_NOT_RETURN_A_CERTIFICATE/, 'client-certificate-required'],
  [/ALERT_CERTIFICATE_EXPIRED/, 'certificate-expired'],
  // The server refused our certificate.
  [
    /ALERT_(?:UNKNOWN_CA|NO_CERTIFICATE|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_REVOKED|UNSUPPORTED_CERTIFICATE)/,
    'client-certificate-required',
  ],
  [/(?:EE|CA)_KEY_TOO_SMALL|(?:CA|EE)_MD_TOO_WEAK|CERTIFICATE_VERIFY_FAILED/, 'certificate-untrusted'],
  [
    /WRONG_VERSION_NUMBER|HTTPS?_(?:PROXY_)?REQUEST|PACKET_LENGTH|BAD_RECORD_TYPE|INVALID_RECORD|UNKNOWN_PROTOCOL|WRONG_SSL_VERSION/,
    'not-tls',
  ],
  [
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|NO_SHARED|NO_SUITABLE|HANDSHAKE_FAILURE|NO_CIPHER|INSUFFICIENT_SECURITY|VERSION_TOO_LOW|INAPPROPRIATE_FALLBACK|UNSAFE_LEGACY_RENEGOTIATION|DH_KEY_TOO_SMALL|DH_PARAM_SIZE|BAD_ECPOINT|WRONG_CURVE|WRONG_SIGNATURE_TYPE|WRONG_CIPHER_RETURNED|UNKNOWN_CIPHER_RETURNED/,
    'protocol-version',
  ],
  [/UNEXPECTED_EOF/, 'connection-lost'],
  // The server itself failed: it may work again later.
  [/ALERT_INTERNAL_ERROR|ALERT_USER_CANCELLED|ALERT_CLOSE_NOTIFY/, 'tls-unavailable'],
]

function openSslKind(reason: string): Kind {
  return OPENSSL_KINDS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'handshake'
}
