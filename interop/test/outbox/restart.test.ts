import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { MailError } from '@loudmail/core'
import { pgBoss } from '@loudmail/outbox/pg-boss'
import type { NewEntry, OutboxStore } from '@loudmail/outbox/store'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { cuttingProxy } from '../../src/cutting-proxy.ts'
import { startPostgres, type Postgres } from '../../src/postgres.ts'
import { newEntry } from './new-entry.ts'

let server: Postgres
beforeAll(async () => void (server = await startPostgres()))
afterAll(() => server.close())

const opened: OutboxStore[] = []
function open(url: string): OutboxStore {
  const store = pgBoss(url)
  opened.push(store)
  return store
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
})

async function failureOf(promise: Promise<unknown>): Promise<MailError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!MailError.is(error)) throw new Error('it should have failed', { cause: error })
  return error
}

it('a server that is down at the start is used once it is there', async () => {
  const store = open(await server.database())
  await server.stop()
  const heard = vi.fn<() => void>()
  store.onWork(heard)
  const error = await failureOf(store.add(newEntry()))
  expect(error).toMatchObject({ code: 'submit/storage', permanence: 'transient', delivered: 'none' })
  expect(error.summary).toMatch(/nobody listens/)
  expect((await failureOf(store.lease(1, 60_000))).code).toBe('submit/storage')
  await server.start()
  await store.add(newEntry())
  expect((await store.counts()).waiting).toBe(1)
  await expect.poll(() => heard.mock.calls.length).toBeGreaterThan(0)
})

it('after a restart everything goes on, and new entries are heard of again', async () => {
  const url = await server.database()
  const [store, other] = [open(url), open(url)]
  await Promise.all([store.open(), other.open()])
  const heard = vi.fn<() => void>()
  other.onWork(heard)
  await store.add(newEntry())
  await expect.poll(() => heard.mock.calls.length).toBeGreaterThan(0)
  await server.stop()
  expect(await failureOf(store.add(newEntry()))).toMatchObject({ code: 'submit/storage', delivered: 'none' })
  await server.start()
  await expect
    .poll(() =>
      store.counts().then(
        ({ waiting }) => waiting,
        () => 0,
      ),
    )
    .toBe(1)
  await expect
    .poll(
      async () => {
        const before = heard.mock.calls.length
        await store.add(newEntry())
        await new Promise((resolve) => setTimeout(resolve, 100))
        return heard.mock.calls.length > before
      },
      { timeout: 25_000 },
    )
    .toBe(true)
})

it('what a worker records while the server restarts is recorded then', async () => {
  const url = await server.database()
  const store = open(url)
  await Promise.all([1, 2].map(() => store.add(newEntry())))
  const [first, second] = await store.lease(2, 60_000)
  expect(await store.begin(first!)).toBe(true)
  await server.kill()
  const settled = store.settle(first!, { state: 'sent', attempts: 1, dropsMessage: true })
  const begun = store.begin(second!)
  await server.start()
  expect(await Promise.all([settled, begun])).toEqual([true, true])
  expect(await store.get(first!.entry.id)).toMatchObject({ state: 'sent', attempts: 1 })
  expect(await store.get(second!.entry.id)).toMatchObject({ state: 'in-flight', begun: true })
})

it('the server is killed again and again: what was kept is there once, and what failed is not', async () => {
  const store = open(await server.database())
  await store.open()
  const kept = new Set<string>()
  const failed = new Set<string>()
  const unknown = new Set<string>()
  let isOver = false
  const writers = Array.from({ length: 20 }, async () => {
    while (!isOver) {
      const entry: NewEntry = newEntry()
      try {
        await store.add(entry)
        kept.add(entry.id)
      } catch (error) {
        if (!MailError.is(error) || error.code !== 'submit/storage') throw error
        ;(error.delivered === 'unknown' ? unknown : failed).add(entry.id)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  })
  for (let kills = 0; kills < 3; kills++) {
    const before = kept.size
    await expect.poll(() => kept.size, { timeout: 20_000 }).toBeGreaterThan(before + 20)
    await server.kill()
    const failedBefore = failed.size
    await expect.poll(() => failed.size, { timeout: 20_000 }).toBeGreaterThan(failedBefore)
    await server.start()
  }
  isOver = true
  await Promise.all(writers)
  const ids = new Set<string>()
  for await (const { id } of store.list({})) ids.add(id)
  expect([...kept].filter((id) => !ids.has(id))).toEqual([])
  expect([...failed].filter((id) => ids.has(id))).toEqual([])
  const leased = new Set<string>()
  for (;;) {
    const leases = await store.lease(500, 600_000)
    for (const { entry } of leases) leased.add(entry.id)
    if (leases.length === 0) break
  }
  expect(leased.size).toBe(ids.size)
}, 90_000)

it('a commit that was never answered is found again', async () => {
  const url = await server.database()
  await using proxy = await cuttingProxy(server.port)
  const store = open(url.replace(`:${server.port}/`, `:${proxy.port}/`))
  await store.open()
  const entries = Array.from({ length: 10 }, (_, index) => newEntry({ idempotencyKey: `order ${index}` }))
  proxy.cuts = 2
  const added = await Promise.all(entries.map((entry) => store.add(entry)))
  expect(proxy.cuts).toBe(0)
  expect(added).toEqual(entries.map(({ id, messageId }) => ({ id, messageId, isNew: true })))
  expect((await store.counts()).waiting).toBe(10)

  proxy.cuts = 1
  const body = {
    async *open() {
      yield Buffer.alloc(600_000)
    },
  }
  const large = newEntry({ body })
  expect(await store.add(large)).toMatchObject({ id: large.id, isNew: true })
  expect(proxy.cuts).toBe(0)

  const [lease] = await store.lease(1, 60_000)
  await store.begin(lease!)
  proxy.cuts = 1
  expect(await store.settle(lease!, { state: 'dead', attempts: 1 })).toBe(true)
  expect(proxy.cuts).toBe(0)
  expect(await store.settle(lease!, { state: 'sent' })).toBe(false)
})

it('if nobody ever answers a commit, the outcome is unknown', async () => {
  const url = await server.database()
  await using proxy = await cuttingProxy(server.port)
  const store = open(url.replace(`:${server.port}/`, `:${proxy.port}/`))
  await store.open()
  proxy.cuts = Infinity
  const error = await failureOf(store.add(newEntry()))
  expect(error).toMatchObject({ code: 'submit/storage', delivered: 'unknown', permanence: 'unknown' })
  expect(error.hint).toMatch(/look for its Message-ID/)
  proxy.cuts = 0
  expect((await store.counts()).waiting).toBe(1)
}, 60_000)

it.each([
  ['after close()', 'closing-program.ts'],
  ['without close()', 'forgetful-program.ts'],
])('a program ends by itself %s', async (_when, file) => {
  const url = await server.database()
  const program = join(import.meta.dirname, file)
  const child = spawn(process.execPath, ['--conditions=@loudmail/source', program, url], {
    stdio: 'inherit',
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect([code, signal]).toEqual([0, null])
  expect((await open(url).counts()).waiting + (await open(url).counts())['in-flight']).toBe(1)
})

it('close() is quick, also while the server is down', async () => {
  const store = open(await server.database())
  await store.add(newEntry())
  await store.lease(1, 60_000)
  await server.kill()
  const before = performance.now()
  await store.close()
  expect(performance.now() - before).toBeLessThan(8_000)
  await server.start()
})
