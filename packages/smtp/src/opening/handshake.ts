import type { Socket } from 'node:net'
import type { Kind, Permanence, Stage, TranscriptEntry } from '@loudmail/core'
import { redactor } from '@loudmail/core/transport'
import { authenticate } from './authenticate.ts'
import { capabilitiesOf, NO_CAPABILITIES, type Capabilities } from '../conversation/capabilities.ts'
import { dial, encrypt } from './dial.ts'
import { failedReply } from './failed-reply.ts'
import { HandshakeFailure } from './handshake-failure.ts'
import { Link, type Asker, type Loss } from '../conversation/link.ts'
import type { Settings, TimedStage } from '../options.ts'
import { Recorder } from '../conversation/recorder.ts'
import type { NotAReply, ReplyLines } from '../conversation/reply-reader.ts'

/** Sends a command of the handshake and waits for its reply; `shown` stands in the transcript instead of a secret. */
export type Ask = (stage: TimedStage, command: string, shown?: string) => Promise<ReplyLines>

/** A connection on which messages can be sent. */
export interface Session {
  readonly link: Link
  readonly capabilities: Capabilities
  /** It is encrypted, and the server's certificate was found good. */
  readonly verified: boolean
}

/** How far the opening of a connection has come, for whoever cannot wait for its end. */
export interface Progress {
  stage: Stage
  recorder: Recorder | undefined
  /** Ends what is under way; set while there is something to end. */
  stop?: (() => void) | undefined
}

/**
 * Opens a connection and brings it to where MAIL can be said: look-up, TCP, TLS, greeting, EHLO, STARTTLS, log-in.
 *
 * @param progress is kept up to date
 * @throws HandshakeFailure
 */
export async function handshake(settings: Settings, progress: Progress): Promise<Session> {
  const secret = settings.auth && (await secretOf(settings.auth, settings.timeouts.auth, progress))
  const proxyPassword = settings.proxy && decodeURIComponent(settings.proxy.password)
  const secrets = [secret, proxyPassword].filter(Boolean)
  const recorder = new Recorder(secrets.length > 0 ? redactor(secrets) : undefined)
  progress.recorder = recorder
  const link = new Link(recorder, settings.timeouts)
  try {
    return await greet(link, settings, secret, progress)
  } catch (failure) {
    link.destroy()
    throw failure
  }
}

async function greet(
  link: Link,
  settings: Settings,
  secret: string | undefined,
  progress: Progress,
): Promise<Session> {
  const { host, port, tls, auth, protocol } = settings
  const { recorder } = link
  const event = (text: string): void => recorder.note(recorder.preamble, 'event', text)
  const conversation = new Conversation(link, progress)
  const { ask } = conversation
  const refused = (stage: TimedStage, reply: ReplyLines, command: string): HandshakeFailure =>
    failedReply(stage, reply, protocol, command, recorder.redact)
  let verified = false
  const encryptWith = async (socket: Socket): Promise<void> => {
    progress.stage = 'tls'
    const secure = await encrypt(socket, settings)
    event(`encrypted with ${secure.getProtocol()}`)
    verified = secure.authorized
    link.attach(secure, true)
  }
  const hello = async (): Promise<Capabilities> => {
    const first = `${protocol === 'lmtp' ? 'LHLO' : 'EHLO'} ${settings.name}`
    const reply = await ask('ehlo', first)
    if (reply.code === 250) return capabilitiesOf(reply.lines)
    if (protocol === 'lmtp' || reply.code < 500) throw refused('ehlo', reply, first)
    // An old server may know HELO alone (RFC 5321 section 4.1.1.1).
    const second = await ask('ehlo', `HELO ${settings.name}`)
    if (second.code !== 250) throw refused('ehlo', second, `HELO ${settings.name}`)
    return NO_CAPABILITIES
  }

  const { socket, givesData } = await dial(settings, link.read, progress)
  progress.stop = () => link.fail({ kind: 'aborted' })
  event(`connected to ${host}:${port}${settings.proxy ? ' through the proxy' : ''}`)
  if (tls === 'implicit') await encryptWith(socket)
  else link.attach(socket, givesData)
  const greeting = await conversation.greeting()
  if (greeting.code !== 220) throw refused('greeting', greeting, 'connection')
  let capabilities = await hello()
  if (tls === 'starttls' || (tls === 'opportunistic' && capabilities.has('STARTTLS'))) {
    if (!capabilities.has('STARTTLS'))
      throw new HandshakeFailure({ stage: 'tls', kind: 'starttls-not-offered' })
    const reply = await ask('tls', 'STARTTLS')
    if (reply.code === 220) {
      if (link.unasked) throw new HandshakeFailure({ stage: 'tls', kind: 'response-injection' })
      await encryptWith(link.detach())
      // What the server said before cannot be trusted (RFC 3207 section 4.2).
      capabilities = await hello()
    } else if (tls === 'starttls') throw refused('tls', reply, 'STARTTLS')
  }
  if (auth) await authenticate(ask, capabilities, settings, auth, secret!, recorder.redact)
  // The last reply may have come together with the end of the connection.
  conversation.expectAlive()
  return { link, capabilities, verified }
}

