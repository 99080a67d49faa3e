import { isIP, type LookupFunction } from 'node:net'
import { createSecureContext, type ConnectionOptions as TlsOptions } from 'node:tls'
import { MailError, STAGES, type Stage } from '@loudmail/core'
import {
  asciiHost,
  bareHost,
  checkNumber,
  checkOptions,
  configError,
  isLoopback,
  protectCredentials,
  providerOf,
  tlsModeOf,
  type OptionNames,
  type TlsMode,
} from '@loudmail/core/transport'
import type { ComposeOptions } from '@loudmail/mime'

/** The SASL mechanisms of this client. */
export const MECHANISMS = ['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'CRAM-MD5', 'OAUTHBEARER', 'XOAUTH2'] as const
/** The name of a SASL mechanism of this client. */
export type Mechanism = (typeof MECHANISMS)[number]

/**
 * Gives an access token for a log-in. It is called for each new connection, and once more if the server refuses the token:
 * then `renew` is true, and a token from a cache is of no use.
 */
export type AccessTokenFunction = (ask: { readonly renew: boolean }) => Promise<string> | string

/** Who logs in: with a password, or with an access token (or a function that gives one for each connection). */
export type SmtpAuth =
  | {
      readonly user: string
      /** The password, as it is: percent-encoded only in URLs. */
      readonly pass: string
      readonly method?: Mechanism | undefined
    }
  | {
      /** The user name, often the whole address. */
      readonly user: string
      /** An access token, or a function that gives one for each connection. */
      readonly accessToken: string | AccessTokenFunction
      /** The only mechanism to use. @default the best one that the server offers */
      readonly method?: 'XOAUTH2' | 'OAUTHBEARER' | undefined
    }

/** The stages with their own time-out: those of a connection. */
export type TimedStage = Exclude<Stage, 'config' | 'compose' | 'queue' | 'submit'>
const TIMED_STAGES = STAGES.slice(STAGES.indexOf('dns'), STAGES.indexOf('submit')) as TimedStage[]
/** A time-out in ms for each stage of a connection. */
export type Timeouts = Readonly<Record<TimedStage, number>>
const KNOWN_TIMEOUTS = Object.fromEntries(TIMED_STAGES.map((stage) => [stage, true])) as OptionNames<Timeouts>

/** How many connections are kept, and for how long. */
export interface PoolOptions {
  /** The maximum number of open connections. @default 5 */
  readonly connections?: number | undefined
  /** How many messages one connection sends before it is closed. @default Infinity */
  readonly messagesPerConnection?: number | undefined
  /** How long an unused connection stays open, in ms. @default 5_000 */
  readonly idleMs?: number | undefined
  /**
   * How many messages may be in progress at once on one connection if the server offers CHUNKING and PIPELINING. A lost
   * connection leaves the outcome of up to so many messages unknown. @default 1
   */
  readonly window?: number | undefined
}

/** The options of {@link smtp}. */
export interface SmtpOptions {
  /** The name or the IP address of the server. */
  readonly host: string
  /** @default 465 for implicit TLS, 24 for LMTP, else 587 */
  readonly port?: number | undefined
  /**
   * `implicit`: TLS from the first byte. `starttls`: required. `opportunistic`: encrypted if offered, not verified.
   * @default 'implicit' on port 465; 'opportunistic' on loopback hosts; else 'starttls'
   */
  readonly tls?: TlsMode | undefined
  /** Who logs in. @default nobody */
  readonly auth?: SmtpAuth | undefined
  /**
   * Send credentials with `tls: 'none'` or `'opportunistic'` to another machine. `rejectUnauthorized: false`, which
   * accepts every certificate, does not need it. @default false
   */
  readonly allowInsecureAuth?: boolean | undefined
  /** For `tls.connect`: `ca`, `servername`, `key`, `cert`, `minVersion`, `rejectUnauthorized`, ... */
  readonly tlsOptions?: TlsOptions | undefined
  /** The name of this client in EHLO. @default the host name, or else the address of the connection */
  readonly name?: string | undefined
  /** Time-outs by stage in ms. */
  readonly timeouts?: Partial<Timeouts> | undefined
  /** One time-out for every stage in ms; `timeouts` takes precedence over it. */
  readonly timeoutMs?: number | undefined
  /** How many connections are kept, and for how long. */
  readonly pool?: PoolOptions | undefined
  /** If some recipients are refused, the others get the message, or nobody does. @default 'deliver' */
  readonly partial?: 'deliver' | 'abort' | undefined
  /** `http://[user:pass@]host:port` (CONNECT) or `socks5://[user:pass@]host:port`. */
  readonly proxy?: string | undefined
  /** The IP address of this machine to connect from. @default the system decides */
  readonly localAddress?: string | undefined
  /** Looks up the host, for example with a cache. Not used with a proxy. @default dns.lookup */
  readonly lookup?: LookupFunction | undefined
  /** Send several commands at once if the server offers PIPELINING (RFC 2920). @default true */
  readonly pipelining?: boolean | undefined
  /** Send large content in chunks if the server offers CHUNKING (RFC 3030). @default true */
  readonly chunking?: boolean | undefined
  /** Speak LMTP (RFC 2033): the server answers for each recipient. @default false */
  readonly lmtp?: boolean | undefined
  /** Signs every message: a signer from `dkimSigner()` of `@loudmail/mime`, or several. @default none */
  readonly dkim?: ComposeOptions['dkim']
  /** Changes the content of every message before it is signed. @default none */
  readonly transform?: ComposeOptions['transform']
  /**
   * The header field that gets the `idempotencyKey` of a message. Name one only if the server delivers messages with the same
   * key once: then `retry()` tries a message again whose outcome is unknown. `false` for none.
   * @default 'Resend-Idempotency-Key' for Resend, else none
   */
  readonly idempotencyHeader?: string | false | undefined
}

/** Options with every default filled in. */
export interface Settings {
  readonly host: string
  readonly port: number
  readonly protocol: 'smtp' | 'lmtp'
  readonly tls: TlsMode
  /** If STARTTLS does not work, go on without it: opportunistic, and credentials may go unencrypted. */
  readonly mayGoOnPlain: boolean
  readonly auth: SmtpAuth | undefined
  readonly tlsOptions: TlsOptions
  /** Undefined: the address of the connection. */
  readonly name: string | undefined
  readonly timeouts: Timeouts
  readonly pool: { readonly [option in keyof PoolOptions]-?: number }
  readonly partial: 'deliver' | 'abort'
  readonly proxy: URL | undefined
  readonly localAddress: string | undefined
  readonly lookup: LookupFunction | undefined
  readonly pipelining: boolean
  readonly chunking: boolean
  readonly compose: Pick<ComposeOptions, 'dkim' | 'transform' | 'idempotencyHeader'>
}

// RFC 5321 section 4.5.3.2 asks for minutes, but a person who waits for the connection gives up sooner.
const TIMEOUTS: Timeouts = {
  dns: 10_000,
  connect: 30_000,
  tls: 30_000,
  greeting: 60_000,
  ehlo: 60_000,
  auth: 60_000,
  'mail-from': 300_000,
  'rcpt-to': 300_000,
  data: 120_000,
  body: 600_000,
}

/** The longest time of a timer, in ms: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1

const OPTIONS: OptionNames<SmtpOptions> = {
  host: true,
  port: true,
  tls: true,
  auth: true,
  allowInsecureAuth: true,
  tlsOptions: true,
  name: true,
  timeouts: true,
  timeoutMs: true,
  pool: true,
  partial: true,
  proxy: true,
  localAddress: true,
  lookup: true,
  pipelining: true,
  chunking: true,
  lmtp: true,
  dkim: true,
  transform: true,
  idempotencyHeader: true,
}

/** @throws MailError `config/invalid-config` or `config/missing-credentials`, naming the option, never showing its value */
export function settingsOf(options: SmtpOptions): Settings {
  checkOptions(options, 'smtp()', OPTIONS)
  const { host, lmtp = false, partial = 'deliver', localAddress, lookup } = options
  const { pipelining = true, chunking = true } = options
  if (typeof host !== 'string' || !/^[^\s/@]+$/.test(host))
    throw configError('smtp() host must be a host name or an IP address')
  for (const [name, flag] of Object.entries({ lmtp, pipelining, chunking }))
    if (typeof flag !== 'boolean') throw configError(`smtp() ${name} must be true or false`)
  if (partial !== 'deliver' && partial !== 'abort')
    throw configError("smtp() partial must be 'deliver' or 'abort'")
  if (localAddress !== undefined && !isIP(localAddress))
    throw configError('smtp() localAddress must be an IP address')
  if (lookup !== undefined && typeof lookup !== 'function')
    throw configError('smtp() lookup must be a function such as dns.lookup')
  const bare = asciiHost(bareHost(host))
  if (bare === undefined) throw configError('smtp() host must be a host name or an IP address')
  const proxy = proxyOf(options.proxy)
  // Through a proxy, `localhost` is the proxy's machine.
  const isOwn = proxy === undefined && isLoopback(bare)
  const tls = tlsModeOf(options.tls, options.port, isOwn)
  const port = options.port ?? (lmtp ? 24 : tls === 'implicit' ? 465 : 587)
  checkPort(port)
  return {
    host: bare,
    port,
    protocol: lmtp ? 'lmtp' : 'smtp',
    tls,
    mayGoOnPlain: tls === 'opportunistic' && (isOwn || options.allowInsecureAuth === true),
    auth: checkedAuth(options, tls, isOwn),
    tlsOptions: checkedTlsOptions(options.tlsOptions),
    name: checkedName(options.name),
    timeouts: timeoutsOf(options),
    pool: poolOf(options.pool ?? {}),
    partial,
    proxy,
    localAddress,
    lookup,
    pipelining,
    chunking,
    compose: { ...composeOf(options), idempotencyHeader: idempotencyHeaderOf(options, bare) },
  }
}

function composeOf({ dkim, transform }: SmtpOptions): Settings['compose'] {
  const signers: unknown[] = [dkim ?? []].flat()
  if (signers.some((signer) => typeof (signer as { sign?: unknown } | null)?.sign !== 'function'))
    throw configError(
      'smtp() dkim must be a signer from dkimSigner() of @loudmail/mime, or a list of signers',
    )
  if (transform !== undefined && typeof transform !== 'function')
    throw configError('smtp() transform must be a function that takes the content')
  return { dkim, transform }
}

/** Header fields that have a meaning already. */
const STANDARD_FIELD =
  /^(?:from|sender|reply-to|to|cc|bcc|resent-.*|subject|date|message-id|in-reply-to|references|received|return-path|mime-version|content-.*|dkim-signature)$/i

function idempotencyHeaderOf({ idempotencyHeader }: SmtpOptions, host: string): string | undefined {
  if (idempotencyHeader === false) return undefined
  if (idempotencyHeader === undefined) return providerOf({ host })?.idempotencyHeader
  // RFC 5322 section 2.2
  if (typeof idempotencyHeader !== 'string' || !/^[!-9;-~]{1,76}$/.test(idempotencyHeader))
    throw configError('smtp() idempotencyHeader must be the name of a header field, or false')
  if (STANDARD_FIELD.test(idempotencyHeader))
    throw configError('smtp() idempotencyHeader must be a field of its own, such as X-Idempotency-Key')
  return idempotencyHeader
}

function checkPort(port: unknown): void {
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw configError('smtp() port must be a whole number from 1 to 65535')
  }
}

