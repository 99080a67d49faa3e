import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { memory } from '@loudmail/core'
import { outbox } from '@loudmail/outbox'
import { Random } from '../../chaos/src/random.ts'
import { businessAt } from './business.ts'
import { Cast } from './cast.ts'
import { countsBecome, isIdle } from './counts-become.ts'
import { COMMITTER_POINTS, deaths } from './death.ts'
import { readJournal } from './journal.ts'
import { isRolledBack } from './message-plan.ts'
import type { CommitterGiven } from './programs/committer.ts'
import type { ServerGiven } from './programs/server.ts'
import type { WorkerGiven } from './programs/worker.ts'
import { storeAt } from './store-at.ts'

/** What came of orders whose processes were killed. */
export interface Ordered {
  readonly contradictions: readonly string[]
  /** How many processes died at each point. */
  readonly kills: Readonly<Record<string, number>>
  readonly committed: number
  readonly notCommitted: number
}

/** Orders that one process takes. */
const EACH = 20

/**
 * Processes take orders, each with a mail in the same transaction, two at a time, and are killed before and after they commit.
 * A worker sends at the same time. An order that is in the database has sent one mail, and no other has.
 */
export async function takeOrders(
  seed: number,
  orders: number,
  folder: string,
  place: string,
): Promise<Ordered> {
  const journal = join(mkdtempSync(join(folder, 'orders-')), 'journal')
  writeFileSync(journal, '')
  const cast = new Cast(folder)
  const box = outbox(memory(), { store: storeAt(place) })
  const deathsOf = deaths(new Random('orders', seed), COMMITTER_POINTS)
  try {
    await box.store.open()
    const port = await new Promise<number>((resolve) => {
      const given: ServerGiven = { seed, scene: 0, journal, caps: ['PIPELINING'], slowMs: 10 }
      cast.start('server', given, (told) => told.port !== undefined && resolve(told.port))
    })
    const given: WorkerGiven = {
      store: place,
      journal,
      port,
      life: 'life-1',
      window: 1,
      options: { leaseMs: 10_000, delayMs: 50, maxDelayMs: 300, pollMs: 200 },
    }
    const worker = await cast.startReady('worker', given)
    const groups = Array.from({ length: orders / EACH }, (_, group) =>
      Array.from({ length: EACH }, (__, index) => group * EACH + index),
    )
    const lane = async (): Promise<void> => {
      for (let numbers = groups.pop(); numbers; numbers = groups.pop()) {
        const committer: CommitterGiven = { seed, store: place, numbers, death: deathsOf.next().value! }
        await cast.live('committer', committer, () => {})
      }
    }
    await Promise.all([lane(), lane()])
    if (!(await countsBecome(box, isIdle))) cast.contradictions.push('the outbox does not become empty')
    await cast.stop(worker)
    const business = await businessAt(place)
    const committed = new Set(await business.orders())
    await business.close()
    return {
      contradictions: [...cast.contradictions, ...contradictionsOf(seed, orders, committed, journal)],
      kills: Object.fromEntries(cast.kills),
      committed: committed.size,
      notCommitted: orders - committed.size,
    }
  } finally {
    await cast.end()
    await box.close?.()
  }
}

function contradictionsOf(
  seed: number,
  orders: number,
  committed: ReadonlySet<number>,
  journal: string,
): string[] {
  const copies = Map.groupBy(
    readJournal(journal).filter((line) => line.what === 'accepted'),
    ({ number }) => number,
  )
  return Array.from({ length: orders }, (_, number) => number).flatMap((number) => {
    const sent = copies.get(number)?.length ?? 0
    if (isRolledBack(seed, number) && committed.has(number))
      return [`order ${number}: was rolled back, but is there`]
    const wanted = committed.has(number) ? 1 : 0
    return sent === wanted
      ? []
      : [`order ${number}: ${wanted === 1 ? 'is' : 'is not'} there, and sent ${sent} mails`]
  })
}
