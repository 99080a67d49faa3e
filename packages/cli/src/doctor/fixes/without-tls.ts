import type { Candidate, Family, Trouble } from './candidate.ts'
import { endpointOf } from './endpoint.ts'

/** Without TLS, to a server on this machine: nobody is on the way. */
export const withoutTlsAtHome: Family = (trouble) =>
  endpointOf(trouble.options).isOwn ? withoutTls(trouble) : []

/** The last resort where TLS does not work. Never with a password that would leave this machine. */
export const withoutTlsElsewhere: Family = (trouble) =>
  endpointOf(trouble.options).isOwn || trouble.options.auth ? [] : withoutTls(trouble)

function withoutTls({ options, failure: { stage, kind } }: Trouble): Candidate[] {
  const { tls, isOwn } = endpointOf(options)
  if (stage !== 'tls' || tls !== 'starttls' || kind.startsWith('certificate-')) return []
  return [
    {
      change: isOwn
        ? 'The server is on this machine, so it can do without TLS: set `tls` to `none`.'
        : 'Only on a network that you trust: do without TLS, with `tls` set to `none`. Everybody on the way can then read and change the mail.',
      options: { ...options, tls: 'none' },
    },
  ]
}
