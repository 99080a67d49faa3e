import { MailError, type Stage } from '@loudmail/core'
import { whatHappened } from '../../terminal/what-happened.ts'
import type { Step } from '../report.ts'
import type { Wishes } from '../target.ts'

/** The steps of a walk so far, and the first failure. Each step is told to the caller as it ends. */
export class StepLog {
  readonly steps: Step[] = []
  failure: MailError | undefined
  readonly #wishes: Pick<Wishes, 'onStep' | 'onWait'>

  constructor(wishes: Pick<Wishes, 'onStep' | 'onWait'>) {
    this.#wishes = wishes
  }

  add(step: Step): void {
    this.steps.push(step)
    this.#wishes.onStep(step)
  }

  skip(stage: Stage, name: string, detail: string): void {
    this.add({ stage, name, verdict: 'skip', durationMs: 0, detail })
  }

  /** A step that failed. One that the user stopped did not fail. */
  fail(name: string, durationMs: number, error: MailError, more = ''): void {
    this.failure ??= error
    const { stage, reply } = error
    if (error.kind === 'aborted') return this.skip(stage, name, 'Stopped.')
    const detail = [whatHappened(error), more].filter(Boolean).join(' ')
    this.add({ stage, name, verdict: 'fail', durationMs, detail, reply })
  }

  /** Tells the caller what the next step waits for. */
  waitFor(what: string): void {
    this.#wishes.onWait?.(what)
  }
}
