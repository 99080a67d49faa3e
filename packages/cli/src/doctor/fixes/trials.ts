import { isDeepStrictEqual } from 'node:util'
import { MailError } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'
import { probe, type Probe, type ProbeCertificate, type ProbeEvent } from '@loudmail/smtp/probe'
import type { Wishes } from '../target.ts'
import type { Candidate } from './candidate.ts'
import { usableMechanisms } from './mechanisms.ts'
import { knownSender, madeUpSender } from './sender-of.ts'

/** How a trial went. `reached`: all is well up to the log-in, which was not tried. */
export interface Outcome {
  readonly candidate: Candidate & { readonly options: SmtpOptions }
  readonly state: 'works' | 'reached' | 'failed'
  readonly encrypted: boolean
  /** If it failed. */
  readonly failure?: MailError
  readonly certificates: readonly ProbeCertificate[]
}

/** How many connections without a log-in a run of the doctor makes to find a fix. */
const MOST_CONNECTIONS = 6
/** How many connections with a log-in: refused ones lock accounts. */
const MOST_LOG_INS = 1
/** How long a neighbour may take for a TCP connection, in ms. A port that a firewall closes must not cost more. */
const CONNECT_MS = 5_000

/** Tries candidates, within the limits of one run. */
export class Trials {
  readonly #wishes: Wishes
  readonly #onTry: (text: string) => void
  readonly #tried: Outcome['candidate'][] = []
  #connections = MOST_CONNECTIONS
  #logIns = MOST_LOG_INS

  constructor(wishes: Wishes, onTry: (text: string) => void) {
    this.#wishes = wishes
    this.#onTry = onTry
  }

  /** Whether there is a connection left that goes as far as possible without a log-in. */
  get mayReach(): boolean {
    return this.#connections > 0 && !this.#wishes.signal.aborted
  }

  /** Whether the same was tried without a log-in. */
  hasTried({ options, from }: Outcome['candidate']): boolean {
    return this.#tried.some((each) => each.from === from && isDeepStrictEqual(each.options, options))
  }

  /** Whether the one connection with a log-in is left. */
  get mayLogIn(): boolean {
    return this.#logIns > 0 && !this.#wishes.signal.aborted
  }

  /** Goes as far as possible without a log-in: to the end if there is none. */
  async reach(candidate: Outcome['candidate']): Promise<Outcome> {
    const { auth, ...others } = candidate.options
    const none = { candidate, encrypted: true, certificates: [] }
    if (auth && candidate.isReached) return { ...none, state: 'reached' }
    this.#onTry(candidate.change)
    this.#tried.push(candidate)
    this.#connections--
    return this.#run(candidate, others, async (opened) => {
      if (!auth) {
        await this.#ask(opened, candidate)
        return candidate.needsRecipient && this.#wishes.to.length === 0 ? 'reached' : 'works'
      }
      if (!opened.capabilities.has('AUTH')) throw new MailError({ stage: 'auth', kind: 'auth-not-offered' })
      if (usableMechanisms(auth, opened.capabilities.mechanisms).length === 0)
        throw new MailError({
          stage: 'auth',
          kind: 'auth-mechanism',
          summary: `the server offers only ${opened.capabilities.mechanisms.join(' ')}`,
        })
      return 'reached'
    })
  }

  /** Goes all the way, with the log-in of this run. */
  async logIn(candidate: Outcome['candidate']): Promise<Outcome> {
    this.#logIns--
    this.#onTry(`${candidate.change} (with a log-in)`)
    return this.#run(candidate, candidate.options, async (opened) => {
      await this.#ask(opened, candidate)
      return 'works'
    })
  }

  /** The certificates that the server shows, without a log-in. */
  async certificates(of: SmtpOptions): Promise<readonly ProbeCertificate[]> {
    const options = { ...of, auth: undefined }
    if (!this.mayReach) return []
    this.#onTry('Look at the certificate of the server.')
    this.#connections--
    const outcome = await this.#run({ change: '', options }, options, async () => 'reached')
    return outcome.certificates
  }

  async #run(
    candidate: Outcome['candidate'],
    options: SmtpOptions,
    work: (opened: Probe) => Promise<'works' | 'reached'>,
  ): Promise<Outcome> {
    let certificates: readonly ProbeCertificate[] = []
    let encrypted = false
    const onEvent = (event: ProbeEvent): void => {
      if (event.type === 'encrypted') ({ certificates } = event)
    }
    let opened: Probe | undefined
    try {
      opened = await probe(this.#withTimes(options), { signal: this.#wishes.signal, onEvent })
      encrypted = opened.encrypted
      return { candidate, state: await work(opened), encrypted, certificates }
    } catch (error) {
      const failure = MailError.is(error)
        ? error
        : new MailError({ stage: 'connect', kind: 'unexpected', cause: error })
      return { candidate, state: 'failed', encrypted, certificates, failure }
    } finally {
      opened?.close()
    }
  }

  /** MAIL and RCPT, one by one. Nothing is sent. */
  async #ask(opened: Probe, { options, from }: Outcome['candidate']): Promise<void> {
    const { to, sizeOctets } = this.#wishes
    const known = from ?? knownSender(options, this.#wishes)
    const sender = known ?? madeUpSender(options)
    const { envelope } = toMessage({ from: sender, to: to.length > 0 ? [...to] : sender, text: '' })
    const size = sizeOctets !== undefined && opened.capabilities.has('SIZE') ? ` SIZE=${sizeOctets}` : ''
    const utf8 = envelope.smtputf8 ? ' SMTPUTF8' : ''
    try {
      await opened.ask('mail-from', `MAIL FROM:<${envelope.from}>${size}${utf8}`)
    } catch (error) {
      // The server may take the sender of the application, and nothing else was asked for.
      const isSender = MailError.is(error) && error.kind.startsWith('sender-')
      if (isSender && known === undefined && to.length === 0) return
      throw error
    }
    if (to.length > 0) for (const address of envelope.to) await opened.ask('rcpt-to', `RCPT TO:<${address}>`)
    await opened.ask('rcpt-to', 'RSET').catch(() => {})
  }

  #withTimes(options: SmtpOptions): SmtpOptions {
    const { timeoutMs = this.#wishes.timeoutMs, timeouts = {} } = options
    const connect = Math.min(timeouts.connect ?? timeoutMs, CONNECT_MS)
    return { ...options, timeoutMs, timeouts: { ...timeouts, connect } }
  }
}