function checkedAuth(options: SmtpOptions, tls: TlsMode, isOwn: boolean): SmtpAuth | undefined {
  const { auth, allowInsecureAuth = false } = options
  if (typeof allowInsecureAuth !== 'boolean')
    throw configError('smtp() allowInsecureAuth must be true or false')
  if (auth === undefined) return undefined
  const given = auth as { user?: unknown; pass?: unknown; accessToken?: unknown; method?: unknown }
  checkOptions(given, 'smtp() auth', { user: true, pass: true, accessToken: true, method: true })
  const { user, pass, accessToken, method } = given
  if (typeof user !== 'string' || user === '') throw missing('auth.user')
  if ((pass === undefined || pass === '') && accessToken === undefined)
    throw missing('auth.pass (or auth.accessToken)')
  if (pass !== undefined && accessToken !== undefined)
    throw configError('smtp() auth accepts pass or accessToken, not both')
  if (pass !== undefined && typeof pass !== 'string') throw configError('smtp() auth.pass must be a string')
  if (
    accessToken !== undefined &&
    typeof accessToken !== 'function' &&
    (typeof accessToken !== 'string' || accessToken === '')
  ) {
    throw configError('smtp() auth.accessToken must be a string or a function that fetches one')
  }
  // oxlint-disable-next-line no-control-regex
  if (/\0/.test(user) || (typeof pass === 'string' && /\0/.test(pass)))
    throw configError('smtp() auth must not contain a NUL character')
  for (const [name, value] of Object.entries({ user, pass, accessToken }))
    if (typeof value === 'string' && /[\r\n]/.test(value))
      throw configError(
        `smtp() auth.${name} contains a line break: if it comes from a file or a variable, remove the line end`,
      )
  const usable: readonly unknown[] = accessToken === undefined ? MECHANISMS.slice(0, 4) : MECHANISMS.slice(4)
  if (method !== undefined && !usable.includes(method))
    throw configError(`smtp() auth.method must be one of ${usable.join(', ')}`)
  protectCredentials(tls, isOwn, allowInsecureAuth)
  return accessToken === undefined
    ? { user, pass: pass as string, method: method as Mechanism }
    : ({ user, accessToken: bound(accessToken, auth), method } as SmtpAuth)
}

