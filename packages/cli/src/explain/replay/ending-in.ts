import type { Kind, Stage } from '@loudmail/core'
import { diagnoseConnectionError } from '@loudmail/core/transport'

/** How a connection ended without a reply. */
export interface Ending {
  readonly kind: Kind
  /** Set if the words themselves show it. */
  readonly stage?: Stage | undefined
}

/** What programs say, and the code that Node has for it. The first that matches decides. */
const CODES: readonly (readonly [RegExp, code: string])[] = [
  [
    /Name or service not known|nodename nor servname|could not resolve host|getaddrinfo failed|unknown host|no such host/i,
    'ENOTFOUND',
  ],
  [/temporary failure in name resolution/i, 'EAI_AGAIN'],
  [/connection refused/i, 'ECONNREFUSED'],
  [/no route to host|network is unreachable|network unreachable/i, 'EHOSTUNREACH'],
  [/certificate has expired|certificate is not yet valid/i, 'CERT_HAS_EXPIRED'],
  [
    /hostname mismatch|does not match certificate's altnames|certificate is not valid for|does not match (?:target )?host|no alternative certificate subject name/i,
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  [
    /self.signed certificate|unable to get (?:local )?issuer|unable to verify the first certificate|certificate verify failed/i,
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
  [/wrong version number|http request/i, 'ERR_SSL_WRONG_VERSION_NUMBER'],
  [
    /alert protocol version|unsupported protocol|no protocols available|handshake failure/i,
    'ERR_SSL_HANDSHAKE_FAILURE',
  ],
  [/(?:tls|ssl) handshake fail|ssl error|tls error|ssl:/i, 'ERR_SSL_'],
  [/no answer in time|\btime-?d?[ -]?out\b|timeout/i, 'ETIMEDOUT'],
  [
    /closed by (?:the server|foreign host|remote)|unexpectedly closed|closed unexpectedly|reset by peer|broken pipe|socket hang up|please run connect\(\) first|remote host closed|server dropped|connection closed|Connection lost/i,
    'ECONNRESET',
  ],
]

/** What only the program can know: it did not go on because of what the server offers. */
const LOCAL: readonly (readonly [RegExp, Ending])[] = [
  [/STARTTLS (?:extension )?(?:is )?not supported/i, { stage: 'tls', kind: 'starttls-not-offered' }],
  [/AUTH extension not supported/i, { stage: 'auth', kind: 'auth-not-offered' }],
  [/no suitable authentication method/i, { stage: 'auth', kind: 'auth-mechanism' }],
  [/closed by this side|\baborted\b/i, { kind: 'aborted' }],
]

/** How a connection ended, from what a program says about it; undefined if the words do not speak of an end. */
export function endingIn(text: string): Ending | undefined {
  const local = LOCAL.find(([pattern]) => pattern.test(text))?.[1]
  if (local) return local
  for (const [code] of text.matchAll(/\bE[A-Z_]{4,}\b|\b(?:CERT|ERR|UNABLE|SELF|DEPTH)_[A-Z_]+\b/g)) {
    const found = diagnoseConnectionError({ code, message: text })
    if (found) return found
  }
  const code = CODES.find(([pattern]) => pattern.test(text))?.[1]
  return code === undefined ? undefined : diagnoseConnectionError({ code, message: text })
}
