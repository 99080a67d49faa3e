import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { outbox, type Outbox } from '@loudmail/outbox'
import { pgBoss } from '@loudmail/outbox/pg-boss'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres, type Postgres } from '../../src/postgres.ts'
import { callerTransactions } from './caller-transactions.ts'
import { prismaClients, type PrismaClients } from './prisma-client.ts'

let server: Postgres
let prisma: PrismaClients
beforeAll(async () => {
  server = await startPostgres({ fsync: 'off' })
  prisma = await prismaClients()
})
afterAll(async () => {
  await prisma[Symbol.asyncDispose]()
  await server.close()
})

const used: { close?(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of used.splice(0).toReversed()) await each.close?.()
})

async function shop(): Promise<{ url: string; box: Outbox; inbox: SmtpServer }> {
  const url = await server.database()
  await server.query('CREATE TABLE orders (id int PRIMARY KEY)', new URL(url).pathname.slice(1))
  const inbox = await startServer()
  const box = outbox(smtp(inbox.url), { store: pgBoss(url), work: true })
  used.push(inbox, box)
  return { url, box, inbox }
}

const orderMail = (id: number) => ({
  from: 'shop@sender.example',
  to: 'ann@rcpt.example',
  subject: `Order ${id}`,
  text: 'Thank you',
})

/** Waits until nothing is left to send, and returns the orders in the database and those in the mails. */
async function outcome(
  url: string,
  box: Outbox,
  inbox: SmtpServer,
): Promise<{ orders: number[]; mails: number[] }> {
  const rows = await server.query('SELECT id FROM orders ORDER BY id', new URL(url).pathname.slice(1))
  await expect
    .poll(
      async () => {
        const { waiting, 'in-flight': inFlight } = await box.counts()
        return waiting + inFlight
      },
      { timeout: 20_000 },
    )
    .toBe(0)
  const mails = inbox.messages.map(({ content }) =>
    Number(/Subject: Order (\d+)/.exec(content.toString())![1]),
  )
  return { orders: rows.map(({ id }) => id as number), mails: mails.toSorted((a, b) => a - b) }
}

describe.each(Object.entries(callerTransactions(() => prisma)))('%s', (_library, inTransaction) => {
  it('mail goes out once if the order is committed, and never if it is rolled back, also at the same time', async () => {
    const { url, box, inbox } = await shop()
    const ids = Array.from({ length: 12 }, (_, index) => index)
    const place = (id: number): Promise<void> =>
      inTransaction(url, async ({ using, run }) => {
        await run(`INSERT INTO orders VALUES (${id})`)
        await box.enqueue(orderMail(id), { using })
        if (id % 3 === 0) throw new Error('out of stock')
      })
    const results = await Promise.allSettled(ids.map(place))
    const placed = ids.filter((id) => id % 3 !== 0)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(placed.length)
    expect(await outcome(url, box, inbox)).toEqual({ orders: placed, mails: placed })
  })

  it('of three transactions with the same key, one has its order and its mail', async () => {
    const { url, box, inbox } = await shop()
    const place = (id: number): Promise<void> =>
      inTransaction(url, async ({ using, run }) => {
        const { isNew } = await box.enqueue({ ...orderMail(id), idempotencyKey: 'basket-7' }, { using })
        if (!isNew) throw new Error('it was ordered before')
        await run(`INSERT INTO orders VALUES (${id})`)
      })
    const results = await Promise.allSettled([1, 2, 3].map(place))
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []))
    expect(reasons).toEqual(Array(2).fill('Error: it was ordered before'))
    const { orders, mails } = await outcome(url, box, inbox)
    expect(orders).toHaveLength(1)
    expect(mails).toEqual(orders)
  })
})

it.each([
  ['before', []],
  ['after', [1]],
] as const)('a process that dies %s the commit sends what the database has', async (when, expected) => {
  const { url, box, inbox } = await shop()
  const program = join(import.meta.dirname, 'order-program.ts')
  const child = spawn(process.execPath, ['--conditions=@loudmail/source', program, url, when], {
    stdio: 'inherit',
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  expect(await outcome(url, box, inbox)).toEqual({ orders: expected, mails: expected })
})
