import type { Socket } from 'node:net'
import {
  capabilitiesOf,
  NO_CAPABILITIES,
  type Capabilities,
  type ReplyLines,
  type Situation,
} from '@loudmail/core/transport'
import { Link } from '../conversation/link.ts'
import { Recorder } from '../conversation/recorder.ts'
import type { Settings, TimedStage } from '../options.ts'
import { situationOf } from '../situation.ts'
import type { Account } from './account.ts'
import { LogIn } from './authenticate.ts'
import { isBrokenStartTls } from './broken-starttls.ts'
import { addressLiteral } from './client-name.ts'
import { ConnectAgain } from './connect-again.ts'
import { Conversation } from './conversation.ts'
import { dial } from './dial.ts'
import { encrypt } from './encrypt.ts'
import { failedReply } from './failed-reply.ts'
import { OpeningFailure } from './opening-failure.ts'
import type { Opening } from './opening.ts'

/** A connection that is ready for messages. */
export interface Session {
  readonly link: Link
  /** Asks one command after the other. Not for messages: those have transactions. */
  readonly conversation: Conversation
  readonly capabilities: Capabilities
  /** The connection is encrypted, and the server's certificate was verified. */
  readonly verified: boolean
  /** For the hints of failures. */
  readonly situation: Situation
}

/**
 * Opens a connection and makes it ready for MAIL: look-up, TCP, TLS, greeting, EHLO, STARTTLS, log-in.
 *
 * @throws OpeningFailure
 */
export async function handshake(settings: Settings, account: Account, opening: Opening): Promise<Session> {
  const { auth, proxy } = settings
  const logIn = auth && new LogIn(auth, settings, account, opening)
  await logIn?.prepare()
  const redact = auth || proxy ? account.secrets.redact : undefined
  for (;;) {
    const recorder = new Recorder(redact, opening.recorder)
    opening.recorder = recorder
    const link = new Link(recorder, settings.timeouts)
    try {
      return await greet(link, settings, account, logIn, opening)
    } catch (failure) {
      leave(link, failure)
      if (!(failure instanceof ConnectAgain)) throw failure
    }
  }
}

/**
 * A server that still listens gets QUIT (RFC 5321 section 3.1 asks for it even after a refused greeting). One that expects
 * TLS does not. A step that failed without a reply has closed the link.
 */
function leave(link: Link, failure: unknown): void {
  if (failure instanceof OpeningFailure && failure.init.kind !== 'response-injection') link.quit()
  else link.destroy()
}

async function greet(
  link: Link,
  settings: Settings,
  account: Account,
  logIn: LogIn | undefined,
  opening: Opening,
): Promise<Session> {
  const { host, port, protocol } = settings
  const isBroken = account.starttlsIsBroken
  const tls = isBroken ? 'none' : settings.tls
  const { recorder } = link
  const situation = situationOf(settings)
  opening.situation = situation
  const event = (text: string): void => recorder.note(recorder.preamble, 'event', text)
  const conversation = new Conversation(link, opening, protocol)
  const { ask } = conversation
  const refused = (stage: TimedStage, reply: ReplyLines, command: string): OpeningFailure =>
    failedReply(stage, reply, protocol, command, recorder.redact)
  let verified = false
  const encryptWith = async (socket: Socket): Promise<void> => {
    const secure = await encrypt(socket, settings, opening)
    event(`encrypted with ${secure.getProtocol()}`)
    verified = secure.authorized
    situation.encrypted = true
    link.attach(secure, true)
  }
  let name = settings.name
  const hello = async (): Promise<Capabilities> => {
    const first = `${protocol === 'lmtp' ? 'LHLO' : 'EHLO'} ${name}`
    const reply = await ask('ehlo', first)
    situation.hello = reply.lines
    if (reply.code === 250) return capabilitiesOf(reply.lines)
    if (protocol === 'lmtp' || reply.code < 500) throw refused('ehlo', reply, first)
    // An old server may know only HELO (RFC 5321 section 4.1.1.1).
    const second = await ask('ehlo', `HELO ${name}`)
    if (second.code !== 250) throw refused('ehlo', second, `HELO ${name}`)
    return NO_CAPABILITIES
  }

  const dialledAt = performance.now()
  const { socket, givesData } = await dial(settings, link.read, opening)
  opening.watch?.connected(socket, performance.now() - dialledAt)
  event(`connected to ${host}:${port}${settings.proxy ? ' through the proxy' : ''}`)
  if (isBroken) event('STARTTLS is not used: it did not work before')
  name ??= addressLiteral(socket, settings.proxy !== undefined)
  if (tls === 'implicit') await encryptWith(socket)
  else link.attach(socket, givesData)
  opening.handle = { ref: () => link.hold(true), unref: () => link.hold(false) }
  const greeting = await conversation.greeting()
  situation.greeting = greeting.lines[0]
  if (greeting.code !== 220) throw refused('greeting', greeting, 'connection')
  let capabilities = await hello()
  if (tls === 'starttls' || (tls === 'opportunistic' && capabilities.has('STARTTLS'))) {
    if (!capabilities.has('STARTTLS'))
      throw new OpeningFailure({ stage: 'tls', kind: 'starttls-not-offered' })
    try {
      const reply = await ask('tls', 'STARTTLS')
      if (reply.code === 220) {
        if (link.unasked) throw new OpeningFailure({ stage: 'tls', kind: 'response-injection' })
        const own = opening.handle
        await encryptWith(link.detach())
        opening.handle = own
        // What the server said before TLS cannot be trusted (RFC 3207 section 4.2).
        capabilities = await hello()
      } else if (tls === 'starttls') throw refused('tls', reply, 'STARTTLS')
    } catch (failure) {
      if (!isBrokenStartTls(failure) || !settings.mayGoOnPlain || opening.ended) throw failure
      account.starttlsIsBroken = true
      event(`STARTTLS does not work (${failure.message}): going on without it`)
      throw new ConnectAgain()
    }
  }
  await logIn?.on(ask, capabilities)
  // The connection may have ended together with the last reply.
  conversation.expectAlive()
  return { link, conversation, capabilities, verified, situation }
}
