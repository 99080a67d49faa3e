import {
  Answer,
  isSyntaxError,
  refusedToken,
  refusesMechanism,
  tokenProblem,
  type Capabilities,
  type ReplyLines,
} from '@loudmail/core/transport'
import { MECHANISMS, type Mechanism, type Settings, type SmtpAuth, type TimedStage } from '../options.ts'
import { fetchToken } from './access-token.ts'
import type { Account } from './account.ts'
import { ConnectAgain } from './connect-again.ts'
import { OpeningFailure } from './opening-failure.ts'
import type { Opening } from './opening.ts'
import { saslExchange } from './sasl.ts'

/** Sends a command of the handshake and waits for its reply. The transcript has `shown` instead of a secret. */
export type Ask = (stage: TimedStage, command: string, shown?: string) => Promise<ReplyLines>

/** How the server refused a log-in. */
interface Refusal {
  /** Undefined if it closed the connection after it had said what is wrong with the access token. */
  readonly answer: Answer | undefined
  /** What it said about the access token before. */
  readonly problem: string | undefined
  /** The AUTH command had an initial response. */
  readonly hadInitial: boolean
}

/** The log-in of one opening (RFC 4954), on its connection or on those that replace it. */
export class LogIn {
  readonly #auth: SmtpAuth
  readonly #settings: Settings
  readonly #account: Account
  readonly #opening: Opening
  /** The mechanisms that the server refused in this opening. */
  readonly #refused = new Set<Mechanism>()
  #secret = ''
  #hasRenewed = false
  #sendsInitial: boolean
  /** A mechanism that the server did not understand with an initial response. */
  #notUnderstood: Mechanism | undefined

  constructor(auth: SmtpAuth, settings: Settings, account: Account, opening: Opening) {
    this.#auth = auth
    this.#settings = settings
    this.#account = account
    this.#opening = opening
    this.#sendsInitial = account.sendsInitial
  }

  /**
   * Gets the password or the access token. It is called before anything is connected.
   *
   * @throws OpeningFailure `auth/oauth-token`
   */
  async prepare(): Promise<void> {
    const auth = this.#auth
    if (!('accessToken' in auth)) return this.#use(auth.pass)
    const { accessToken } = auth
    this.#use(
      typeof accessToken === 'string'
        ? accessToken
        : await fetchToken(accessToken, this.#settings, this.#opening),
    )
  }

