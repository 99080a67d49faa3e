import type { MailError, Reply } from '@loudmail/core'
import type { ProbeAnswered } from '@loudmail/smtp/probe'
import type { StepLog } from './step-log.ts'

/** The log-in as one step, however many replies it takes. */
export class LogInStep {
  readonly #log: StepLog
  readonly #user: string | undefined
  /** Those that were tried, with the reply that ended each. */
  readonly #tried: { readonly mechanism: string; reply: Reply }[] = []
  #durationMs = 0

  constructor(log: StepLog, user: string | undefined) {
    this.#log = log
    this.#user = user
  }

  answered({ reply, durationMs }: ProbeAnswered): void {
    this.#durationMs += durationMs
    const mechanism = /^AUTH (\S+)/.exec(reply.command ?? '')?.[1]
    if (mechanism !== undefined) this.#tried.push({ mechanism, reply })
    const last = this.#tried.at(-1)
    if (last) last.reply = reply
  }

  /** @param isSafe nobody on the way can read the password */
  succeeded(offered: readonly string[], isSafe: boolean): void {
    const last = this.#tried.at(-1)
    if (!last) return
    const refused = this.#tried.slice(0, -1).map(({ mechanism }) => mechanism)
    const problems = [
      refused.length > 0 &&
        `The server offers ${refused.join(' and ')} but refuses it: programs that try only that one fail.`,
      !isSafe && 'The password goes over the network without encryption.',
    ].filter((problem) => problem !== false)
    const detail = [`${last.mechanism} works for ${this.#user}.`, offerOf(offered), ...problems].join(' ')
    const verdict = problems.length > 0 ? 'warn' : 'pass'
    const { reply } = last
    this.#log.add({ stage: 'auth', name: 'log-in', verdict, durationMs: this.#durationMs, detail, reply })
  }

  failed(error: MailError, offered: readonly string[], sinceMs: number): void {
    const last = this.#tried.at(-1)
    const isSaid = error.kind === 'auth-mechanism' || error.kind === 'auth-not-offered'
    const tried =
      last && error.kind !== 'auth-mechanism' ? `${last.mechanism} was tried for ${this.#user}.` : ''
    const more = [tried, isSaid ? '' : offerOf(offered)].filter(Boolean).join(' ')
    this.#log.fail('log-in', last ? this.#durationMs : sinceMs, error, more)
  }
}

function offerOf(mechanisms: readonly string[]): string {
  return mechanisms.length > 1 ? `The server offers ${mechanisms.join(', ')}.` : ''
}
