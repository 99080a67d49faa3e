import { join } from 'node:path'
import { setTimeout as time } from 'node:timers/promises'
import type { Death } from './death.ts'
import { Program, type Ending, type ProgramName, type Told } from './program.ts'

/** What a stop may take, on a busy machine. */
const STOP_MS = 20_000

/** The processes of a scene, and how they ended. */
export class Cast {
  /** How many died at each point. */
  readonly kills = new Map<string, number>()
  /** What no process should do. */
  readonly contradictions: string[] = []
  /** What processes printed on standard error. */
  readonly notes: string[] = []
  readonly #programs = new Set<Program>()
  readonly #compiled: string

  /** @param folder for its files */
  constructor(folder: string) {
    this.#compiled = join(folder, 'compiled')
  }

  get killed(): number {
    return [...this.kills.values()].reduce((sum, kills) => sum + kills, 0)
  }

  start(name: ProgramName, given: object, heard: (told: Told) => void): Program {
    const program = new Program(name, given, this.#compiled, heard)
    this.#programs.add(program)
    void program.ended.then(({ errors }) => {
      this.#programs.delete(program)
      if (errors !== '') this.notes.push(`${name}: ${errors}`)
    })
    return program
  }

  /** Starts a process that is not to die, and waits until it is at work. */
  startReady(name: ProgramName, given: object): Promise<Program> {
    return new Promise((resolve) => {
      const program = this.start(name, given, ({ ready }) => ready && resolve(program))
      void program.ended.then(() => resolve(program))
    })
  }

  /** Runs a process until it dies of what it is to die of, or ends by itself because it has nothing more to do. */
  async live(
    name: ProgramName,
    given: { readonly death?: Death | undefined },
    heard: (told: Told, program: Program) => void,
  ): Promise<void> {
    const { death } = given
    let isByChance = false
    const ending = new AbortController()
    const program = this.start(name, given, (told) => {
      if (told.ready && death)
        void this.#strike(program, death, ending.signal).then((struck) => (isByChance = struck))
      heard(told, program)
    })
    const { how } = await program.ended
    ending.abort()
    if (how === 'killed') this.#count(isByChance ? 'any' : (death?.point ?? 'any'))
    if (how === 'failed' || (how === 'killed' && !death)) this.contradictions.push(`a ${name} ${how}`)
  }

  /** Stops a process. It has to end by itself. */
  async stop(program: Program): Promise<Ending> {
    program.kill('SIGTERM')
    const slow = new AbortController()
    void time(STOP_MS, undefined, { signal: slow.signal }).then(
      () => {
        this.contradictions.push('a process does not stop')
        program.kill()
      },
      () => {},
    )
    const ending = await program.ended
    slow.abort()
    if (ending.how === 'failed')
      this.contradictions.push(`a process that was to stop failed: ${ending.errors}`)
    return ending
  }

  /** Ends what still runs. */
  async end(): Promise<void> {
    const programs = [...this.#programs]
    for (const program of programs) program.kill()
    await Promise.all(programs.map(({ ended }) => ended))
  }

  /** Kills a process by the clock: at any moment, or because it did not come to the point where it was to die. */
  async #strike(program: Program, { point, afterMs }: Death, signal: AbortSignal): Promise<boolean> {
    try {
      await time(afterMs, undefined, { signal })
    } catch {
      return false
    }
    if (point === 'stopping') {
      await this.stop(program)
      return false
    }
    program.kill()
    return true
  }

  #count(point: string): void {
    this.kills.set(point, (this.kills.get(point) ?? 0) + 1)
  }
}