/** The function may be a method that needs its object. */
function bound(accessToken: unknown, owner: object): unknown {
  return typeof accessToken === 'function'
    ? (ask: unknown) => accessToken.call(owner, ask) as unknown
    : accessToken
}

function missing(option: string): MailError {
  return new MailError({
    stage: 'config',
    kind: 'missing-credentials',
    summary: `smtp() ${option} is missing or empty`,
  })
}

function checkedTlsOptions(options: unknown): TlsOptions {
  if (options === undefined) return {}
  if (typeof options !== 'object' || options === null)
    throw configError('smtp() tlsOptions must be an object')
  for (const name of ['socket', 'host', 'port', 'path', 'lookup']) {
    if (name in options) throw configError(`smtp() tlsOptions must not contain ${name}`)
  }
  try {
    createSecureContext(options)
  } catch {
    // The error is dropped: it may show a key.
    throw configError(
      'smtp() tlsOptions contain a key, certificate, authority or version that TLS cannot use',
    )
  }
  return options
}

function checkedName(name: unknown): string | undefined {
  if (name === undefined) {
    const own = process.getBuiltinModule('node:os').hostname()
    // Strict servers refuse a name without a dot, but never an address literal (RFC 5321 section 4.1.4).
    return own.includes('.') && /^[A-Za-z0-9.-]+$/.test(own) ? own : undefined
  }
  if (typeof name !== 'string' || !/^[\x21-\x7E]{1,255}$/.test(name))
    throw configError('smtp() name must be a host name or an address literal')
  return name
}

