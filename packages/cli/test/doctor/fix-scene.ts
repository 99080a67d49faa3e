import { MailError } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import {
  closedPort,
  startServer,
  type ServerOptions,
  type ServerScript,
  type SmtpServer,
} from '@loudmail/server'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import { expect } from 'vitest'
import { findFixes } from '../../src/doctor/fixes/find-fixes.ts'
import type { Ports } from '../../src/doctor/fixes/ports.ts'
import type { Fix, Step } from '../../src/doctor/report.ts'
import type { Target, Wishes } from '../../src/doctor/target.ts'

export const USER = 'ann@sender.example'
/** With everything that goes wrong in a URL. */
export const PASSWORD = 'p@ss w#rd:/?%41"'
export const auth = { user: USER, pass: PASSWORD }
export const users = { [USER]: PASSWORD }
const CAPS = ['PIPELINING', 'SIZE 10485760', 'ENHANCEDSTATUSCODES', '8BITMIME']
export const AUTH_CAPS = [...CAPS, 'AUTH PLAIN LOGIN']
/** Log-ins only over TLS. */
export const STARTTLS: ServerScript = {
  caps: [...CAPS, 'STARTTLS'],
  capsTls: AUTH_CAPS,
  users,
  requireAuth: true,
}
/** Log-ins, TLS from the start. */
export const IMPLICIT: ServerScript = { tls: 'implicit', caps: AUTH_CAPS, users, requireAuth: true }

export interface Asked {
  readonly wishes?: Partial<Wishes>
  readonly words?: Target['words']
  readonly steps?: readonly Step[]
  readonly target?: Partial<Target>
  readonly ports?: Partial<Ports>
  readonly failure?: MailError
}

export interface Found {
  readonly failure: MailError
  readonly fixes: readonly Fix[]
  /** What was tried, in order. */
  readonly tried: readonly string[]
}

/** The options of an application on this machine, with a time-out that suits tests. */
export function optionsFor(
  { port }: { readonly port: number },
  more: Partial<SmtpOptions> = {},
): SmtpOptions {
  const { ca } = servers
  return { host: '127.0.0.1', port, timeoutMs: 1_000, tlsOptions: { ca }, ...more }
}

const servers: { ca: string } = { ca: '' }

export async function start(script: ServerScript & ServerOptions = {}): Promise<SmtpServer> {
  const server = await startServer(script)
  servers.ca = server.ca
  return server
}

/** Sends as the application does, and then looks for fixes. No fix may hold the password, whatever happens. */
export async function fixesFor(options: SmtpOptions, asked: Asked = {}): Promise<Found> {
  const wishes: Wishes = {
    from: USER,
    to: ['bob@recipient.example'],
    send: false,
    sizeOctets: undefined,
    timeoutMs: 1_000,
    signal: new AbortController().signal,
    onStep: () => {},
    ...asked.wishes,
  }
  const failure = asked.failure ?? (await send(options, wishes))
  if (!failure) throw new Error('The application sends without a failure')
  const words = asked.words ?? 'smtp'
  const target: Target = { url: '', options, transport: undefined, words, steps: [], ...asked.target }
  const tried: string[] = []
  const fixes = await findFixes(target, failure, asked.steps ?? [], wishes, {
    ports: { ...(await closedPorts()), ...asked.ports },
    onTry: (text) => tried.push(text),
  })
  const shown = JSON.stringify([fixes, tried])
  for (const secret of secretsOf(options)) expect(shown).not.toContain(secret)
  const withLogIn = tried.filter((text) => text.endsWith('(with a log-in)')).length
  expect(withLogIn).toBeLessThanOrEqual(1)
  expect(tried.length - withLogIn).toBeLessThanOrEqual(6)
  return { failure, fixes, tried }
}

function secretsOf({ auth: login }: SmtpOptions): string[] {
  const pass = login && 'pass' in login ? login.pass : undefined
  return pass === undefined
    ? []
    : [pass, pass.trim(), encodeURIComponent(pass), JSON.stringify(pass).slice(1, -1)]
}

async function closedPorts(): Promise<Ports> {
  const [implicit, submission, relay, alternative] = await Promise.all(
    Array.from({ length: 4 }, () => closedPort()),
  )
  return { implicit: implicit!, submission: submission!, relay: relay!, alternative: alternative! }
}

/** Sends one message. Gives the failure, if there is one. */
export async function send(
  options: SmtpOptions,
  { from = USER, to = ['bob@recipient.example'] }: Partial<Pick<Wishes, 'from' | 'to'>> = {},
): Promise<MailError | undefined> {
  try {
    const transport = smtp(options)
    try {
      const recipients = to.length > 0 ? to : ['bob@recipient.example']
      await transport.send(
        toMessage({ from: from ?? USER, to: [...recipients], subject: 'A test', text: 'Hello' }),
      )
      return undefined
    } finally {
      await transport.close?.()
    }
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
}

/** Puts a fix into the options of the application, as a person does, and sends: by its URL and by its options. */
export async function expectToWork(
  fix: Fix | undefined,
  options: SmtpOptions,
  { password = PASSWORD, from }: { password?: string; from?: string } = {},
): Promise<void> {
  expect(fix).toMatchObject({ verified: true })
  const { url, options: change } = fix!
  expect(url ?? change ?? from).toBeDefined()
  const wishes = from === undefined ? {} : { from }
  expect(await send(withChange(options, change ?? {}, password), wishes)).toBeUndefined()
  if (url === undefined) return
  const { tlsOptions, lookup, timeouts } = options
  const more = { ...(tlsOptions && { tlsOptions }), ...(lookup && { lookup }), ...(timeouts && { timeouts }) }
  const filled = url.replace('PASSWORD', encodeURIComponent(password))
  const transport = smtp(filled, more)
  await transport.send(toMessage({ from: from ?? USER, to: 'bob@recipient.example', text: 'Hello' }))
  await transport.close?.()
}

function withChange(
  options: SmtpOptions,
  change: Readonly<Record<string, unknown>>,
  password: string,
): SmtpOptions {
  const { auth: login, tlsOptions, timeouts, ...others } = change as Partial<SmtpOptions>
  return {
    ...options,
    ...others,
    ...('auth' in change && { auth: login && { ...login, pass: password } }),
    tlsOptions: { ...options.tlsOptions, ...tlsOptions },
    timeouts: { ...options.timeouts, ...timeouts },
  }
}

/** How many AUTH commands servers got. */
export function logIns(...all: readonly SmtpServer[]): number {
  return all
    .flatMap(({ connections }) => connections)
    .flatMap(({ commands }) => commands)
    .filter((verb) => verb === 'AUTH').length
}
