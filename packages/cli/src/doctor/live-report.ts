import { visible } from '@loudmail/core/transport'
import type { Terminal } from '../terminal/terminal.ts'
import { printStep } from './print-step.ts'
import type { Step } from './report.ts'
import { list } from './steps/list.ts'
import { NOT_TRIED } from './steps/skip-rest.ts'

/** Prints the steps as they end, and meanwhile shows on a terminal what is waited for. */
export class LiveReport {
  readonly #terminal: Terminal
  #isWaiting = false
  /** The names of steps that were not reached. They share a line. */
  #notTried: string[] = []

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** For `onStep` of the wishes. */
  readonly step = (step: Step): void => {
    if (step.detail === NOT_TRIED) return void this.#notTried.push(step.name)
    this.clear()
    printStep(this.#terminal, step)
  }

  /** For `onWait` of the wishes. Standard error gets one line, which is written over and over. */
  readonly waitFor = (what: string): void => this.#show(`waiting for ${what}`)

  /** For `onTry` of the fixes, after the steps. */
  readonly trying = (change: string): void => {
    this.clear()
    this.#show(`trying: ${change}`)
  }

  /** Takes the waiting line away, and prints what is left. Call it at the end, and before anything else is written. */
  readonly clear = (): void => {
    if (this.#isWaiting) process.stderr.write('\r\u001B[2K')
    this.#isWaiting = false
    const names = this.#notTried.splice(0)
    if (names.length === 0) return
    const detail = `${list(names)}, because an earlier step failed.`
    printStep(this.#terminal, { stage: 'config', name: 'not tried', verdict: 'skip', durationMs: 0, detail })
  }

  #show(what: string): void {
    if (!process.stderr.isTTY) return
    // A line that the terminal breaks could not be replaced.
    const columns = (process.stderr.columns || 80) - 1
    const text = visible(this.#terminal.secrets.redact(`  … ${what}`)).slice(0, columns)
    process.stderr.write(`\r\u001B[2K${this.#terminal.styledNote('dim', text)}`)
    this.#isWaiting = true
  }
}