async function secretOf(
  auth: NonNullable<Settings['auth']>,
  timeoutMs: number,
  progress: Progress,
): Promise<string> {
  if (!('accessToken' in auth)) return auth.pass
  if (typeof auth.accessToken === 'string') return auth.accessToken
  progress.stage = 'auth'
  try {
    const token: unknown = await inTime(auth.accessToken(), timeoutMs, progress)
    if (typeof token === 'string' && token !== '') return token
  } catch (cause) {
    if (cause instanceof HandshakeFailure) throw cause
    throw new HandshakeFailure({
      stage: 'auth',
      kind: 'oauth-token',
      summary: 'the access token could not be fetched',
      cause,
    })
  }
  throw new HandshakeFailure({
    stage: 'auth',
    kind: 'oauth-token',
    summary: 'the function for the access token gave none',
  })
}

/** What is fetched elsewhere may never come: then nobody else must wait for it. */
async function inTime(fetching: Promise<unknown>, timeoutMs: number, progress: Progress): Promise<unknown> {
  const ended = Promise.withResolvers<never>()
  const end = (kind: Kind, summary?: string, permanence?: Permanence): void =>
    ended.reject(new HandshakeFailure({ stage: 'auth', kind, summary, permanence }))
  const late = 'the access token did not come in time'
  const timer = setTimeout(() => end('oauth-token', late, 'transient'), timeoutMs)
  progress.stop = () => end('aborted')
  try {
    return await Promise.race([fetching, ended.promise])
  } finally {
    clearTimeout(timer)
    progress.stop = undefined
  }
}

/** One command after the other, each with a promise of its reply. */
class Conversation implements Asker {
  readonly #link: Link
  readonly #progress: Progress
  #waiting:
    | { resolve: (reply: ReplyLines) => void; reject: (failure: HandshakeFailure) => void; stage: TimedStage }
    | undefined
  #lost: Loss | undefined

  constructor(link: Link, progress: Progress) {
    this.#link = link
    this.#progress = progress
    link.onLost = (loss) => {
      this.#lost = loss
      this.#waiting?.reject(failureOf(loss, this.#waiting.stage))
    }
  }

  get entries(): TranscriptEntry[] {
    return this.#link.recorder.preamble
  }

  greeting(): Promise<ReplyLines> {
    return this.#wait('greeting', () =>
      this.#link.expect({ asker: this, stage: 'greeting', step: 'greeting', index: 0 }),
    )
  }

  readonly ask: Ask = (stage, command, shown) =>
    this.#wait(stage, () => this.#link.command(this, stage, 'command', command, 0, shown || command))

  answered(reply: ReplyLines | NotAReply): void {
    const waiting = this.#waiting!
    this.#waiting = undefined
    if (reply.code !== undefined) return waiting.resolve(reply)
    const kind = waiting.stage === 'greeting' ? 'not-smtp' : 'protocol'
    waiting.reject(
      new HandshakeFailure({
        stage: waiting.stage,
        kind,
        summary: `what the server said is no SMTP reply: ${reply.lines[0]}`,
      }),
    )
  }

  /** @throws HandshakeFailure where the connection was lost meanwhile */
  expectAlive(): void {
    if (this.#lost) throw failureOf(this.#lost, 'mail-from')
  }

  #wait(stage: TimedStage, ask: () => void): Promise<ReplyLines> {
    this.#progress.stage = stage
    if (this.#lost) return Promise.reject(failureOf(this.#lost, stage))
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, stage }
      ask()
    })
  }
}

function failureOf({ kind, stage, summary, cause }: Loss, waitingAt: TimedStage): HandshakeFailure {
  return new HandshakeFailure({ stage: stage === 'tls' ? 'tls' : waitingAt, kind, summary, cause })
}
