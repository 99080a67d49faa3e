import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scenePlan, type ScenePlan } from './scene-plan.ts'
import { play, type Played } from './scene.ts'
import type { TestStore } from './test-store.ts'

/** Which scenes to play. */
export interface RunOptions {
  readonly seed: number
  /** How many messages in all scenes together. */
  readonly messages: number
  /** At least so many processes are killed, in all scenes together. */
  readonly kills: number
  readonly inDoubt: ScenePlan['inDoubt']
  readonly store: TestStore
  /** Only this one, with its part of the messages. @default all */
  readonly scene?: number | undefined
  readonly heard?: (played: Played) => void
}

/** More messages would make it hard to see what happened to one. */
const MOST_MESSAGES = 500

/** Plays scenes one after the other. */
export async function run(options: RunOptions): Promise<readonly Played[]> {
  const { seed, messages, kills, inDoubt, store, scene: only, heard } = options
  const scenes = Math.ceil(messages / MOST_MESSAGES)
  const folder = mkdtempSync(join(tmpdir(), 'loudmail-crash-'))
  const all: Played[] = []
  try {
    for (let scene = only ?? 0; scene < (only === undefined ? scenes : only + 1); scene++) {
      const part = { inDoubt, messages: Math.ceil(messages / scenes), kills: Math.ceil(kills / scenes) }
      const played = await play(scenePlan(seed, scene, part), folder, await store.newPlace(folder))
      heard?.(played)
      all.push(played)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return all
}
