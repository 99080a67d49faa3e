import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { body, failureOf, newEntry, newFolder, newStore } from './subject.ts'

const canMount = ((): boolean => {
  const folder = '/tmp/outbox-mount-probe'
  try {
    mkdirSync(folder, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})()

function mounted(size: string): string {
  const folder = newFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', [folder]))
  return folder
}

describe('a path that cannot be used', () => {
  it('a folder is named as such', async () => {
    const error = await failureOf(newStore(newFolder()).add(newEntry()))
    expect(error).toMatchObject({
      code: 'submit/storage',
      summary: 'the path is a folder',
      delivered: 'none',
    })
  })

  it('a folder that is missing is named', async () => {
    const folder = join(newFolder(), 'missing')
    const store = newStore(join(folder, 'mail.db'))
    const error = await failureOf(store.add(newEntry()))
    expect(error).toMatchObject({ code: 'submit/storage', summary: `the folder ${folder} does not exist` })
    mkdirSync(folder)
    expect((await store.add(newEntry())).isNew).toBe(true)
  })

  it('a file that is no database stays as it is', async () => {
    const file = join(newFolder(), 'notes.txt')
    writeFileSync(file, 'My notes. '.repeat(1_000))
    const error = await failureOf(newStore(file).add(newEntry()))
    expect(error).toMatchObject({ code: 'submit/storage', summary: 'the file is not a SQLite database' })
    expect(error.hint).toContain(file)
    expect(statSync(file).size).toBe(10_000)
  })
})

describe('a file that goes away while it is in use', () => {
  it('a file that was deleted makes every call fail, and no new one is created', async () => {
    const file = join(newFolder(), 'mail.db')
    const store = newStore(file)
    await store.add(newEntry())
    rmSync(file)
    for (const _ of [1, 2]) {
      const error = await failureOf(store.add(newEntry()))
      expect(error).toMatchObject({ code: 'submit/storage', delivered: 'none' })
      expect(error.summary).toContain('deleted or replaced')
    }
    expect((await failureOf(store.counts())).code).toBe('submit/storage')
    expect(readdirSync(join(file, '..'))).not.toContain('mail.db')
  })

  it('a file that was moved away and back has everything, and the store goes on', async () => {
    const file = join(newFolder(), 'mail.db')
    const store = newStore(file)
    await store.add(newEntry())
    renameSync(file, `${file}.away`)
    expect((await failureOf(store.add(newEntry()))).code).toBe('submit/storage')
    renameSync(`${file}.away`, file)
    await store.add(newEntry())
    expect((await store.counts()).waiting).toBe(2)
  })

  it('a file that was replaced is not written, because the log belongs to the other one', async () => {
    const folder = newFolder()
    const file = join(folder, 'mail.db')
    const other = newStore(join(folder, 'other.db'))
    await other.add(newEntry())
    await other.close()
    const store = newStore(file)
    await store.add(newEntry())
    renameSync(join(folder, 'other.db'), file)
    for (const _ of [1, 2]) expect((await failureOf(store.add(newEntry()))).code).toBe('submit/storage')
    expect((await failureOf(store.add(newEntry()))).hint).toContain('mail.db-wal')
  })

  it('without its log, what was added before is kept, and the store goes on', async () => {
    const file = join(newFolder(), 'mail.db')
    const store = newStore(file)
    for (const _ of [1, 2, 3]) await store.add(newEntry())
    rmSync(`${file}-wal`)
    expect(await failureOf(store.add(newEntry()))).toMatchObject({
      code: 'submit/storage',
      delivered: 'none',
    })
    await store.add(newEntry())
    expect((await store.counts()).waiting).toBe(4)
  })

  it('large content that was removed is told as such', async () => {
    const file = join(newFolder(), 'mail.db')
    const store = newStore(file)
    const entry = newEntry({ body: body(100_000) })
    await store.add(entry)
    rmSync(`${file}-content`, { recursive: true })
    const error = await failureOf(store.openBody(entry.id, 0)[Symbol.asyncIterator]().next())
    expect(error).toMatchObject({
      code: 'submit/storage',
      summary: 'the large content of the message is not there',
    })
  })
})

it('a damaged page is found when it is read, and never hidden', async () => {
  const file = join(newFolder(), 'mail.db')
  const before = newStore(file)
  await Promise.all(
    Array.from({ length: 2_000 }, () => before.add(newEntry({ progress: `"${'p'.repeat(300)}"` }))),
  )
  await before.close()
  const handle = openSync(file, 'r+')
  const { size } = statSync(file)
  for (let at = 40 * 4_096; at < size; at += 8_192) writeSync(handle, Buffer.alloc(4_096, 0xff), 0, 4_096, at)
  closeSync(handle)
  const store = newStore(file)
  const reading = (async () => {
    for await (const _ of store.list({}));
  })()
  const error = await failureOf(reading)
  expect(error).toMatchObject({ code: 'submit/storage', summary: 'the file is damaged' })
  expect(error.hint).toContain('.recover')
  const results = await Promise.allSettled(Array.from({ length: 50 }, () => store.add(newEntry())))
  for (const result of results) {
    if (result.status === 'fulfilled') expect((await store.get(result.value.id))?.state).toBe('waiting')
    else expect(result.reason).toMatchObject({ code: 'submit/storage' })
  }
})

describe.skipIf(!canMount)('a disk', () => {
  it('that is full fails the add with what to do, and the store goes on once there is room', async () => {
    const folder = mounted('1m')
    const ballast = join(folder, 'ballast')
    writeFileSync(ballast, Buffer.alloc(400_000))
    const store = newStore(join(folder, 'mail.db'))
    const added: string[] = []
    const failed: unknown[] = []
    for (let count = 0; count < 100 && failed.length < 5; count++) {
      const entries = [1, 2, 3].map(() => newEntry({ head: () => Buffer.alloc(5_000, 'h') }))
      for (const result of await Promise.allSettled(entries.map((entry) => store.add(entry)))) {
        if (result.status === 'fulfilled') added.push(result.value.id)
        else failed.push(result.reason)
      }
    }
    expect(failed.length).toBeGreaterThan(0)
    for (const error of failed)
      expect(error).toMatchObject({
        code: 'submit/storage',
        summary: 'the disk is full',
        delivered: 'none',
        permanence: 'transient',
      })
    rmSync(ballast)
    added.push((await store.add(newEntry())).id)
    expect((await store.counts()).waiting).toBe(added.length)
    for (const id of added) expect((await store.get(id))?.head.length).toBeGreaterThan(0)
  })

  it('that is too small for large content keeps nothing of it', async () => {
    const folder = mounted('1m')
    const store = newStore(join(folder, 'mail.db'))
    await store.open()
    const error = await failureOf(store.add(newEntry({ body: body(3_000_000) })))
    expect(error).toMatchObject({ code: 'submit/storage', summary: 'the disk is full', delivered: 'none' })
    expect(readdirSync(join(folder, 'mail.db-content'))).toEqual([])
    expect((await store.add(newEntry({ body: body(100_000) }))).isNew).toBe(true)
  })

  it('that is read-only fails the add with what to do', async () => {
    const folder = mounted('1m')
    const file = join(folder, 'mail.db')
    const writer = newStore(file)
    await writer.add(newEntry())
    await writer.close()
    execFileSync('mount', ['-o', 'remount,ro', folder])
    const error = await failureOf(newStore(file).add(newEntry()))
    expect(error).toMatchObject({ code: 'submit/storage', delivered: 'none' })
    expect(error.hint).toContain('read-only')
  })
})

it('the database and large content cannot be read by others', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  await store.add(newEntry({ body: body(10) }))
  const [content] = readdirSync(`${file}-content`)
  expect(
    [file, `${file}-wal`, join(`${file}-content`, content!)].map((path) => statSync(path).mode & 0o77),
  ).toEqual([0, 0, 0])
})

it('a file of a newer version is refused, and says which version wrote it', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  await store.open()
  const database = new DatabaseSync(file)
  database.exec("INSERT INTO loudmail_migrations VALUES (99, '7.8.9', 0)")
  database.close()
  const error = await failureOf(newStore(file).add(newEntry()))
  expect(error.code).toBe('submit/storage')
  expect(error.summary).toContain('@loudmail/outbox 7.8.9')
  expect(error.hint).toContain('Update @loudmail/outbox')
})

it('the database of an application stays its own', async () => {
  const file = join(newFolder(), 'app.db')
  const app = new DatabaseSync(file)
  app.exec(
    'PRAGMA user_version = 42; PRAGMA application_id = 7; CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1)',
  )
  await newStore(file).add(newEntry())
  expect(app.prepare('PRAGMA user_version').get()).toEqual({ user_version: 42 })
  expect(app.prepare('PRAGMA application_id').get()).toEqual({ application_id: 7 })
  const tables = app.prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").all()
  expect(tables.every(({ name }) => name === 'orders' || String(name).startsWith('loudmail_'))).toBe(true)
  app.close()
})
