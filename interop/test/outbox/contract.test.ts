import { afterAll, beforeAll, describe, it } from 'vitest'
import { pgBoss } from '@loudmail/outbox/pg-boss'
import { outboxStoreContract, type StoreSubject } from '@loudmail/outbox/store'
import { Pool } from 'pg'
import { freePorts } from '../../src/free-ports.ts'
import { startPostgres, type Postgres } from '../../src/postgres.ts'
import { callerTransactions } from './caller-transactions.ts'
import { prismaClients, type PrismaClients } from './prisma-client.ts'

interface Subject extends StoreSubject {
  readonly url: string
}

let server: Postgres
/** A database with the tables. Each case gets a copy: to create them takes longer than most cases do. */
let template: string
let silent: number
let prisma: PrismaClients
beforeAll(async () => {
  // Nobody pulls the plug in these tests.
  server = await startPostgres({ fsync: 'off', max_connections: '300' })
  template = await server.database()
  const store = pgBoss(template)
  await store.open()
  await store.close()
  prisma = await prismaClients()
  ;[silent] = (await freePorts(1)) as [number]
})
afterAll(async () => {
  await prisma[Symbol.asyncDispose]()
  await server.close()
})

const secrets = ['sesame', 'open%20sesame']
const unusable = () => pgBoss(`postgres://ann:open%20sesame@127.0.0.1:${silent}/mail`)
const transactions = Object.fromEntries(
  Object.entries(callerTransactions(() => prisma)).map(([kind, inTransaction]) => [
    kind,
    ({ url }: Subject, work: (using: unknown) => Promise<void>) =>
      inTransaction(url, ({ using }) => work(using)),
  ]),
)

describe.concurrent('pgBoss() with a URL', () => {
  const contract = outboxStoreContract<Subject>({
    create: async () => {
      const url = await server.database(template)
      return { url, store: pgBoss(url), another: () => pgBoss(url), unusable }
    },
    transactions,
    secrets,
  })
  it.each(contract.map(({ title, run }) => [title, run] as const))('%s', (_title, run) => run())
})

describe.concurrent('pgBoss() with a Pool of the caller', () => {
  const contract = outboxStoreContract<Subject>({
    create: async () => {
      const url = await server.database(template)
      const pool = new Pool({ connectionString: url })
      const store = () => pgBoss({ executor: pool, pollMs: 50 })
      return { url, store: store(), another: store, unusable, release: () => pool.end() }
    },
    transactions: {},
    secrets,
  })
  it.each(contract.map(({ title, run }) => [title, run] as const))('%s', (_title, run) => run())
})
