import type { Random } from '../../chaos/src/random.ts'

/** Where a process that enqueues can die, by its own hand. */
export const ENQUEUER_POINTS = ['add', 'body', 'added', 'told'] as const
/** Where a process that takes orders can die, by its own hand. */
export const COMMITTER_POINTS = ['ordered', 'inserted', 'committed'] as const
/** Where a worker can die by its own hand, and where it can be frozen. */
export const WORKER_POINTS = [
  'lease',
  'connecting',
  'connected',
  'begin',
  'begun',
  'replied',
  'settled',
  'extend',
  'extended',
  'stopping',
] as const
/** Where a worker can die while the server holds back its answer. */
export const SERVER_POINTS = [
  'ehlo',
  'between',
  'rcpt',
  'data',
  'content',
  'middle',
  'dot',
  'dropped',
] as const

type CommitterPoint = (typeof COMMITTER_POINTS)[number]
type EnqueuerPoint = (typeof ENQUEUER_POINTS)[number]
type WorkerPoint = (typeof WORKER_POINTS)[number]
export type ServerPoint = (typeof SERVER_POINTS)[number]

/** What a process dies of: at a point, or at any moment. */
export interface Death {
  readonly point: CommitterPoint | EnqueuerPoint | WorkerPoint | ServerPoint | 'any'
  /** At which time that it comes to the point. */
  readonly nth: number
  /** For `any`, and the latest for the others: so long after it began to work, in ms. */
  readonly afterMs: number
}

/** A worker that stands still for longer than its leases last, and then goes on as if nothing had happened. */
export interface Freeze {
  readonly point: WorkerPoint
  readonly nth: number
  readonly ms: number
}

/** Deaths in an order that chance decides, in which every point has its turn. */
export function* deaths(random: Random, points: readonly Death['point'][]): Generator<Death> {
  for (;;) {
    const deck: Death['point'][] = [...points]
    for (let any = 0; any < points.length; any += 4) deck.push('any')
    while (deck.length > 0) {
      const [point] = deck.splice(random.whole(0, deck.length - 1), 1)
      yield {
        point: point!,
        nth: nthOf(point!, random),
        afterMs: ['any', 'stopping'].includes(point!) ? random.whole(0, 800) : 2_000,
      }
    }
  }
}

function nthOf(point: Death['point'], random: Random): number {
  // These are rare.
  if (['extend', 'extended', 'middle', 'body', 'stopping', 'connecting', 'connected', 'ehlo'].includes(point))
    return random.whole(1, 2)
  return random.whole(1, 6)
}

export function drawFreeze(random: Random, leaseMs: number): Freeze | undefined {
  if (!random.chance(0.4)) return undefined
  const point = random.one(['lease', 'begin', 'begun', 'replied', 'extend'] as const)
  return { point, nth: point === 'extend' ? 1 : random.whole(1, 5), ms: leaseMs * (1 + random.next() * 0.6) }
}
