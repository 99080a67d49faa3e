import type { FailureCode, Kind, Stage } from '@loudmail/core'
import type { Action } from '@loudmail/server'
import type { SmtpOptions } from '@loudmail/smtp'
import { encrypted, TIMEOUT_MS, type DebugTls, type Rehearsal } from './rehearsal.ts'
import { repliedKinds, REPLIES } from './replies.ts'
import { tlsRehearsals } from './tls-rehearsals.ts'

const LOGIN = { auth: { user: 'rehearsal', pass: 'a password for rehearsals' } }

/** The event of the server that belongs to each stage. */
const EVENTS = {
  greeting: 'CONNECT',
  ehlo: 'EHLO',
  auth: 'AUTH',
  'mail-from': 'MAIL',
  'rcpt-to': 'RCPT',
  data: 'DATA',
  body: 'DOT',
} as const satisfies Partial<Record<Stage, string>>

type PlayedStage = keyof typeof EVENTS

/** Every failure that a server or a network can cause, and how to cause it. */
export function rehearsals(tls: DebugTls): ReadonlyMap<FailureCode, Rehearsal> {
  const all = new Map<FailureCode, Rehearsal>()
  const add = (stage: Stage, kind: Kind, rehearsal: Rehearsal): void => {
    all.set(`${stage}/${kind}` as FailureCode, stage === 'tls' ? rehearsal : encrypted(rehearsal, tls))
  }
  add('dns', 'host-not-found', { client: failedLookUp('ENOTFOUND') })
  add('dns', 'dns-temporary', { client: failedLookUp('EAI_AGAIN') })
  add('connect', 'connection-refused', { instead: 'nobody' })
  // An address for documentation (RFC 5737) that no machine has.
  add('connect', 'unreachable', { client: { localAddress: '192.0.2.1' } })
  add('connect', 'timeout', { instead: 'silent proxy', client: { timeouts: { connect: TIMEOUT_MS } } })
  add('connect', 'proxy', { instead: 'refusing proxy' })
  for (const [kind, rehearsal] of tlsRehearsals(tls)) add('tls', kind, rehearsal)
  for (const stage of Object.keys(EVENTS) as PlayedStage[]) {
    for (const kind of repliedKinds(stage)) add(stage, kind, played(stage, REPLIES[kind]))
    const client = { timeouts: { [stage]: TIMEOUT_MS } }
    add(stage, 'timeout', played(stage, { stall: true }, client))
    add(stage, 'connection-lost', played(stage, { close: 'fin' }))
    add(stage, stage === 'greeting' ? 'not-smtp' : 'protocol', played(stage, { raw: 'What is this?\r\n' }))
  }
  add('greeting', 'protocol', played('greeting', '354 Go ahead'))
  add('auth', 'auth-not-offered', { client: LOGIN })
  add('auth', 'auth-mechanism', { script: { caps: ['AUTH GSSAPI'] }, client: LOGIN })
  add('mail-from', 'auth-mechanism', played('mail-from', '550 5.7.30 Basic authentication is not supported'))
  add('rcpt-to', 'mixed', played('rcpt-to', inTurn(REPLIES['mailbox-unknown'], REPLIES['mailbox-full'])))
  return all
}

/** Every failure that `debug()` can rehearse. */
export const rehearsable: readonly FailureCode[] = [...rehearsals('none').keys()]

function played(stage: PlayedStage, action: Action, client: Partial<SmtpOptions> = {}): Rehearsal {
  const on = { [EVENTS[stage]]: action }
  // A client whose EHLO is refused tries HELO.
  if (stage === 'ehlo') return { script: { on: { ...on, HELO: action } }, client }
  return stage === 'auth'
    ? { script: { on, caps: ['AUTH PLAIN'] }, client: { ...client, ...LOGIN } }
    : { script: { on }, client }
}

/** Gives each recipient the next of these replies. */
function inTurn(...replies: readonly string[]): Action {
  let count = 0
  return () => replies[count++ % replies.length]
}

/** The error of Node for a name that cannot be looked up, without a request to a name server. */
function failedLookUp(code: 'ENOTFOUND' | 'EAI_AGAIN'): Partial<SmtpOptions> {
  const host = 'mail.example.test'
  const error = Object.assign(new Error(`getaddrinfo ${code} ${host}`), {
    code,
    syscall: 'getaddrinfo',
    hostname: host,
  })
  return { host, lookup: (_name, _options, callback) => process.nextTick(callback, error) }
}
