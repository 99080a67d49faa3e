import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { failureOf, newEntry, newFolder, newStore } from './subject.ts'

const ADDER = fileURLToPath(new URL('programs/adder.ts', import.meta.url))

async function adder(
  file: string,
  count: number,
): Promise<{ readonly ids: string[]; readonly longestMs: number }> {
  const child = spawn(process.execPath, [
    '--conditions=@loudmail/source',
    ADDER,
    file,
    String(count),
    '4',
    '0',
  ])
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  expect(errors, 'what it prints').toMatch(/^\d+\n$/)
  expect(code).toBe(0)
  return { ids: out.trim().split('\n'), longestMs: Number(errors) }
}

/** Holds the lock of those who write, until the test says so. */
function lock(file: string): { release: () => void } {
  const database = new DatabaseSync(file)
  onTestFinished(() => {
    if (database.isOpen) database.close()
  })
  database.exec('BEGIN IMMEDIATE')
  return { release: () => database.close() }
}

it('processes that create a file at the same time all write to it, and none waits too long', async () => {
  const file = join(newFolder(), 'mail.db')
  const results = await Promise.all([1, 2, 3, 4].map(() => adder(file, 150)))
  const ids = new Set(results.flatMap((result) => result.ids))
  expect(ids.size).toBe(600)
  const store = newStore(file)
  expect((await store.counts()).waiting).toBe(600)
  expect(Math.max(...results.map(({ longestMs }) => longestMs))).toBeLessThan(5_000)
}, 60_000)

it('while another connection writes, calls wait and the event loop goes on', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file, { busyMs: 60_000 })
  await store.add(newEntry())
  const { release } = lock(file)
  const adding = Promise.all([store.add(newEntry()), store.add(newEntry())])
  let turns = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => ++turns === 20 && resolve(clearInterval(timer)), 5)
  })
  // What only reads does not wait.
  expect((await store.counts()).waiting).toBe(1)
  release()
  await adding
  expect((await store.counts()).waiting).toBe(3)
})

it('a call that waits too long for another connection fails, says what to do, and adds nothing', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file, { busyMs: 100 })
  await store.open()
  const { release } = lock(file)
  const error = await failureOf(store.add(newEntry()))
  expect(error).toMatchObject({ code: 'submit/storage', delivered: 'none', permanence: 'transient' })
  expect(error.hint).toContain('`busyMs`')
  release()
  await store.add(newEntry())
  expect((await store.counts()).waiting).toBe(1)
})

it('an idle worker does not disturb those who write', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file, { busyMs: 0 })
  await store.open()
  const { release } = lock(file)
  expect(await store.lease(10, 60_000)).toEqual([])
  release()
})
