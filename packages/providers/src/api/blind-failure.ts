import type { Kind, Stage } from '@loudmail/core'
import { diagnoseConnectionError, tlsFailure, type TlsFailure } from '@loudmail/core/transport'

/** Where and why it failed. */
interface BlindFailure extends TlsFailure {
  readonly stage: Stage
  readonly cause?: unknown
}

/** Kinds that come before the first octet of a request, and never after it. */
const BEFORE: ReadonlySet<Kind> = new Set([
  'host-not-found',
  'dns-temporary',
  'connection-refused',
  'certificate-expired',
  'certificate-hostname',
  'certificate-untrusted',
])

/** The errors of Deno have no codes. These words say that there was no connection. */
const NO_CONNECTION = 'client error (Connect)'
const WORDS: readonly (readonly [RegExp, BlindFailure])[] = [
  [/: dns error:/, { stage: 'dns', kind: 'host-not-found' }],
  [/: Connection refused/, { stage: 'connect', kind: 'connection-refused' }],
  [/: invalid peer certificate/, { stage: 'tls', kind: 'certificate-untrusted' }],
]

/**
 * What an error of `fetch` means in a runtime that does not tell how far a request came, such as Bun and Deno. Nothing was
 * written if the error itself says so. Any other may have come after all of the request.
 */
export function blindFailure(cause: unknown, host: string): BlindFailure {
  const { message } = (cause ?? {}) as { message?: unknown }
  if (typeof message === 'string' && message.includes(NO_CONNECTION)) {
    const said = WORDS.find(([pattern]) => pattern.test(message))?.[1]
    return { ...(said ?? { stage: 'connect', kind: 'connection-lost' }), cause }
  }
  const { stage, kind } = diagnoseConnectionError(cause) ?? { kind: 'connection-lost' as const }
  // An established connection can end as unreachable, too, or with an alert of TLS.
  if (stage === undefined || !BEFORE.has(kind))
    return { stage: 'submit', kind: stage === undefined ? kind : 'connection-lost', cause }
  return stage === 'tls' ? { stage, ...tlsFailure(cause, host), cause } : { stage, kind, cause }
}
