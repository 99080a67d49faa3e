import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a process of a scene says. */
export interface Told {
  readonly ready?: true
  /** It wants more messages to enqueue. */
  readonly more?: true
  /** Where the server listens. */
  readonly port?: number
  /** The server asks for the death of this worker. */
  readonly kill?: string
}

/** How a process ended. */
export interface Ending {
  readonly how: 'killed' | 'ended' | 'failed'
  /** What it printed on standard error. */
  readonly errors: string
}

export type ProgramName = 'server' | 'worker' | 'enqueuer' | 'committer'

const MOST_ERRORS = 4_000

/** A process of a scene. */
export class Program {
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess
  #hasEnded = false

  /** @param compiled a folder for what Node makes of the sources: a process starts three times as fast with it */
  constructor(name: ProgramName, given: object, compiled: string, heard: (told: Told) => void) {
    const file = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url))
    this.#child = fork(file, [JSON.stringify(given)], {
      execArgv: ['--conditions=@loudmail/source', '--disable-warning=ExperimentalWarning'],
      env: { ...process.env, NODE_COMPILE_CACHE: compiled },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let errors = ''
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      if (errors.length < MOST_ERRORS) errors += text
    })
    this.#child.on('message', (told) => heard(told as Told))
    // It may have died just before it was told something.
    this.#child.on('error', () => {})
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      this.#hasEnded = true
      return { how: signal === 'SIGKILL' ? 'killed' : code === 0 ? 'ended' : 'failed', errors }
    })
  }

  tell(what: object): void {
    if (!this.#hasEnded && this.#child.connected) this.#child.send(what, () => {})
  }

  kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): void {
    if (!this.#hasEnded) this.#child.kill(signal)
  }
}
