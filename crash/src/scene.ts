import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { memory } from '@loudmail/core'
import { outbox, type Outbox, type OutboxEntry } from '@loudmail/outbox'
import { Random } from '../../chaos/src/random.ts'
import { Cast } from './cast.ts'
import { countsBecome, isIdle } from './counts-become.ts'
import {
  deaths,
  drawFreeze,
  ENQUEUER_POINTS,
  SERVER_POINTS,
  WORKER_POINTS,
  type Death,
  type Freeze,
} from './death.ts'
import { judge, type Verdict } from './judge.ts'
import { readJournal } from './journal.ts'
import type { Program } from './program.ts'
import type { EnqueuerGiven } from './programs/enqueuer.ts'
import type { ServerGiven } from './programs/server.ts'
import type { WorkerGiven } from './programs/worker.ts'
import type { ScenePlan } from './scene-plan.ts'
import { storeAt } from './store-at.ts'
import { Work } from './work.ts'

/** What came of a scene. */
export interface Played extends Verdict {
  readonly plan: ScenePlan
  /** How many processes died at each point. */
  readonly kills: Readonly<Record<string, number>>
  /** What processes printed on standard error. */
  readonly notes: readonly string[]
  readonly ms: number
}

/**
 * Plays one scene: processes enqueue and send, and are killed. Then others send what is left, and the judge compares what
 * is in the outbox, what the server took, and what the processes were told.
 *
 * @param folder for its files
 * @param place where its store is
 * @param meanwhile what else happens while messages are enqueued and sent
 */
export async function play(
  plan: ScenePlan,
  folder: string,
  place: string,
  meanwhile: (box: Outbox) => Promise<void> = async () => {},
): Promise<Played> {
  const { seed, number: scene, style, inDoubt, concurrency, leaseMs } = plan
  const startedAt = performance.now()
  const journal = join(mkdtempSync(join(folder, 'scene-')), 'journal')
  writeFileSync(journal, '')
  const box = outbox(memory(), { store: storeAt(place) })
  const cast = new Cast(folder)
  const work = new Work(plan)
  const random = new Random('deaths', seed, scene)
  const workers = new Map<string, Program>()
  let lives = 0
  try {
    const port = await new Promise<number>((resolve) => {
      const given: ServerGiven = { seed, scene, journal, caps: style.caps, slowMs: plan.slowMs }
      const server = cast.start('server', given, ({ port: open, kill: life }) => {
        if (open !== undefined) resolve(open)
        if (life === undefined) return
        const doomed = workers.get(life)!
        doomed.kill()
        void doomed.ended.then(() => server.tell({ dead: life }))
      })
    })
    const workerGiven = (death?: Death, freeze?: Freeze): WorkerGiven => ({
      store: place,
      journal,
      port,
      life: `life-${++lives}`,
      window: style.window,
      options: { inDoubt, concurrency, leaseMs, delayMs: 50, maxDelayMs: 300, pollMs: 200 },
      death,
      freeze,
    })
    const isKilling = (): boolean => cast.killed < plan.kills || !work.isOver

    const sending = async (lane: number): Promise<void> => {
      for (let life = 0; isKilling(); life++) {
        const death = workerDeaths.next().value as Death
        const given = workerGiven(death, drawFreeze(random.fork('freeze', lane, life), leaseMs))
        await cast.live('worker', given, (_, program) => workers.set(given.life, program))
        work.wake()
      }
    }
    const enqueuing = async (): Promise<void> => {
      while (!work.isOver) {
        const death = cast.killed < plan.kills ? (enqueuerDeaths.next().value as Death) : undefined
        await enqueue({ seed, scene, store: place, journal, mayFail: plan.mayFail, death }, cast, work)
      }
    }
    const workerDeaths = deaths(random.fork('workers'), [...WORKER_POINTS, ...SERVER_POINTS])
    const enqueuerDeaths = deaths(random.fork('enqueuers'), ENQUEUER_POINTS)
    const startHealthy = (): Promise<Program[]> =>
      Promise.all(Array.from({ length: plan.workers }, () => cast.startReady('worker', workerGiven())))
    await box.store.open()
    const early = plan.kills === 0 ? await startHealthy() : []
    await Promise.all([
      ...Array.from({ length: plan.kills === 0 ? 0 : plan.workers }, (_, lane) => sending(lane)),
      ...Array.from({ length: plan.enqueuers }, enqueuing),
      meanwhile(box),
    ])
    const healthy = plan.kills === 0 ? early : await startHealthy()
    if (!(await countsBecome(box, isIdle))) cast.contradictions.push('the outbox does not become empty')
    await Promise.all(healthy.map((program) => cast.stop(program)))

    const verdict = judge(plan, await entriesOf(box), readJournal(journal))
    return {
      plan,
      ...verdict,
      contradictions: [...cast.contradictions, ...verdict.contradictions],
      kills: Object.fromEntries(cast.kills),
      notes: cast.notes,
      ms: performance.now() - startedAt,
    }
  } finally {
    await cast.end()
    await box.close?.()
  }
}

/** One process that enqueues, until it dies or nothing is left. */
async function enqueue(given: EnqueuerGiven, cast: Cast, work: Work): Promise<void> {
  const mine: number[] = []
  let isDead = false
  const hand = async (program: Program): Promise<void> => {
    const numbers = await work.next(
      () => cast.killed,
      () => isDead,
    )
    mine.push(...numbers)
    program.tell(numbers.length > 0 ? { numbers } : { end: true })
  }
  await cast.live('enqueuer', given, (told, program) => {
    if (told.more) void hand(program)
  })
  isDead = true
  const journal = readJournal(given.journal)
  const numbersOf = (what: 'started' | 'settled'): ReadonlySet<number> =>
    new Set(journal.flatMap((line) => (line.what === what ? [line.number] : [])))
  work.giveBack(mine, numbersOf('started'), numbersOf('settled'))
}

async function entriesOf(box: Outbox): Promise<OutboxEntry[]> {
  const entries: OutboxEntry[] = []
  for await (const entry of box.list()) entries.push(entry)
  return entries
}
