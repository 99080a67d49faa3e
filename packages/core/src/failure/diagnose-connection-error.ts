import type { Kind, Stage } from './vocabulary.ts'

/** What an error of Node's resolver, sockets or TLS means. */
export interface ConnectionDiagnosis {
  /** The stage that such an error belongs to, if the error itself shows it. */
  readonly stage?: Stage
  readonly kind: Kind
}

const CODES: Readonly<Record<string, ConnectionDiagnosis>> = {
  ENOTFOUND: { stage: 'dns', kind: 'host-not-found' },
  ENODATA: { stage: 'dns', kind: 'host-not-found' },
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
  EPROTO: { stage: 'tls', kind: 'not-tls' },
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
  CA_MD_TOO_WEAK: { stage: 'tls', kind: 'certificate-untrusted' },
  EE_KEY_TOO_SMALL: { stage: 'tls', kind: 'certificate-untrusted' },
  CA_KEY_TOO_SMALL: { stage: 'tls', kind: 'certificate-untrusted' },
}

/**
 * Reads the code of an error from a resolver, a socket or a TLS handshake; undefined if the code is not known. Of an
 * `AggregateError` for several addresses, the first error decides.
 */
export function diagnoseConnectionError(error: unknown): ConnectionDiagnosis | undefined {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown[] }
  if (typeof code !== 'string') return errors?.length ? diagnoseConnectionError(errors[0]) : undefined
  const known = CODES[code]
  if (known) return known
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_OSSL_'))
    return { stage: 'tls', kind: openSslKind(code) }
  return undefined
}

function openSslKind(code: string): Kind {
  if (/CERTIFICATE_REQUIRED|PEER_DID_NOT_RETURN_A_CERTIFICATE|ALERT_HANDSHAKE_FAILURE_CERT/.test(code)) {
    return 'client-certificate-required'
  }
  if (/ALERT_CERTIFICATE_EXPIRED/.test(code)) return 'certificate-expired'
  if (
    /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_REVOKED|UNSUPPORTED_CERTIFICATE)/.test(
      code,
    )
  ) {
    // The server refused our certificate.
    return 'client-certificate-required'
  }
  if (
    /WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH|BAD_RECORD_TYPE|INVALID_RECORD|UNKNOWN_PROTOCOL/.test(
      code,
    )
  )
    return 'not-tls'
  if (
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|NO_SHARED_CIPHER|HANDSHAKE_FAILURE|NO_CIPHER|INSUFFICIENT_SECURITY|VERSION_TOO_LOW|INAPPROPRIATE_FALLBACK/.test(
      code,
    )
  ) {
    return 'protocol-version'
  }
  // A server that sends an alert speaks TLS.
  if (/_ALERT_/.test(code)) return 'tls-unavailable'
  return /UNEXPECTED_EOF/.test(code) ? 'connection-lost' : 'not-tls'
}
