import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { MailError } from '@loudmail/core'
import { outbox } from '@loudmail/outbox'
import { pgBoss } from '@loudmail/outbox/pg-boss'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres, type Postgres } from '../../src/postgres.ts'
import { newEntry } from './new-entry.ts'

const LONGEST_MS = 30_000
let server: Postgres
beforeAll(async () => void (server = await startPostgres({ fsync: 'off' })))
afterAll(() => server.close())

const used: { close?(): Promise<unknown> }[] = []
afterEach(async () => {
  server.thaw()
  for (const each of used.splice(0).toReversed()) await each.close?.()
})
function toClose<Each extends { close?(): Promise<unknown> }>(each: Each): Each {
  used.push(each)
  return each
}

async function expectSilence(work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.catch((reason: unknown) => reason)
  if (!MailError.is(error)) throw new Error('it should have failed', { cause: error })
  expect(error.code).toBe('submit/storage')
  expect(error.summary).toMatch(/did not answer in time/)
  expect(error.hint).toMatch(/overloaded/)
}

describe('a server that accepts, and never answers', () => {
  it.each(['a URL', 'a Pool of the caller'])(
    'fails every call in bounded time, with %s',
    async (how) => {
      const silent = createServer((socket) => socket.on('error', () => {}))
      await once(silent.listen(0, '127.0.0.1'), 'listening')
      const { port } = silent.address() as AddressInfo
      const url = `postgres://ann:sesame@127.0.0.1:${port}/mail`
      const store = toClose(
        pgBoss(
          how === 'a URL'
            ? { url, timeoutMs: 300 }
            : { executor: new Pool({ connectionString: url }), timeoutMs: 300 },
        ),
      )
      await Promise.all([
        expectSilence(store.open()),
        expectSilence(store.add(newEntry())),
        expectSilence(store.lease(1, 60_000)),
        expectSilence(store.counts()),
      ])
      silent.close()
    },
    LONGEST_MS,
  )
})

describe('a server that stops to answer', () => {
  it.each(['a URL', 'a Pool of the caller'])(
    'fails every call in bounded time, and then everything goes on, with %s',
    async (how) => {
      const url = await server.database()
      const pool = new Pool({ connectionString: url })
      // What the pool does when it notices that a connection is lost.
      pool.on('error', () => {})
      used.push({ close: () => pool.end() })
      const store = toClose(
        pgBoss(how === 'a URL' ? { url, timeoutMs: 1_000 } : { executor: pool, timeoutMs: 1_000 }),
      )
      for (let each = 0; each < 3; each++) await store.add(newEntry())
      const [first, second] = await store.lease(2, 600_000)
      await store.begin(first!)
      server.freeze()
      await Promise.all([
        expectSilence(store.add(newEntry())),
        expectSilence(store.lease(1, 60_000)),
        expectSilence(store.extend([first!], 60_000)),
        expectSilence(store.change(first!.entry.id, ['dead'], { state: 'waiting' })),
        expectSilence(store.get(first!.entry.id)),
        expectSilence(store.counts()),
        expectSilence(store.purge(['sent'], 0)),
        expectSilence(store.list({})[Symbol.asyncIterator]().next()),
      ])
      const begun = store.begin(second!)
      const settled = store.settle(first!, { state: 'sent', attempts: 1 })
      await pause(1_500)
      server.thaw()
      // What a worker records is tried again.
      expect(await Promise.all([begun, settled])).toEqual([true, true])
      await store.add(newEntry())
      expect(await store.counts()).toMatchObject({ waiting: 2, 'in-flight': 1, sent: 1 })
    },
    60_000,
  )

  it('a worker goes on', async () => {
    const inbox = toClose(await startServer())
    const store = pgBoss({ url: await server.database(), timeoutMs: 1_000 })
    const box = toClose(outbox(smtp(inbox.url), { store, work: true }))
    const send = (subject: string) =>
      box.enqueue({ from: 'shop@sender.example', to: 'ann@rcpt.example', subject, text: 'Thank you' })
    const subjects = (): string[] =>
      inbox.messages.map(({ content }) => /Subject: (\w+)/.exec(content.toString())![1]!)
    await send('before')
    await expect.poll(subjects, { timeout: LONGEST_MS }).toEqual(['before'])
    server.freeze()
    await expectSilence(send('meanwhile'))
    server.thaw()
    await send('after')
    await expect.poll(subjects, { timeout: LONGEST_MS }).toEqual(['before', 'after'])
  }, 90_000)

  it(
    'close() ends in bounded time',
    async () => {
      const store = pgBoss({ url: await server.database(), timeoutMs: 1_000 })
      store.onWork(() => {})
      await store.add(newEntry())
      server.freeze()
      await store.close()
    },
    LONGEST_MS,
  )
})

it('large content may take longer than one statement', async () => {
  const store = toClose(pgBoss({ url: await server.database(), timeoutMs: 1_000 }))
  await store.open()
  const body = {
    async *open() {
      for (let chunk = 0; chunk < 8; chunk++) {
        await pause(200)
        yield Buffer.alloc(300_000)
      }
    },
  }
  const { id } = await store.add(newEntry({ body }))
  expect((await store.get(id))?.bodySize).toBe(2_400_000)
})
