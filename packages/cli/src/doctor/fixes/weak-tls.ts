import { constants } from 'node:crypto'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Candidate, Family } from './candidate.ts'

type TlsOptions = NonNullable<SmtpOptions['tlsOptions']>

const STOPGAP =
  'Ask the operator of the server to bring its TLS up to date. Until then, and only for a server that you trust: '

/** TLS of a server that is older or weaker than this program accepts. */
export const weakTls: Family = ({ options, failure: { stage, kind, summary } }) => {
  const isWeak = kind === 'certificate-untrusted' && /too (?:small|weak)|not safe/.test(summary)
  const isOld = kind === 'protocol-version' || (kind === 'handshake' && /renegotiation/.test(summary))
  if (stage !== 'tls' || (!isWeak && !isOld)) return []
  const weaker = (words: string, more: TlsOptions): Candidate => ({
    change: `${STOPGAP}${words}.`,
    options: { ...options, tlsOptions: { ...options.tlsOptions, ...more } },
  })
  const level = weaker("set `tlsOptions: { ciphers: 'DEFAULT@SECLEVEL=0' }`", {
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  if (isWeak) return [level]
  if (/renegotiation/.test(summary))
    return [
      weaker(
        'set `tlsOptions: { secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT }`, with `constants` from `node:crypto`',
        { secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT },
      ),
    ]
  const small = /Diffie-Hellman/.test(summary)
    ? [weaker("set `tlsOptions: { ciphers: 'DEFAULT:!DHE' }`", { ciphers: 'DEFAULT:!DHE' })]
    : []
  // The application asks for more than the server has.
  const { minVersion: _, ciphers: __, secureProtocol: ___, ...plain } = options.tlsOptions ?? {}
  const isOwnWish = Object.keys(plain).length < Object.keys(options.tlsOptions ?? {}).length
  const usual: Candidate = {
    change:
      'Leave the TLS versions and ciphers to Node: take `minVersion` and `ciphers` out of `tlsOptions`.',
    options: { ...options, tlsOptions: plain },
  }
  const old = weaker("set `tlsOptions: { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }`", {
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  return [...(isOwnWish ? [usual] : []), ...small, level, old]
}
