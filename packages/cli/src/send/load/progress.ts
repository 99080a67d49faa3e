import type { Terminal } from '../../terminal/terminal.ts'
import type { LoadResult } from './load-result.ts'

const BAR_COLUMNS = 30
/** How often the bar moves. */
const BAR_MS = 100
/** How often a line is written where there is no terminal. */
const LINE_MS = 5_000

/** Shows on standard error how far a load check is: a bar on a terminal, otherwise a line now and then. */
export class Progress {
  readonly #result: LoadResult
  readonly #total: number
  readonly #terminal: Terminal
  readonly #timer: NodeJS.Timeout
  readonly #startedMs = performance.now()

  constructor(result: LoadResult, total: number, terminal: Terminal) {
    this.#result = result
    this.#total = total
    this.#terminal = terminal
    this.#timer = process.stderr.isTTY
      ? setInterval(() => terminal.status(this.#bar()), BAR_MS)
      : setInterval(() => terminal.note(this.#text()), LINE_MS)
    terminal.interrupted.addEventListener('abort', this.#onInterrupt)
  }

  /** Removes the bar. */
  end(): void {
    clearInterval(this.#timer)
    this.#terminal.interrupted.removeEventListener('abort', this.#onInterrupt)
    this.#terminal.status('')
  }

  readonly #onInterrupt = (): void => {
    this.#terminal.status('')
    this.#terminal.note(
      `No more messages are started. Waiting for ${this.#result.underWay} in progress; press Ctrl-C again to end at once.`,
    )
  }

  #bar(): string {
    const { sent, failed } = this.#result
    const full = Math.floor(((sent + failed) / this.#total) * BAR_COLUMNS)
    return `${'█'.repeat(full)}${'░'.repeat(BAR_COLUMNS - full)} ${this.#text()}`
  }

  #text(): string {
    const { sent, failed } = this.#result
    const seconds = (performance.now() - this.#startedMs) / 1_000
    const rate = Math.round((sent + failed) / seconds)
    const percent = Math.floor(((sent + failed) / this.#total) * 100)
    return `${percent}%  ${sent + failed} of ${this.#total}, ${failed} failed, ${rate} a second`
  }
}
