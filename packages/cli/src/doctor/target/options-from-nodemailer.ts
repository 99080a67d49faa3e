import type { SmtpAuth, SmtpOptions } from '@loudmail/smtp'
import type { Step } from '../report.ts'
import { configStep } from './config-step.ts'

/** The options of nodemailer's SMTP transports that the doctor reads. Any may be of another type: people write them. */
export interface NodemailerOptions {
  readonly host?: unknown
  readonly port?: unknown
  readonly secure?: unknown
  readonly requireTLS?: unknown
  readonly ignoreTLS?: unknown
  readonly opportunisticTLS?: unknown
  readonly tls?: unknown
  readonly auth?: unknown
  readonly authMethod?: unknown
  readonly name?: unknown
  readonly localAddress?: unknown
  readonly proxy?: unknown
  readonly lmtp?: unknown
  readonly connectionTimeout?: unknown
  readonly greetingTimeout?: unknown
  readonly dnsTimeout?: unknown
}

/** The options of `smtp()` that do the same. */
export interface FromNodemailer {
  readonly options: SmtpOptions
  /** Without STARTTLS, nodemailer goes on unencrypted. */
  readonly goesOnPlain: boolean
  readonly steps: readonly Step[]
}

const METHODS = ['PLAIN', 'LOGIN', 'CRAM-MD5']
/** What `smtp()` decides itself. */
const NOT_FOR_TLS = ['socket', 'host', 'port', 'path', 'lookup']

/** Reads options as nodemailer does, with its defaults. */
export function optionsFromNodemailer(given: NodemailerOptions): FromNodemailer {
  const steps: Step[] = []
  const isImplicit = given.secure === undefined ? Number(given.port) === 465 : Boolean(given.secure)
  const goesOnPlain = !isImplicit && !given.requireTLS && !given.ignoreTLS && !given.opportunisticTLS
  if (typeof given.secure === 'string')
    steps.push(
      configStep(
        'warn',
        'secure',
        "It is a text, and every text counts as true, also 'false'. Compare it: secure: value === 'true'.",
      ),
    )
  if (goesOnPlain && given.auth)
    steps.push(
      configStep(
        'warn',
        'requireTLS',
        'It is not set: if the server does not offer STARTTLS, nodemailer sends the password unencrypted. Set requireTLS: true.',
      ),
    )
  const proxy = proxyOf(given.proxy)
  if (given.proxy && proxy === undefined)
    steps.push(
      configStep('warn', 'proxy', 'The doctor does not know this kind of proxy, and connects without it.'),
    )
  const tls = isImplicit ? 'implicit' : startTlsOf(given)
  const options: SmtpOptions = {
    host: typeof given.host === 'string' && given.host !== '' ? given.host : 'localhost',
    port: Number(given.port) || (isImplicit ? 465 : 587),
    tls,
    // nodemailer does not keep back credentials.
    ...((tls === 'none' || tls === 'opportunistic') && { allowInsecureAuth: true }),
    ...(isObject(given.tls) && { tlsOptions: without(given.tls, NOT_FOR_TLS) }),
    ...(isObject(given.auth) && authOf(given.auth, given.authMethod)),
    ...(isText(given.name) && { name: given.name }),
    ...(isText(given.localAddress) && { localAddress: given.localAddress }),
    ...(proxy !== undefined && { proxy }),
    ...(given.lmtp === true && { lmtp: true }),
    ...timeoutsOf(given),
  }
  return { options, goesOnPlain, steps }
}

function startTlsOf({ requireTLS, ignoreTLS, opportunisticTLS }: NodemailerOptions): SmtpOptions['tls'] {
  if (requireTLS) return 'starttls'
  if (ignoreTLS) return 'none'
  return opportunisticTLS ? 'opportunistic' : 'starttls'
}

function authOf(auth: Record<string, unknown>, authMethod: unknown): { auth?: SmtpAuth } {
  const { user, pass, type, accessToken, method = authMethod } = auth
  if (Object.keys(auth).length === 0) return {}
  const name = isText(user) ? user : ''
  if (isText(type) && type.toUpperCase() === 'OAUTH2')
    // Without a token, only nodemailer itself can fetch one.
    return isText(accessToken) ? { auth: { user: name, accessToken } } : {}
  const named = isText(method) ? METHODS.find((each) => each === method.trim().toUpperCase()) : undefined
  const login = { user: name, pass: isText(pass) ? pass : '' }
  return { auth: named === undefined ? login : { ...login, method: named as 'PLAIN' } }
}

function proxyOf(proxy: unknown): string | undefined {
  if (!isText(proxy)) return undefined
  const url = proxy.replace(/^socks:/i, 'socks5:')
  return /^(?:http|socks5):\/\//i.test(url) ? url : undefined
}

function timeoutsOf(given: NodemailerOptions): Pick<SmtpOptions, 'timeouts'> {
  const { connectionTimeout: connect, greetingTimeout: greeting, dnsTimeout: dns } = given
  const set = Object.entries({ connect, greeting, dns }).filter(([, ms]) => typeof ms === 'number' && ms > 0)
  return set.length === 0 ? {} : { timeouts: Object.fromEntries(set) as Record<string, number> }
}

function without(object: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
