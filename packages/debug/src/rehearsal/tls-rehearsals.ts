import type { Kind } from '@loudmail/core'
import { certificates, type Action, type ServerScript } from '@loudmail/server'
import { REPLIES } from './replies.ts'
import { encrypted, TIMEOUT_MS, type DebugTls, type Rehearsal } from './rehearsal.ts'

/** The TLS alert unrecognized_name (RFC 6066 section 3): the server has no certificate for the name. */
const UNKNOWN_NAME = '\u0015\u0003\u0003\u0000\u0002\u0002\u0070'

/** What can go wrong with TLS: from the first byte if `used` is `implicit`, otherwise with STARTTLS. */
export function tlsRehearsals(used: DebugTls): readonly (readonly [Kind, Rehearsal])[] {
  const client = { timeouts: { tls: TIMEOUT_MS } }
  const withStartTls = (action: Action): Rehearsal =>
    encrypted({ script: { on: { STARTTLS: action } }, client }, 'starttls')
  const onlyWithStartTls: (readonly [Kind, Rehearsal])[] = [
    ['starttls-not-offered', { ...encrypted({}, 'none'), client: { tls: 'starttls' } }],
    ['tls-unavailable', withStartTls('454 4.7.0 TLS not available')],
    ['service-unavailable', withStartTls(REPLIES['service-unavailable'])],
    ['protocol', withStartTls({ raw: 'What is this?\r\n' })],
    ['response-injection', withStartTls({ starttls: { inject: '250 2.0.0 Ok\r\n' } })],
  ]
  const tls = used === 'implicit' ? 'implicit' : 'starttls'
  const showing = (script: ServerScript): Rehearsal => encrypted({ script }, tls)
  const { ca } = certificates
  const handshakes: (readonly [Kind, Rehearsal])[] = [
    ['certificate-untrusted', showing({ cert: 'selfsigned' })],
    ['certificate-expired', showing({ cert: 'expired' })],
    ['certificate-hostname', showing({ cert: 'wronghost' })],
    [
      'client-certificate-required',
      showing({ tlsOpts: { requestCert: true, rejectUnauthorized: true, ca } }),
    ],
    ['protocol-version', showing({ tlsOpts: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } })],
  ]
  /** A server without TLS, for a client that begins with TLS. */
  const plain = (action: Action): Rehearsal => ({
    script: { on: { CONNECT: action } },
    client: { ...client, tls: 'implicit' },
  })
  const broken: (readonly [Kind, Rehearsal])[] =
    tls === 'implicit'
      ? [
          ['not-tls', plain({ pass: true })],
          ['handshake', plain({ raw: UNKNOWN_NAME })],
          ['timeout', plain({ stall: true })],
          ['connection-lost', plain({ close: 'fin' })],
        ]
      : [
          ['not-tls', withStartTls({ starttls: { garbage: '250 2.0.0 Ok\r\n' } })],
          ['handshake', withStartTls({ starttls: { garbage: UNKNOWN_NAME } })],
          ['timeout', withStartTls({ starttls: { stall: true } })],
          [
            'connection-lost',
            withStartTls({ seq: [{ raw: '220 2.0.0 Ready to start TLS\r\n' }, { close: 'fin' }] }),
          ],
        ]
  return [...onlyWithStartTls, ...handshakes, ...broken]
}
