import type { HttpAction, HttpActionFunction, HttpScript } from './http-action.ts'
import { checkAction } from './check-action.ts'

/** Hands out what to do with each request: an action, the next one of a list, or what a function says. */
export class ScriptQueue {
  #steps: readonly (HttpAction | HttpActionFunction)[] = []
  #at = 0

  constructor(script: HttpScript) {
    this.play(script)
  }

  /** Replaces the script. */
  play(script: HttpScript): void {
    const steps = Array.isArray(script) ? (script as readonly (HttpAction | HttpActionFunction)[]) : [script]
    if (steps.length === 0) throw new TypeError('The script is an empty list: give it at least one action')
    for (const step of steps) if (typeof step !== 'function') checkAction(step as HttpAction)
    this.#steps = steps as readonly (HttpAction | HttpActionFunction)[]
    this.#at = 0
  }

  /** The next step. The last one stays. */
  take(): HttpAction | HttpActionFunction {
    const step = this.#steps[Math.min(this.#at, this.#steps.length - 1)]!
    this.#at++
    return step
  }

  /** The next step, if it is to be done before anything is read. */
  takeAtConnect(): HttpAction | undefined {
    const step = this.#steps[Math.min(this.#at, this.#steps.length - 1)]!
    if (typeof step === 'function') return undefined
    const atConnect =
      ('stall' in step && step.stall === 'connect') || ('close' in step && step.after === 'connect')
    if (!atConnect) return undefined
    this.#at++
    return step
  }
}
