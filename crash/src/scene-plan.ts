import { Random } from '../../chaos/src/random.ts'

/** How the server speaks. */
const STYLES = [
  { name: 'pipelined', caps: ['PIPELINING', '8BITMIME'], window: 1 },
  { name: 'one command at a time', caps: ['8BITMIME'], window: 1 },
  { name: 'several in flight', caps: ['PIPELINING', 'CHUNKING', '8BITMIME'], window: 4 },
] as const

/** What a scene is like. */
export interface ScenePlan {
  readonly seed: number
  readonly number: number
  readonly inDoubt: 'park' | 'resend'
  readonly style: (typeof STYLES)[number]
  readonly messages: number
  /** At least so many processes are killed. */
  readonly kills: number
  readonly workers: number
  readonly enqueuers: number
  /** Messages that one worker sends at once. */
  readonly concurrency: number
  readonly leaseMs: number
  /** How long the server takes for the answer to some messages, in ms. */
  readonly slowMs: number
  /** The store is away for some time: then `send()` may fail. */
  readonly mayFail: boolean
}

export function scenePlan(
  seed: number,
  number: number,
  asked: Pick<ScenePlan, 'inDoubt' | 'messages' | 'kills'>,
): ScenePlan {
  const random = new Random('scene', seed, number)
  return {
    seed,
    number,
    ...asked,
    style: STYLES[number % STYLES.length]!,
    workers: 3,
    enqueuers: 2,
    concurrency: random.whole(4, 12),
    leaseMs: 1_200,
    slowMs: 1_000,
    mayFail: false,
  }
}
