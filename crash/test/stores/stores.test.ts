import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportOf } from '../../src/report.ts'
import { run } from '../../src/run.ts'
import { share } from '../../src/share.ts'
import { postgresDatabases, sqliteFiles, type TestStore } from '../../src/test-store.ts'
import { takeOrders } from '../../src/transactions.ts'

const seed = Math.floor(Math.random() * 1e6)
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loudmail-crash-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.each([
  ['SQLite', async () => sqliteFiles()],
  ['PostgreSQL', postgresDatabases],
] as const)(`an outbox in %s (seed ${seed})`, (_, start) => {
  let store: TestStore
  beforeAll(async () => {
    store = await start()
  })
  afterAll(() => store.close())

  it.each(['park', 'resend'] as const)(
    'processes that are killed lose nothing, and send nothing twice that was not in doubt (%s)',
    async (inDoubt) => {
      const played = await run({ seed, messages: 120, kills: 12, inDoubt, store })
      expect(played.flatMap(({ contradictions }) => contradictions).length, reportOf(played)).toBe(0)
    },
  )

  it('four workers share messages, and each is sent once', async () => {
    const played = await share({ seed, messages: 1_000, folder, place: await store.newPlace(folder) })
    expect(played.contradictions.length, reportOf([played])).toBe(0)
    expect(played.totals.inDoubt).toBe(0)
  })

  it('a mail goes out if and only if the transaction of its order is committed, also when its process dies', async () => {
    const { contradictions } = await takeOrders(seed, 100, folder, await store.newPlace(folder))
    expect(contradictions).toEqual([])
  })
})

it(`a database that is killed and started again loses nothing (seed ${seed})`, async () => {
  const store = await postgresDatabases()
  try {
    const { restart } = store
    const place = await store.newPlace(folder)
    const played = await share({ seed, messages: 1_000, folder, place, restart })
    expect(played.contradictions.length, reportOf([played])).toBe(0)
  } finally {
    await store.close()
  }
})
