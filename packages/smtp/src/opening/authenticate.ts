import type { Capabilities, Redact, ReplyLines } from '@loudmail/core/transport'
import { MECHANISMS, type Mechanism, type Settings, type SmtpAuth, type TimedStage } from '../options.ts'
import { failedReply } from './failed-reply.ts'
import { OpeningFailure } from './opening-failure.ts'
import { saslExchange } from './sasl.ts'

/** Sends a command of the handshake and waits for its reply. The transcript has `shown` instead of a secret. */
export type Ask = (stage: TimedStage, command: string, shown?: string) => Promise<ReplyLines>

/**
 * Logs in (RFC 4954).
 *
 * @param secret the password, or the access token that was fetched for this connection
 * @throws OpeningFailure at `auth`
 */
export async function authenticate(
  ask: Ask,
  capabilities: Capabilities,
  settings: Settings,
  auth: SmtpAuth,
  secret: string,
  redact: Redact | undefined,
): Promise<void> {
  if (!capabilities.has('AUTH')) throw new OpeningFailure({ stage: 'auth', kind: 'auth-not-offered' })
  const mechanism = chooseMechanism(auth, capabilities.mechanisms)
  if (!mechanism) {
    const offered = capabilities.mechanisms.join(' ') || 'none'
    throw new OpeningFailure({
      stage: 'auth',
      kind: 'auth-mechanism',
      summary: `the server offers no authentication mechanism that this client can use; it offers ${offered}`,
    })
  }
  const exchange = saslExchange(mechanism, auth.user, secret, settings.host, settings.port)
  const initial = exchange.initial === undefined ? '' : ` ${base64(exchange.initial)}`
  let reply = await ask('auth', `AUTH ${mechanism}${initial}`, initial && `AUTH ${mechanism} <redacted>`)
  // Every mechanism needs only a few challenges. A server that sends more gets no answer.
  for (let round = 0; reply.code === 334 && round < 5; round++) {
    let answer: string
    try {
      answer = await exchange.respond(Buffer.from(reply.lines[0]!.slice(4), 'base64'))
    } catch (error) {
      throw new OpeningFailure({
        stage: 'auth',
        kind: 'protocol',
        summary: (error as Error).message,
      })
    }
    reply = await ask('auth', base64(answer), '<redacted>')
  }
  if (reply.code === 235 && exchange.proven?.() === false) {
    // RFC 5802 section 5: a server that cannot prove it may be an impostor.
    throw new OpeningFailure({
      stage: 'auth',
      kind: 'protocol',
      summary: 'the server did not prove that it knows the password',
    })
  }
  if (reply.code !== 235) throw failedReply('auth', reply, settings.protocol, `AUTH ${mechanism}`, redact)
}

function chooseMechanism(auth: SmtpAuth, offered: readonly string[]): Mechanism | undefined {
  if (auth.method !== undefined) return auth.method
  const usable: readonly Mechanism[] =
    'accessToken' in auth ? ['XOAUTH2', 'OAUTHBEARER'] : MECHANISMS.slice(0, 4)
  return usable.find((mechanism) => offered.includes(mechanism))
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
