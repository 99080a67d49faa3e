import type { Kind, Stage } from '@loudmail/core'
import { diagnoseConnectionError, tlsFailure } from '@loudmail/core/transport'
import type { CallStage } from './api-options.ts'
import { blindFailure } from './blind-failure.ts'

/** Why there is no answer. */
export interface CallFailure {
  readonly stage: Stage
  readonly kind: Kind
  readonly summary?: string | undefined
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** What `fetch` itself says. It is the same in Node and in the package `undici`. */
const CODES: Readonly<Record<string, Kind>> = {
  UND_ERR_SOCKET: 'connection-lost',
  UND_ERR_CLOSED: 'connection-lost',
  UND_ERR_DESTROYED: 'connection-lost',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
}

const REACH =
  'Check that this machine can connect to it over HTTPS, and the option `url` if you set it. Node uses a proxy only with NODE_USE_ENV_PROXY=1 and HTTPS_PROXY.'
/** What to do if there is no connection. What the usual hints say is about SMTP. */
const HINTS: Partial<Record<Kind, string>> = {
  'host-not-found':
    'Check that this machine can look up the name (containers often use a resolver of their own), and the option `url` if you set it.',
  'connection-refused': REACH,
  unreachable: REACH,
  timeout: `${REACH} If it is only slow, raise \`timeouts\`.`,
  'connection-lost': `Try again. ${REACH}`,
  'certificate-untrusted':
    'Add the authority that signed the certificate to NODE_EXTRA_CA_CERTS: many companies read HTTPS with an authority of their own. Do not switch verification off.',
  'certificate-hostname':
    'The certificate is for another host: check the option `url` if you set it, and the proxy.',
  'client-certificate-required':
    'Pass a `fetch` that shows a client certificate, such as that of the package undici with an agent of your own.',
  'protocol-version': 'Check the option `url` if you set it, and the proxy: both ends need TLS 1.2 or newer.',
  'not-tls':
    'Something else answers in place of the provider: check the option `url`, and the proxy in HTTPS_PROXY.',
}

const THROUGH_PROXY =
  'Check the address, the user and the password of the proxy in HTTPS_PROXY, and that it allows connections to this host.'

/** A proxy that does not do what it is asked. */
export function proxyFailure(summary?: string, cause?: unknown): CallFailure {
  return { stage: 'connect', kind: 'proxy', summary, hint: THROUGH_PROXY, cause }
}

/** How far a request came: the step, whether a proxy was on the way, and whether the runtime tells nothing of that. */
interface Reached {
  readonly stage: CallStage
  readonly isProxied: boolean
  readonly isBlind: boolean
}

/** What an error of `fetch` means, at the step where it came. */
export function callFailure(
  thrown: unknown,
  { stage, isProxied, isBlind }: Reached,
  host: string,
): CallFailure {
  const failure = isBlind ? blindFailure(rootOf(thrown), host) : diagnose(thrown, stage, host)
  const isOther = !['proxy', 'connection-refused', 'timeout'].includes(failure.kind)
  if (isProxied && failure.stage === 'connect' && isOther) return proxyFailure(undefined, failure.cause)
  return { hint: hintOf(failure), ...failure }
}

/** What to do about a failure to connect; undefined for the usual hint. */
export function hintOf({ stage, kind }: Pick<CallFailure, 'stage' | 'kind'>): string | undefined {
  return stage === 'submit' ? undefined : HINTS[kind]
}

function diagnose(thrown: unknown, stage: CallStage, host: string): CallFailure {
  const cause = rootOf(thrown)
  const { code, message, name } = (cause ?? {}) as { code?: unknown; message?: unknown; name?: unknown }
  const text = typeof message === 'string' ? message : ''
  const refusal = /Proxy response \((\d{3})\)/i.exec(text)
  if (refusal) return proxyFailure(`the proxy answered ${refusal[1]}`, cause)
  if (text === 'bad port')
    return { stage: 'config', kind: 'invalid-config', summary: 'fetch does not connect to this port', cause }
  const known = diagnoseConnectionError(cause)
  // The error of a look-up shows its stage, also where nothing else does.
  const at = stage === 'submit' ? stage : (known?.stage ?? stage)
  if (at === 'tls' && known) return { stage: at, ...tlsFailure(cause, host), cause }
  const kind = known?.kind ?? (typeof code === 'string' ? CODES[code] : undefined)
  if (kind) return { stage: at, kind, cause }
  // The parser of HTTP, and everything that breaks off what it reads.
  const isProtocol =
    name === 'HTTPParserError' || (typeof code === 'string' && /^(?:HPE_|UND_ERR_)/.test(code))
  return {
    stage: at,
    kind: isProtocol || text.includes('terminated') ? 'protocol' : 'connection-lost',
    cause,
  }
}

/** The error that began it: `fetch` and the agent for proxies wrap it. */
function rootOf(thrown: unknown): unknown {
  let root = thrown
  for (let depth = 0; depth < 4; depth++) {
    const { cause } = (root ?? {}) as { cause?: unknown }
    if (typeof cause !== 'object' || cause === null) break
    root = cause
  }
  return root
}
