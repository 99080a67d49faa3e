import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { body, failureOf, newEntry, newFolder, newStore } from './subject.ts'

/** Makes a file look as if it was written two hours ago. */
function makeOld(file: string): void {
  const then = Date.now() / 1_000 - 7_200
  utimesSync(file, then, then)
}

it('a chunk is asked for once those before are written', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  const entry = newEntry()
  const chunk = Buffer.alloc(1_000_000, 'x')
  const sizes: number[] = []
  await store.add({
    ...entry,
    body: {
      async *open() {
        for (let count = 0; count < 20; count++) {
          sizes.push(statSync(join(`${file}-content`, entry.id)).size)
          yield chunk
        }
      },
    },
  })
  expect(sizes).toEqual(Array.from({ length: 20 }, (_, index) => index * chunk.length))
})

it('whoever reads slowly does not get all of the content into memory', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  const entry = newEntry({ body: body(200_000_000) })
  await store.add(entry)
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  let octets = 0
  for await (const chunk of store.openBody(entry.id, 0)) {
    octets += chunk.byteLength
    if (octets % 1_048_576 < chunk.byteLength) await new Promise(setImmediate)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  expect(octets).toBe(200_000_000)
  expect(most).toBeLessThan(100_000_000)
})

it('content that belongs to no entry is removed when it is old, and nothing else is', async () => {
  const file = join(newFolder(), 'mail.db')
  const first = newStore(file)
  const kept = newEntry({ body: body(1_000) })
  const dropped = newEntry({ body: body(1_000) })
  await first.add(kept)
  await first.add(dropped)
  await first.change(dropped.id, ['waiting'], { state: 'discarded', dropsMessage: true })
  await first.close()
  const place = (name: string): string => join(`${file}-content`, name)
  const [old, young] = [newEntry().id, newEntry().id]
  for (const name of [old, young, dropped.id, 'notes.txt']) writeFileSync(place(name), 'content')
  for (const name of [old, dropped.id, kept.id, 'notes.txt']) makeOld(place(name))
  const store = newStore(file)
  await store.open()
  await expect.poll(() => existsSync(place(old))).toBe(false)
  await expect.poll(() => existsSync(place(dropped.id))).toBe(false)
  expect(readdirSync(`${file}-content`).toSorted()).toEqual([kept.id, young, 'notes.txt'].toSorted())
})

it('content of a transaction that is still open is kept, however old it is', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  await store.open()
  const caller = new DatabaseSync(file)
  caller.exec('BEGIN')
  const [entry, orphan] = [newEntry({ body: body(1_000) }), newEntry().id]
  await store.add(entry, caller)
  const place = (name: string): string => join(`${file}-content`, name)
  writeFileSync(place(orphan), 'content')
  for (const name of [entry.id, orphan]) makeOld(place(name))
  const other = newStore(file)
  await other.open()
  caller.exec('COMMIT')
  caller.close()
  // The sweep has run once the orphan is gone.
  await expect.poll(() => existsSync(place(orphan))).toBe(false)
  expect(existsSync(place(entry.id))).toBe(true)
})

it('an entry whose content is removed before it is added is not added', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  await store.open()
  const content = body(1_000)
  const removesContent = (id: string) => () => {
    writeFileSync(join(`${file}-content`, id), '')
    return Buffer.from('head')
  }
  const [entry, other] = [newEntry({ body: content }), newEntry({ body: content })]
  const error = await failureOf(store.add({ ...entry, head: removesContent(entry.id) }))
  expect(error).toMatchObject({ code: 'submit/storage', delivered: 'none' })
  const caller = new DatabaseSync(file)
  caller.exec('BEGIN')
  expect((await failureOf(store.add({ ...other, head: removesContent(other.id) }, caller))).code).toBe(
    'submit/storage',
  )
  caller.exec('COMMIT')
  caller.close()
  expect((await store.counts()).waiting).toBe(0)
  expect(readdirSync(`${file}-content`)).toEqual([])
})
