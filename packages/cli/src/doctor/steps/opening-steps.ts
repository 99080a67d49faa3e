import type { MailError, Stage } from '@loudmail/core'
import { capabilitiesOf, NO_CAPABILITIES, type Capabilities } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'
import type { ProbeAnswered, ProbeConnected, ProbeEncrypted, ProbeEvent } from '@loudmail/smtp/probe'
import type { Step } from '../report.ts'
import { hostAndPort, type Destination } from './destination.ts'
import { certificateStep, plainStep, tlsStep, whyUnverified } from './encryption-steps.ts'
import { LogInStep } from './log-in-step.ts'
import { replyStep, type Undecided } from './reply-step.ts'
import type { StepLog } from './step-log.ts'
import { stepName } from './step-name.ts'

const OPENING: readonly Stage[] = ['greeting', 'ehlo', 'tls', 'auth']

/** Turns what a probe tells while it opens a connection into steps. */
export class OpeningSteps {
  readonly #log: StepLog
  readonly #destination: Destination
  readonly #options: SmtpOptions
  readonly #logIn: LogInStep
  #undecided: Undecided | undefined
  #lastEventAt = performance.now()
  #connections = 0
  #isEncrypted = false
  #asksStartTls = false
  #saysPlain = false
  #offered: Capabilities = NO_CAPABILITIES

  constructor(log: StepLog, destination: Destination, options: SmtpOptions) {
    this.#log = log
    this.#destination = destination
    this.#options = options
    this.#logIn = new LogInStep(log, options.auth?.user)
  }

  readonly onEvent = (event: ProbeEvent): void => {
    if (event.type === 'answered' && !OPENING.includes(event.stage)) return
    this.#lastEventAt = performance.now()
    if (event.type === 'connected') this.#connected(event)
    else if (event.type === 'encrypted') this.#encrypted(event)
    else this.#answered(event)
  }

  /** The connection is ready. */
  succeeded(): void {
    this.#goesOn()
    this.#tellPlain()
    const { mechanisms } = this.#offered
    if (this.#options.auth) this.#logIn.succeeded(mechanisms, this.#isEncrypted || this.#destination.isOwn)
    else {
      const offer = mechanisms.length > 0 ? ` The server offers ${mechanisms.join(', ')}.` : ''
      this.#log.skip('auth', 'log-in', `No user name is set.${offer}`)
    }
  }

  /** The opening failed. */
  failed(error: MailError): void {
    const { stage } = error
    const durationMs = performance.now() - this.#lastEventAt
    const undecided = this.#undecided
    if (undecided?.step.stage === stage) {
      this.#undecided = undefined
      const { name, detail } = undecided.step
      return this.#log.fail(name, undecided.step.durationMs, error, detail)
    }
    this.#goesOn()
    if (stage === 'auth') {
      this.#tellPlain()
      return this.#logIn.failed(error, this.#offered.mechanisms, durationMs)
    }
    // The steps before the probe have told it.
    const isTold = this.#log.steps.some((step) => step.stage === stage && step.verdict === 'fail')
    if (isTold && (stage === 'dns' || stage === 'connect')) this.#log.failure ??= error
    else this.#log.fail(stepName(error), durationMs, error)
  }

  #connected({ throughProxy, durationMs }: ProbeConnected): void {
    const { proxy, tls } = this.#destination
    const step = { stage: 'connect', durationMs } as const
    if (this.#connections++ > 0) {
      this.#startTlsBroke()
      const detail = 'A second connection was needed, because the first could not go on.'
      this.#log.add({ ...step, name: 'connection', verdict: 'warn', detail })
    } else if (throughProxy && proxy) {
      const detail = `The proxy ${hostAndPort(proxy)} connects to ${hostAndPort(this.#destination)}.`
      this.#log.add({ ...step, name: 'proxy', verdict: 'pass', detail })
    }
    this.#log.waitFor(tls === 'implicit' ? 'TLS' : 'the greeting')
  }

  /** A second connection without STARTTLS follows if TLS did not begin on the first. */
  #startTlsBroke(): void {
    const isBroken = this.#asksStartTls && !this.#isEncrypted && !this.#undecided
    this.#goesOn()
    this.#isEncrypted = false
    if (!isBroken) return
    const detail = 'STARTTLS is offered, but it does not work. Loudmail goes on without it.'
    this.#log.add({ stage: 'tls', name: 'TLS', verdict: 'warn', durationMs: 0, detail })
  }

  #encrypted(event: ProbeEncrypted): void {
    this.#goesOn()
    this.#isEncrypted = true
    this.#log.add(tlsStep(event))
    const step = certificateStep(event)
    this.#take(
      event.verified
        ? step
        : { step, ifItGoesOn: whyUnverified(this.#options, this.#destination, event.certificates) },
    )
    this.#log.waitFor(this.#destination.tls === 'implicit' ? 'the greeting' : 'the answer to EHLO')
  }

  #answered(event: ProbeAnswered): void {
    const { stage, reply } = event
    this.#goesOn()
    if (stage === 'auth') {
      this.#tellPlain()
      return this.#logIn.answered(event)
    }
    if (stage === 'tls') this.#asksStartTls = true
    this.#take(replyStep(event, this.#isEncrypted))
    if (stage === 'ehlo' && reply.code === 250)
      this.#offered = capabilitiesOf(reply.text.split('\n').map((line) => `250-${line}`))
    this.#log.waitFor(this.#nextAfter(stage))
  }

  #nextAfter(stage: Stage): string {
    const { tls } = this.#destination
    if (stage === 'greeting') return 'the answer to EHLO'
    if (stage === 'tls') return 'TLS'
    const wantsTls = tls === 'starttls' || (tls === 'opportunistic' && this.#offered.has('STARTTLS'))
    if (wantsTls && !this.#isEncrypted) return 'STARTTLS'
    return this.#options.auth ? 'the log-in' : 'the server'
  }

  /** Says once that nothing is encrypted. */
  #tellPlain(): void {
    if (this.#isEncrypted || this.#saysPlain) return
    this.#saysPlain = true
    const isOffered = this.#offered.has('STARTTLS')
    this.#log.add(plainStep(this.#destination, { isAsked: this.#asksStartTls, isOffered }))
  }

  #take(found: Step | Undecided): void {
    if ('step' in found) this.#undecided = found
    else this.#log.add(found)
  }

  #goesOn(): void {
    if (!this.#undecided) return
    const { step, ifItGoesOn } = this.#undecided
    this.#undecided = undefined
    this.#log.add({ ...step, verdict: 'warn', detail: `${step.detail} ${ifItGoesOn}`.trim() })
  }
}
