import { countsBecome } from './counts-become.ts'
import { scenePlan } from './scene-plan.ts'
import { play, type Played } from './scene.ts'

/** What several workers share. */
export interface ShareOptions {
  readonly seed: number
  readonly messages: number
  readonly folder: string
  readonly place: string
  /** Restarts the store. It is called when half of the messages are sent. @default nothing */
  readonly restart?: (() => Promise<void>) | undefined
}

/** Four workers send what two processes enqueue. Nobody is killed, and the store is restarted if that is asked for. */
export function share({ seed, messages, folder, place, restart }: ShareOptions): Promise<Played> {
  const plan = {
    ...scenePlan(seed, 0, { inDoubt: 'park', messages, kills: 0 }),
    workers: 4,
    concurrency: 50,
    // Long, because nobody dies.
    leaseMs: 10_000,
    slowMs: 20,
    mayFail: restart !== undefined,
  }
  return play(plan, folder, place, async (box) => {
    if (!restart) return
    await countsBecome(box, ({ sent, dead, 'in-doubt': inDoubt }) => sent + dead + inDoubt >= messages / 2)
    await restart()
  })
}