function timeoutsOf({ timeouts = {}, timeoutMs }: SmtpOptions): Timeouts {
  checkOptions(timeouts, 'smtp() timeouts', KNOWN_TIMEOUTS)
  checkNumber(timeoutMs, 'smtp() timeoutMs', 1)
  for (const [stage, ms] of Object.entries(timeouts)) checkNumber(ms, `smtp() timeouts.${stage}`, 1)
  const all = Object.fromEntries(
    TIMED_STAGES.map((stage) => [
      stage,
      Math.min(timeouts[stage] ?? timeoutMs ?? TIMEOUTS[stage], LONGEST_TIMER),
    ]),
  )
  return all as Record<TimedStage, number> & Record<Stage, number>
}

function poolOf(pool: PoolOptions): Settings['pool'] {
  if (typeof pool === 'boolean')
    throw configError(
      'smtp() connections are always pooled: leave pool out, or write `pool: { connections, messagesPerConnection }`',
    )
  const known = { connections: true, messagesPerConnection: true, idleMs: true, window: true } as const
  checkOptions(pool, 'smtp() pool', known)
  const { connections = 5, messagesPerConnection = Infinity, idleMs = 5_000, window = 1 } = pool
  checkNumber(connections, 'smtp() pool.connections', 1, true)
  checkNumber(messagesPerConnection, 'smtp() pool.messagesPerConnection', 1)
  checkNumber(idleMs, 'smtp() pool.idleMs', 0)
  checkNumber(window, 'smtp() pool.window', 1, true)
  return { connections, messagesPerConnection, idleMs: Math.min(idleMs, LONGEST_TIMER), window }
}

function proxyOf(proxy: unknown): URL | undefined {
  if (proxy === undefined) return undefined
  const url = typeof proxy === 'string' && URL.canParse(proxy) ? new URL(proxy) : undefined
  if (!url || !['http:', 'socks5:'].includes(url.protocol) || url.hostname === '') {
    throw configError(
      'smtp() proxy must be a URL such as http://proxy.example.com:3128 or socks5://proxy.example.com:1080',
    )
  }
  try {
    decodeURIComponent(url.username + url.password)
  } catch {
    // The URIError is dropped: it may show the secret.
    throw configError(
      'user and password in the smtp() proxy URL must be percent-encoded (encodeURIComponent)',
    )
  }
  return url
}
