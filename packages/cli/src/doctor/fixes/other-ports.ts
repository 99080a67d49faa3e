import type { Kind, MailError, Stage } from '@loudmail/core'
import type { TlsMode } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Candidate, Family } from './candidate.ts'
import { endpointOf } from './endpoint.ts'
import { isOfferedBefore } from './mechanisms.ts'

/** Nothing answers, or something else than an SMTP server that begins in the expected way. */
const NOT_REACHED: readonly Kind[] = [
  'connection-refused',
  'unreachable',
  'timeout',
  'connection-lost',
  'not-smtp',
  'not-tls',
  'protocol',
]
/** Before a server has greeted. */
const EARLY: readonly Stage[] = ['connect', 'tls', 'greeting']
/** The server answers, but TLS or the log-in does not work on this port. */
const NOT_ON_THIS_PORT: readonly Kind[] = [
  'handshake',
  'tls-unavailable',
  'starttls-not-offered',
  'response-injection',
  'auth-not-offered',
]
/** Servers say so before TLS; after it, another port does not help. */
const BEFORE_TLS: readonly Kind[] = ['auth-mechanism', 'tls-required']
/** What servers say on port 25 to clients that are no servers. */
const ON_RELAY_PORT: readonly Kind[] = ['policy', 'relay-denied', 'rejected', 'service-unavailable']

/** Another port or another beginning of TLS: 465 with TLS from the start, 587 with STARTTLS, 25, 2525. */
export const otherPorts: Family = ({ options, failure, ports }) => {
  const { stage, kind } = failure
  const { port, tls, isOwn } = endpointOf(options)
  const isEarly = NOT_REACHED.includes(kind) && EARLY.includes(stage)
  const isPlain = tls === 'none' || tls === 'opportunistic'
  const isHere = NOT_ON_THIS_PORT.includes(kind) || (isPlain && BEFORE_TLS.includes(kind))
  const isRelay = port === ports.relay && ON_RELAY_PORT.includes(kind)
  if (options.lmtp || (!isEarly && !isHere && !isRelay)) return []
  const known = isOwn ? 'opportunistic' : 'starttls'
  // A password does not leave this machine without TLS.
  const plain = isPlain && (isOwn || !options.auth) ? tls : known
  const rest = [at(options, ports.relay, plain), at(options, ports.alternative, known)]
  return [
    ...samePort(options, failure, known),
    ...[
      at(options, ports.implicit, 'implicit'),
      at(options, ports.submission, known),
      // Something listens: that it is slow is likelier than those.
      ...(kind === 'timeout' && stage !== 'connect' ? [] : rest),
    ].filter((candidate) => candidate.options?.port !== port),
  ]
}

/** The other beginning of TLS on the same port, unless the conversation has shown that it is not that. */
function samePort(options: SmtpOptions, failure: MailError, known: TlsMode): Candidate[] {
  const { stage, kind } = failure
  const { port, tls } = endpointOf(options)
  const change = (words: string, mode: TlsMode): Candidate[] => [
    { change: words, options: { ...options, port, tls: mode } },
  ]
  if (tls === 'implicit')
    return stage === 'tls'
      ? change(`Port ${port} begins without TLS: use STARTTLS there (\`smtp://\`, not \`smtps://\`).`, known)
      : []
  // A server that has greeted does not wait for TLS.
  if (stage === 'greeting' && ['timeout', 'connection-lost', 'not-smtp'].includes(kind))
    return change(`Port ${port} expects TLS from the start: use \`smtps://\`, not \`smtp://\`.`, 'implicit')
  return tls === 'none' && isOfferedBefore(failure, 'STARTTLS')
    ? change(`Use STARTTLS on port ${port}.`, 'starttls')
    : []
}

function at(options: SmtpOptions, port: number, tls: TlsMode): Candidate {
  const how =
    tls === 'implicit'
      ? 'with TLS from the start'
      : tls === 'starttls'
        ? 'with STARTTLS'
        : tls === 'none'
          ? 'without TLS'
          : ''
  return { change: `Use port ${port} ${how}`.trim() + '.', options: { ...options, port, tls } }
}
