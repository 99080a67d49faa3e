import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { sqlite, type SqliteOptions } from '../../src/index.ts'
import { newEntry, newFolder, newStore } from './subject.ts'

it.each<[unknown, unknown, RegExp]>([
  [':memory:', {}, /in memory only is lost/],
  ['file:mail.db?mode=memory', {}, /in memory only is lost/],
  ['postgres://ann:sesame@db.example/shop', {}, /^(?!.*sesame).*pgBoss\(url\)/],
  ['', {}, /the path of a file/],
  [undefined, {}, /the path of a file/],
  [new URL('https://files.example/mail.db'), {}, /file:/],
  ['mail.db', { pollMs: 0 }, /pollMs/],
  ['mail.db', { pollMs: Infinity }, /pollMs/],
  ['mail.db', { busyMs: -1 }, /busyMs/],
  ['mail.db', { connect: 'better-sqlite3' }, /connect must be a function/],
  ['mail.db', { poll: 100 }, /poll/],
  ['mail.db', null, /options/],
])('sqlite(%s, %o) is refused when it is created', (file, options, text) => {
  expect(() => sqlite(file as string, options as SqliteOptions)).toThrow(
    expect.objectContaining({ code: 'config/invalid-config', message: expect.stringMatching(text) }),
  )
})

it('a path is that of the folder in which the store was created', async () => {
  const [folder, other] = [newFolder(), newFolder()]
  const before = process.cwd()
  process.chdir(folder)
  try {
    const store = newStore('mail.db')
    process.chdir(other)
    await store.add(newEntry())
  } finally {
    process.chdir(before)
  }
  expect((await newStore(join(folder, 'mail.db')).counts()).waiting).toBe(1)
})

it('a file can be given as a URL, and its name shows no folder', async () => {
  const file = join(newFolder(), 'my mail.db')
  const store = newStore(pathToFileURL(file))
  expect(store.name).toBe('sqlite(my mail.db)')
  await store.add(newEntry())
  expect((await newStore(file).counts()).waiting).toBe(1)
})
