import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { newFolder, newStore } from './subject.ts'

const ADDER = fileURLToPath(new URL('programs/adder.ts', import.meta.url))

/** The same numbers for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/*
 * A power cut leaves the files of one moment. Copies that are made one after the other would not: with a checkpoint between
 * them, the copy of the database is of a time before it, and that of the log of a time after it, which no disk ever shows. So
 * the process is stopped while its files are copied. The index of the log (-shm) is left out, because it is only in memory.
 *
 * A disk may also lose what was written and not yet synced. No add() was told of that: `synchronous = FULL` syncs the log
 * within COMMIT (see query-plans.test.ts for the setting), and content and its folder are synced before that.
 *
 * This process never opens the files of the other one with SQLite, nor does the other one read them in any other way.
 */
it.each([1, 2, 3])(
  'every copy of the files opens, and has every entry that was kept (seed %i)',
  async (seed) => {
    const next = random(seed)
    const folder = newFolder()
    const file = join(folder, 'mail.db')
    const child = spawn(process.execPath, [
      '--conditions=@loudmail/source',
      ADDER,
      file,
      '1000000',
      '8',
      '60000',
    ])
    onTestFinished(() => void child.kill('SIGKILL'))
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
    const idsSoFar = (): string[] => printed.split('\n').slice(0, -1)
    await expect.poll(() => idsSoFar().length, { timeout: 20_000 }).toBeGreaterThan(0)
    for (let copy = 0; copy < 6; copy++) {
      await wait(next() * 250)
      const kept = idsSoFar()
      child.kill('SIGSTOP')
      const place = join(folder, `copy-${copy}`)
      mkdirSync(place)
      for (const end of ['', '-wal']) copyFileSync(file + end, join(place, `mail.db${end}`))
      if (existsSync(`${file}-content`))
        cpSync(`${file}-content`, join(place, 'mail.db-content'), { recursive: true })
      child.kill('SIGCONT')

      const database = new DatabaseSync(join(place, 'mail.db'))
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
      database.close()
      const store = newStore(join(place, 'mail.db'))
      for (const id of kept) {
        const found = await store.get(id)
        expect(found?.state, `${id} in copy ${copy}`).toBe('waiting')
        if (found!.bodySize === 0) continue
        let octets = 0
        for await (const chunk of store.openBody(id, 0)) octets += chunk.byteLength
        expect(octets).toBe(found!.bodySize)
      }
      expect((await store.counts()).waiting).toBeGreaterThanOrEqual(kept.length)
      await store.close()
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    // What a process that was killed leaves behind.
    const store = newStore(file)
    for (const id of idsSoFar()) expect((await store.get(id))?.state).toBe('waiting')
  },
  60_000,
)
