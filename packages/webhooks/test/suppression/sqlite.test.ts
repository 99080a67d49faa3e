import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { memory } from '@loudmail/core'
import { suppress, type SuppressionStore } from '../../src/index.ts'
import { FIND } from '../../src/suppression/sqlite/queries.ts'
import { sqliteSuppressions, type SqliteSuppressionsOptions } from '../../src/sqlite.ts'
import { bounced, BOB, CAROL, failureOf, toThree } from './setup.ts'
import { temporaryFolder } from './temporary-folder.ts'

function newStore(file: string | URL, options?: SqliteSuppressionsOptions): SuppressionStore {
  const store = sqliteSuppressions(file, options)
  onTestFinished(() => store.close())
  return store
}

/** Holds the lock of those who write, until the test says so. */
function lock(file: string): () => void {
  const database = new DatabaseSync(file)
  database.exec('BEGIN IMMEDIATE')
  const release = (): void => {
    if (database.isOpen) database.close()
  }
  onTestFinished(release)
  return release
}

describe('a list of 100,000 addresses', () => {
  it('is added, found, read in parts and opened again', async () => {
    const file = join(temporaryFolder(), 'list.db')
    const store = newStore(file)
    const addresses = Array.from({ length: 100_000 }, (_, n) => `user${n}@rcpt.example`)
    await store.add(addresses.map((address) => ({ ...bounced, address })))
    await store.close()

    const again = newStore(file)
    const asked = Array.from({ length: 1_000 }, (_, n) =>
      n % 2 ? `user${n * 99}@rcpt.example` : `other${n}@rcpt.example`,
    )
    expect(await again.find(asked)).toHaveLength(500)
    const seen = new Set<string>()
    for (let page = await again.list({ limit: 1_000 }); page.length > 0;) {
      for (const { address } of page) seen.add(address)
      page = await again.list({ after: page.at(-1)!.address, limit: 1_000 })
    }
    expect(seen.size).toBe(100_000)
  })

  it('does not block the event loop while it is added', async () => {
    const store = newStore(join(temporaryFolder(), 'list.db'))
    let turns = 0
    let isDone = false
    const turn = (): void => void (isDone || (turns++, setImmediate(turn)))
    setImmediate(turn)
    await store.add(
      Array.from({ length: 5_000 }, (_, n) => ({ ...bounced, address: `user${n}@rcpt.example` })),
    )
    isDone = true
    expect(turns).toBeGreaterThanOrEqual(9)
  })

  it('is searched by its key, and not read as a whole', async () => {
    const file = join(temporaryFolder(), 'list.db')
    await newStore(file).add(bounced)
    const database = new DatabaseSync(file)
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${FIND}`).all('[]', 0)
    const plan = steps.map(({ detail }) => String(detail))
    database.close()
    expect(plan.join('\n')).toContain('SEARCH loudmail_suppressions USING PRIMARY KEY (mailbox=?)')
    expect(plan.join('\n')).not.toContain('SCAN loudmail_suppressions')
  })
})

describe('a path that cannot be used', () => {
  it('a folder is named as such', async () => {
    const error = await failureOf(newStore(temporaryFolder()).find([BOB]))
    expect(error).toMatchObject({ code: 'submit/storage', summary: 'the path is a folder' })
  })

  it('a folder that is missing is named, and can be made meanwhile', async () => {
    const folder = join(temporaryFolder(), 'missing')
    const store = newStore(join(folder, 'list.db'))
    expect((await failureOf(store.add(bounced))).summary).toBe(`the folder ${folder} does not exist`)
    mkdirSync(folder)
    await store.add(bounced)
    expect(await store.find([BOB])).toHaveLength(1)
  })

  it('a file that is no database stays as it is', async () => {
    const file = join(temporaryFolder(), 'notes.txt')
    writeFileSync(file, 'My notes. '.repeat(1_000))
    const error = await failureOf(newStore(file).find([BOB]))
    expect(error).toMatchObject({ code: 'submit/storage', summary: 'the file is not a SQLite database' })
    expect(error.hint).toContain(file)
    expect(statSync(file).size).toBe(10_000)
  })
})

describe('a file that goes away while it is in use', () => {
  it('no empty list takes its place, and mail does not go to everybody', async () => {
    const file = join(temporaryFolder(), 'list.db')
    const store = newStore(file)
    await store.add(bounced)
    rmSync(file)
    const inner = memory()
    for (const _ of [1, 2]) {
      const error = await failureOf(suppress(inner, store).send(toThree()))
      expect(error).toMatchObject({ code: 'submit/storage', delivered: 'none', retryable: true })
      expect(error.summary).toContain('deleted or replaced')
      expect(error.hint).toMatch(/^Nothing was sent.*Put .*list\.db back/)
    }
    expect(inner.messages).toEqual([])
    expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
  })

  it('once it is back, the list goes on', async () => {
    const file = join(temporaryFolder(), 'list.db')
    const store = newStore(file)
    await store.add(bounced)
    renameSync(file, `${file}.away`)
    expect((await failureOf(store.add({ ...bounced, address: CAROL }))).code).toBe('submit/storage')
    renameSync(`${file}.away`, file)
    await store.add({ ...bounced, address: CAROL })
    expect(await store.find([BOB, CAROL])).toHaveLength(2)
  })
})

describe('while another process writes', () => {
  it('a change waits, what only reads does not, and the event loop goes on', async () => {
    const file = join(temporaryFolder(), 'list.db')
    const store = newStore(file, { busyMs: 60_000 })
    await store.add(bounced)
    const release = lock(file)
    const adding = store.add({ ...bounced, address: CAROL })
    expect(await store.find([BOB, CAROL])).toHaveLength(1)
    await new Promise((resolve) => setImmediate(resolve))
    release()
    await adding
    expect(await store.find([BOB, CAROL])).toHaveLength(2)
  })

  it('a change that waits ends well, although the list is closed meanwhile', async () => {
    const file = join(temporaryFolder(), 'list.db')
    const store = newStore(file, { busyMs: 60_000 })
    await store.find([])
    const release = lock(file)
    const adding = store.add(bounced)
    const closing = store.close()
    await new Promise((resolve) => setImmediate(resolve))
    release()
    await closing
    expect(await newStore(file).find([BOB])).toHaveLength(1)
    await adding
  })

  it('for too long, a change fails and says what to do', async () => {
    const file = join(temporaryFolder(), 'list.db')
    const store = newStore(file, { busyMs: 20 })
    await store.find([])
    const release = lock(file)
    const error = await failureOf(store.add(bounced))
    expect(error).toMatchObject({ code: 'submit/storage', permanence: 'transient' })
    expect(error.hint).toContain('`busyMs`')
    release()
    await store.add(bounced)
  })
})

const canMount = ((): boolean => {
  const folder = `/tmp/suppressions-mount-probe-${process.pid}`
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

describe.skipIf(!canMount)('a disk', () => {
  const mounted = (): string => {
    const folder = temporaryFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
    onTestFinished(() => void execFileSync('umount', [folder]))
    return folder
  }

  it('that is full fails the change, keeps what was there, and goes on once there is room', async () => {
    const folder = mounted()
    const file = join(folder, 'list.db')
    const store = newStore(file)
    await store.add(bounced)
    const many = Array.from({ length: 50_000 }, (_, n) => ({ ...bounced, address: `user${n}@rcpt.example` }))
    const error = await failureOf(store.add(many))
    expect(error).toMatchObject({ code: 'submit/storage', summary: 'the disk is full' })
    expect(error.hint).toContain(file)
    expect(await store.find([BOB])).toHaveLength(1)
    execFileSync('mount', ['-o', 'remount,size=32m', folder])
    await store.add({ ...bounced, address: CAROL })
    expect(await store.find([BOB, CAROL])).toHaveLength(2)
  })

  it('that is read-only fails with what to do', async () => {
    const folder = mounted()
    const file = join(folder, 'list.db')
    const writer = newStore(file)
    await writer.add(bounced)
    await writer.close()
    execFileSync('mount', ['-o', 'remount,ro', folder])
    const error = await failureOf(newStore(file).add(bounced))
    expect(error.code).toBe('submit/storage')
    expect(error.hint).toContain('read-only')
  })
})

describe('the file', () => {
  it('cannot be read by others', async () => {
    const file = join(temporaryFolder(), 'list.db')
    await newStore(file).add(bounced)
    expect([file, `${file}-wal`].map((path) => statSync(path).mode & 0o77)).toEqual([0, 0])
  })

  it('does not keep what is over', async () => {
    const file = join(temporaryFolder(), 'list.db')
    const store = newStore(file)
    const until = new Date(Date.now() + 30)
    await store.add({ ...bounced, until })
    await expect.poll(() => Date.now()).toBeGreaterThan(until.getTime())
    await store.add({ ...bounced, address: CAROL })
    const database = new DatabaseSync(file)
    expect(database.prepare('SELECT mailbox FROM loudmail_suppressions').all()).toEqual([{ mailbox: CAROL }])
    database.close()
  })

  it('of a newer version is refused, and says which version wrote it', async () => {
    const file = join(temporaryFolder(), 'list.db')
    await newStore(file).add(bounced)
    const database = new DatabaseSync(file)
    database.exec("INSERT INTO loudmail_suppression_migrations VALUES (99, '7.8.9', 0)")
    database.close()
    const error = await failureOf(newStore(file).find([BOB]))
    expect(error.code).toBe('submit/storage')
    expect(error.summary).toContain('@loudmail/webhooks 7.8.9')
  })

  it('of an application stays its own', async () => {
    const file = join(temporaryFolder(), 'app.db')
    const app = new DatabaseSync(file)
    app.exec('PRAGMA user_version = 42; CREATE TABLE orders (id INTEGER)')
    await newStore(file).add(bounced)
    expect(app.prepare('PRAGMA user_version').get()).toEqual({ user_version: 42 })
    const tables = app.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
    expect(tables.every(({ name }) => name === 'orders' || String(name).startsWith('loudmail_'))).toBe(true)
    app.close()
  })

  it('can be given as a URL, and its name shows no folder', async () => {
    const file = join(temporaryFolder(), 'my list.db')
    const store = newStore(pathToFileURL(file))
    await store.add(bounced)
    expect(store.name).toBe('sqliteSuppressions(my list.db)')
    expect(await newStore(file).find([BOB])).toHaveLength(1)
  })
})

it.each<[unknown, object, RegExp]>([
  [':memory:', {}, /memorySuppressions\(\)/],
  ['file:list.db?mode=memory', {}, /memorySuppressions\(\)/],
  ['postgres://ann:sesame@db.example/shop', {}, /^(?!.*sesame).*not a URL/],
  ['', {}, /the path of a file/],
  [undefined, {}, /the path of a file/],
  [new URL('https://files.example/list.db'), {}, /file:/],
  ['list.db', { busyMs: -1 }, /busyMs/],
  ['list.db', { wait: 100 }, /wait/],
])('sqliteSuppressions(%s, %o) is refused when it is made', (file, options, words) => {
  expect(() => sqliteSuppressions(file as string, options)).toThrow(
    expect.objectContaining({
      code: 'config/invalid-config',
      message: expect.stringMatching(words) as unknown,
    }),
  )
})
