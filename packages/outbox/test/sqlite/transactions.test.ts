import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Database from 'libsql'
import { expect, it, onTestFinished } from 'vitest'
import { failureOf, newEntry, newFolder, newStore } from './subject.ts'

function connection(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  onTestFinished(() => {
    if (database.isOpen) database.close()
  })
  return database
}

it('a connection without an open transaction is refused', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  await store.open()
  const error = await failureOf(store.add(newEntry(), connection(file)))
  expect(error).toMatchObject({ code: 'config/invalid-config' })
  expect(error.summary).toContain('has no open transaction')
  expect((await store.counts()).waiting).toBe(0)
})

it('a transaction on another file is refused', async () => {
  const folder = newFolder()
  const store = newStore(join(folder, 'mail.db'))
  await store.open()
  for (const file of [join(folder, 'other.db'), ':memory:']) {
    const caller = connection(file)
    caller.exec('BEGIN')
    expect((await failureOf(store.add(newEntry(), caller))).summary).toContain('another file')
  }
})

it('a transaction from before the tables were there is refused, and says what to do', async () => {
  const file = join(newFolder(), 'app.db')
  const caller = connection(file)
  caller.exec('CREATE TABLE orders (id INTEGER); BEGIN IMMEDIATE')
  const error = await failureOf(newStore(file).add(newEntry(), caller))
  expect(error.code).toBe('config/invalid-config')
  expect(error.summary).toContain('verify()')
})

it('a transaction that read before somebody else wrote cannot write, and says what to do', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  await store.open()
  const caller = connection(file)
  caller.exec('BEGIN')
  caller.prepare('SELECT * FROM loudmail_outbox').all()
  await store.add(newEntry())
  const error = await failureOf(store.add(newEntry(), caller))
  expect(error).toMatchObject({ code: 'submit/storage', delivered: 'none' })
  expect(error.hint).toContain('BEGIN IMMEDIATE')
})

it('an add that fails leaves the rest of the transaction as it is', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  const entry = newEntry()
  await store.add(entry)
  const caller = connection(file)
  caller.exec('CREATE TABLE orders (id INTEGER); BEGIN; INSERT INTO orders VALUES (1)')
  expect((await failureOf(store.add({ ...newEntry(), id: entry.id }, caller))).code).toBe('submit/storage')
  const added = await store.add(newEntry(), caller)
  caller.exec('COMMIT')
  expect(caller.prepare('SELECT * FROM orders').all()).toHaveLength(1)
  expect((await store.get(added.id))?.state).toBe('waiting')
})

it('an entry goes with the data of the caller, on another connection and with rows as arrays', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  await store.open()
  const caller = new DatabaseSync(file, { returnArrays: true, readBigInts: true })
  caller.exec('CREATE TABLE orders (id INTEGER)')
  for (const ending of ['ROLLBACK', 'COMMIT']) {
    caller.exec('BEGIN; INSERT INTO orders VALUES (1)')
    await store.add(newEntry({ idempotencyKey: 'order-1' }), caller)
    expect((await store.add(newEntry({ idempotencyKey: 'order-1' }), caller)).isNew).toBe(false)
    caller.exec(ending)
    const orders = caller.prepare('SELECT * FROM orders').all().length
    expect((await store.counts()).waiting).toBe(orders)
  }
  expect((await store.counts()).waiting).toBe(1)
  caller.close()
})

it('a connection of another SQLite library is refused: the two would not see the locks of each other', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  await store.open()
  const caller = new Database(file)
  caller.exec('BEGIN')
  const error = await failureOf(store.add(newEntry(), caller))
  caller.exec('ROLLBACK')
  caller.close()
  expect(error.code).toBe('config/invalid-config')
  expect(error.summary).toContain('connect: (file) => new Database(file)')
})
