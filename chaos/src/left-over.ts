import { setTimeout as time } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openFiles } from './content.ts'

/** What keeps a process alive and is not the test's own. */
const HELD = /Timeout|TCP|TLS|Pipe|FSReq|GetAddrInfo/
/** How often it is looked again, 25 ms apart. The client of SOCKS proxies holds a connection until its time-out of 5 s. */
const TRIES = 240

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What a run must leave nothing of: sockets, timers, open files and mailers. */
export class LeftOver {
  readonly #before = held()
  readonly #mailers = new Map<string, number>()
  readonly #registry = new FinalizationRegistry<undefined>(() => this.#count(-1))

  /** A mailer, with all that it holds, must be gone at the end. */
  watch(mailer: object): void {
    this.#count(1)
    this.#registry.register(mailer, undefined)
  }

  /** What is still there, after a while in which it may end. */
  async find(): Promise<string[]> {
    for (let tries = TRIES; ; tries--) {
      collectGarbage()
      await time(25)
      const left = [...held(), ...this.#mailers].filter(
        ([what, count]) => count > (this.#before.get(what) ?? 0),
      )
      if (left.length === 0 || tries === 0)
        return left.map(([what, count]) => `left at the end: ${count} ${what}`)
    }
  }

  #count(more: number): void {
    this.#mailers.set('mailers', (this.#mailers.get('mailers') ?? 0) + more)
  }
}

function held(): Map<string, number> {
  const counts = new Map<string, number>([['open files', openFiles()]])
  for (const what of process.getActiveResourcesInfo())
    if (HELD.test(what)) counts.set(what, (counts.get(what) ?? 0) + 1)
  return counts
}
