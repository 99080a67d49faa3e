import { isLoopback, tlsModeOf, type TlsMode } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'

/** Where and how options connect, with the defaults filled in. */
export interface Endpoint {
  readonly port: number
  readonly tls: TlsMode
  /** The server is on this machine. */
  readonly isOwn: boolean
}

/** @throws MailError `config/invalid-config` if `tls` is not a mode */
export function endpointOf({ host, port, tls, lmtp, proxy }: SmtpOptions): Endpoint {
  // Through a proxy, `localhost` is the proxy's machine.
  const isOwn = proxy === undefined && isLoopback(host)
  const mode = tlsModeOf(tls, port, isOwn)
  return { port: port ?? (lmtp ? 24 : mode === 'implicit' ? 465 : 587), tls: mode, isOwn }
}
