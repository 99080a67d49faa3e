import { isLoopback, tlsModeOf, type TlsMode } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'

const MODES: Readonly<Record<TlsMode, string>> = {
  implicit: 'TLS from the first octet',
  starttls: 'STARTTLS required',
  opportunistic: 'STARTTLS if it is offered',
  none: 'no TLS',
}

/** Options as a person says them, with the defaults that `smtp()` fills in, and without secrets. */
export function summaryOf({ host, port, tls, lmtp, auth, proxy }: SmtpOptions): string {
  const mode = tlsModeOf(tls, port, proxy === undefined && isLoopback(host))
  const own = port ?? (lmtp ? 24 : mode === 'implicit' ? 465 : 587)
  const who = auth ? `logs in as ${auth.user}` : 'no log-in'
  return [
    `${host}, port ${own}`,
    ...(lmtp ? ['LMTP'] : []),
    MODES[mode],
    who,
    ...(proxy === undefined ? [] : ['through a proxy']),
  ].join(', ')
}
