import { statusesOf } from './judge.ts'
import { LeftOver } from './left-over.ts'
import type { Through } from './plan.ts'
import { ServerRecord } from './record.ts'
import { play, type Played } from './scene.ts'

/** A scene with something in it that is not true. */
export interface Failed extends Played {
  readonly number: number
}

export interface Run {
  readonly seed: number
  readonly through: Through | undefined
  readonly scenes: number
  readonly sends: number
  /** How many recipients ended how. */
  readonly totals: Readonly<Record<string, number>>
  readonly failed: readonly Failed[]
  /** What concerns no single scene: what was left at the end, and what nobody caught. */
  readonly contradictions: readonly string[]
}

/** Scenes that are played at a time: most of them wait most of the time. */
const LANES = 8

/** The numbers of scenes, without end. */
export function* allScenes(): Generator<number> {
  for (let number = 0; ; number++) yield number
}

/** Plays scenes of a seed until all are played, or enough is sent. */
export async function run(
  seed: number,
  scenes: Iterable<number>,
  sends: number,
  { heard, through }: { heard?: (scenes: number) => void; through?: Through | undefined } = {},
): Promise<Run> {
  const leftOver = new LeftOver()
  const contradictions: string[] = []
  const onRejection = (reason: unknown): void => void contradictions.push(`nobody caught ${textOf(reason)}`)
  const onWarning = (warning: Error): void => {
    // It always warns when it is made.
    if (!warning.message.startsWith('redirect() is in use'))
      contradictions.push(`the process was warned: ${textOf(warning)}`)
  }
  process.on('unhandledRejection', onRejection).on('uncaughtException', onRejection).on('warning', onWarning)
  const record = new ServerRecord()
  const totals: Record<string, number> = {}
  const failed: Failed[] = []
  const numbers = scenes[Symbol.iterator]()
  let begun = 0
  let ended = 0
  let sent = 0
  const lane = async (): Promise<void> => {
    while (sent < sends) {
      const { value: number, done } = numbers.next()
      if (done) return
      const played = await play(seed, number, `${seed}x${number}x${begun++}`, record, { leftOver, through })
      sent += played.sendings.length
      for (const sending of played.sendings)
        for (const status of statusesOf(sending).values()) totals[status] = (totals[status] ?? 0) + 1
      if (played.contradictions.length > 0) failed.push({ ...played, number })
      heard?.(++ended)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  contradictions.push(...(await leftOver.find()))
  process
    .off('unhandledRejection', onRejection)
    .off('uncaughtException', onRejection)
    .off('warning', onWarning)
  return { seed, through, scenes: begun, sends: sent, totals, failed, contradictions }
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? String(thrown)) : String(thrown)
}
