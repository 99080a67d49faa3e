import { cpu } from './contestants.ts'
import type { Contestant, Group } from './group.ts'
import { sending } from './sending.ts'

/** What is around `smtp()`. `all`: every wrapper, in the order that the docs recommend, but for `roundRobin`. */
export type Wrappers =
  | 'nothing'
  | 'retry'
  | 'failover'
  | 'roundRobin'
  | 'limit'
  | 'breaker'
  | 'dedupe'
  | 'redirect'
  | 'tee'
  | 'all'

const BARE = 'smtp() alone'
const ALL = 'all of them'

const around = (variant: Wrappers, label = `${variant}(smtp())`): Contestant => ({
  label,
  client: 'wrapped',
  variant,
})

/** What a wrapper costs while nothing fails. */
export const wrappers: readonly Group[] = [
  {
    ...sending,
    id: 'wrappers',
    title: 'Wrappers around smtp(), 1 KiB of text, five connections, V8 with --max-semi-space-size=16',
    connections: 5,
    // As in a process that has run for a while: V8 has compiled what is used, and given all the room to young objects.
    seconds: 3,
    flags: ['--max-semi-space-size=16'],
    contestants: [
      around('nothing', BARE),
      around('retry'),
      around('failover', 'failover(smtp(), smtp())'),
      around('roundRobin', 'roundRobin(smtp(), smtp())'),
      around('limit'),
      around('breaker'),
      around('dedupe'),
      around('redirect'),
      around('tee', 'tee(smtp(), memory())'),
      around('all', ALL),
    ],
    goals: [cpu(ALL, BARE, 1.25)],
  },
]