  /**
   * Logs in on a connection. If the server refuses a mechanism, the next one follows. If it refuses an access token, a new
   * one is asked for once. A refused password is never tried again.
   *
   * @throws OpeningFailure at `auth`
   * @throws ConnectAgain if the server closed the connection after it refused something that another attempt can replace
   */
  async on(ask: Ask, capabilities: Capabilities): Promise<void> {
    if (!capabilities.has('AUTH')) throw new OpeningFailure({ stage: 'auth', kind: 'auth-not-offered' })
    const { mechanisms: offered } = capabilities
    let mechanism = this.#next(offered)
    if (!mechanism) {
      throw new OpeningFailure({
        stage: 'auth',
        kind: 'auth-mechanism',
        summary: `the server offers no authentication mechanism that this client can use; it offers ${list(offered)}`,
      })
    }
    for (let attempt = 0; ; attempt++) {
      const refusal = await this.#attempt(ask, mechanism, attempt > 0)
      if (!refusal) break
      const { answer, hadInitial } = refusal
      if (answer && refusesMechanism(answer, mechanism)) {
        if (hadInitial && isSyntaxError(answer)) this.#notUnderstood ??= mechanism
        this.#refused.add(mechanism)
        this.#account.refused.add(mechanism)
        mechanism = this.#next(offered) ?? this.#withoutInitial()
        if (!mechanism) throw this.#allRefused(answer, offered)
      } else {
        const failure = failureOf(refusal)
        if (!(await this.#renew(failure))) throw failure
      }
    }
    this.#account.refused.delete(mechanism)
    this.#account.sendsInitial = this.#sendsInitial
  }

  #use(secret: string): void {
    this.#secret = secret
    this.#account.secrets.add(secret)
  }

  #next(offered: readonly string[]): Mechanism | undefined {
    const { method } = this.#auth
    if (method !== undefined) return this.#refused.has(method) ? undefined : method
    const known = 'accessToken' in this.#auth ? TOKEN_MECHANISMS : PASSWORD_MECHANISMS
    const usable = known.filter((name) => offered.includes(name) && !this.#refused.has(name))
    return usable.find((name) => !this.#account.refused.has(name)) ?? usable[0]
  }

  /** If nothing else is left: the server may have refused only the initial response. */
  #withoutInitial(): Mechanism | undefined {
    if (!this.#sendsInitial) return undefined
    this.#sendsInitial = this.#notUnderstood === undefined
    return this.#notUnderstood
  }

  /** @param isAgain the server refused another attempt on this connection, and may have closed it after that */
  async #attempt(ask: Ask, mechanism: Mechanism, isAgain: boolean): Promise<Refusal | undefined> {
    const { host, port, protocol } = this.#settings
    const hide = (text: string): void => this.#account.secrets.add(text)
    const { user } = this.#auth
    const exchange = saslExchange(mechanism, { user, secret: this.#secret, host, port, hide })
    const { initial } = exchange
    const command = `AUTH ${mechanism}`
    const hadInitial = initial !== undefined && this.#sendsInitial
    let reply = await (
      hadInitial
        ? ask('auth', `${command} ${base64(initial)}`, `${command} <redacted>`)
        : ask('auth', command)
    ).catch((failure: unknown) => {
      throw isAgain && isLost(failure) ? new ConnectAgain() : failure
    })
    if (isAgain && reply.code === 421) throw new ConnectAgain()
    let problem: string | undefined
    // Every mechanism needs only a few challenges. A server that sends more gets no answer.
    for (let round = 0; reply.code === 334 && round < 5; round++) {
      const [line = ''] = reply.lines
      const challenge = Buffer.from(line.slice(4), 'base64')
      // Some servers ignore an initial response and ask for it.
      const isAskedFor = round === 0 && initial !== undefined && (!hadInitial || challenge.length === 0)
      if (TOKEN_MECHANISMS.includes(mechanism)) problem ??= tokenProblem(line, this.#account.secrets.redact)
      let answer: string
      try {
        answer = isAskedFor ? initial : await exchange.respond(challenge)
      } catch (error) {
        throw new OpeningFailure({ stage: 'auth', kind: 'protocol', summary: (error as Error).message })
      }
      try {
        reply = await ask('auth', base64(answer), '<redacted>')
      } catch (failure) {
        if (problem === undefined || !isLost(failure)) throw failure
        return { answer: undefined, problem, hadInitial }
      }
    }
    if (reply.code !== 235 && !isAlreadyIn(reply)) {
      const answer = new Answer(reply, protocol, command, this.#account.secrets.redact)
      return { answer, problem, hadInitial }
    }
    if (exchange.proven?.() === false) {
      // RFC 5802 section 5: a server that cannot prove it may be an impostor.
      throw new OpeningFailure({
        stage: 'auth',
        kind: 'protocol',
        summary: 'the server did not prove that it knows the password',
      })
    }
    return undefined
  }

  #allRefused(answer: Answer, offered: readonly string[]): OpeningFailure {
    const tried = list([...this.#refused])
    return new OpeningFailure({
      stage: 'auth',
      kind: 'auth-mechanism',
      reply: answer.reply,
      summary: `the server refused every authentication mechanism that was tried (${tried}); it offers ${list(offered)}. It said: ${answer.text.slice(0, 300)}`,
    })
  }

  /** Asks once for a new access token after a refusal. False if there is none: then the refusal stands. */
  async #renew(failure: OpeningFailure): Promise<boolean> {
    if (failure.init.kind !== 'oauth-token' || this.#hasRenewed) return false
    if (!('accessToken' in this.#auth) || typeof this.#auth.accessToken === 'string') return false
    this.#hasRenewed = true
    const token = await fetchToken(this.#auth.accessToken, this.#settings, this.#opening, failure)
    if (token === this.#secret) return false
    this.#use(token)
    return true
  }
}

const TOKEN_MECHANISMS: readonly Mechanism[] = ['XOAUTH2', 'OAUTHBEARER']
const PASSWORD_MECHANISMS = MECHANISMS.filter((mechanism) => !TOKEN_MECHANISMS.includes(mechanism))

function failureOf({ answer, problem }: Refusal): OpeningFailure {
  const kind = answer ? answer.diagnosis('auth').kind : 'oauth-token'
  const isExplained = kind === 'oauth-token' && problem !== undefined
  const summary = isExplained ? refusedToken(problem, answer) : undefined
  return new OpeningFailure({ stage: 'auth', kind, reply: answer?.reply, summary })
}

/** Some servers know the client by its address or its certificate, offer AUTH all the same, and have no use for it. */
function isAlreadyIn({ code, lines }: ReplyLines): boolean {
  return code === 503 && /already (?:been )?(?:auth|logged)/i.test(lines.join(' '))
}

function isLost(failure: unknown): boolean {
  return failure instanceof OpeningFailure && failure.init.kind === 'connection-lost'
}

function list(mechanisms: readonly string[]): string {
  return mechanisms.join(' ') || 'none'
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
