import { checkNumber, configError, LONGEST_MS, secureUrl } from '@loudmail/core/transport'

/** The steps of a call with their own time-out. */
const CALL_STAGES = ['dns', 'connect', 'tls', 'submit'] as const
/** A step of a call: the name is looked up, the connection is opened and encrypted, and the message is handed over. */
export type CallStage = (typeof CALL_STAGES)[number]

/** The options that every provider has. */
export interface ApiOptions {
  /**
   * Where the API is, such as another region, or a server for tests on this machine (the only one that may be `http:`).
   * @default that of the provider
   */
  readonly url?: string | URL | undefined
  /** The longest time of each step, in ms. A `submit` that takes longer than this for a large message, but moves on, goes on. Node's own `fetch` takes at most 10_000 to connect, whatever this says. @default 30_000 each */
  readonly timeouts?: Partial<Readonly<Record<CallStage, number>>> | undefined
  /** One time-out for every step, in ms; `timeouts` takes precedence over it. */
  readonly timeoutMs?: number | undefined
  /**
   * Another `fetch`, such as that of the package `undici` with its own connections or its own proxy. It must take a stream as
   * a body.
   * @default the global one
   */
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** Where to call, with every default filled in. */
export interface Endpoint {
  /** The base of the URLs of the API, without a slash at its end. */
  readonly base: string
  readonly host: string
  readonly port: number
  readonly timeouts: Readonly<Record<CallStage, number>>
  readonly fetch: typeof globalThis.fetch | undefined
}

/** For `checkOptions`. */
export const API_OPTIONS = { url: true, timeouts: true, timeoutMs: true, fetch: true } as const

const DEFAULT_MS = 30_000

/**
 * @param owner how errors call the transport, such as `resend()`
 * @throws MailError `config/invalid-config`
 */
export function endpointOf(owner: string, defaultUrl: string, options: ApiOptions): Endpoint {
  const { timeouts = {}, timeoutMs = DEFAULT_MS, fetch } = options
  const url = secureUrl(owner, 'url', options.url ?? defaultUrl)
  if (url.search !== '' || url.hash !== '')
    throw configError(`${owner} url must have no query and no fragment`)
  checkNumber(timeoutMs, `${owner} timeoutMs`, 1)
  if (typeof timeouts !== 'object' || timeouts === null)
    throw configError(`${owner} timeouts must be an object such as { connect: 5_000 }`)
  for (const [stage, ms] of Object.entries(timeouts)) {
    if (!CALL_STAGES.includes(stage as CallStage))
      throw configError(`${owner} timeouts has ${CALL_STAGES.join(', ')}, and not ${stage}`)
    checkNumber(ms, `${owner} timeouts.${stage}`, 1)
  }
  if (fetch !== undefined && typeof fetch !== 'function')
    throw configError(`${owner} fetch must be a function such as the global fetch`)
  const msOf = (stage: CallStage): number => Math.min(timeouts[stage] ?? timeoutMs, LONGEST_MS)
  return {
    base: url.href.replace(/\/+$/, ''),
    host: url.hostname,
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    timeouts: { dns: msOf('dns'), connect: msOf('connect'), tls: msOf('tls'), submit: msOf('submit') },
    fetch,
  }
}
