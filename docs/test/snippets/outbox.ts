import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { limit, Mailer } from '@loudmail/core'
import { outbox, sqlite, worker, type Outbox } from '@loudmail/outbox'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

await using server = await startServer({
  on: { RCPT: { byRcpt: { 'gone@rcpt.example': '550 5.1.1 No such user' } } },
})
const { url } = server
const folder = mkdtempSync(join(tmpdir(), 'outbox-'))
process.chdir(folder)
process.once('exit', () => rmSync(folder, { recursive: true }))
const message = { from: 'tea@sender.example', to: 'ann@rcpt.example', subject: 'Hello', text: 'Hi' }

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isTrue()); tries++) {
    assert.ok(tries < 200, 'it takes too long')
    await pause(50)
  }
}

{
  // snippet: start
  const transport = outbox(smtp(url), { store: sqlite('mail.db'), work: true })
  const mailer = new Mailer({ transport })
  // end
  // snippet: queued
  const receipt = await mailer.send({ ...message, idempotencyKey: 'order-4711' })
  console.log(receipt.state) // queued
  // end
  assert.equal(receipt.state, 'queued')
  await until(async () => (await transport.counts()).sent === 1)
  // The same key again: there is one message.
  await mailer.send({ ...message, idempotencyKey: 'order-4711' })
  assert.equal((await transport.counts()).sent, 1)
  await mailer.close()
}

{
  const box = outbox(smtp(url), { store: sqlite('mail.db') })
  await box.enqueue(message)
  // snippet: worker
  const own = worker(box, {
    concurrency: 20,
    observe: ({ type, error }) => error && console.error(type, error.code, error.hint),
  })
  const stop = async (): Promise<void> => {
    await own.close()
    await box.close?.()
  }
  process.once('SIGTERM', () => void stop())
  // end
  await until(async () => (await box.counts()).sent === 2)
  await own.close()
  await box.close?.()
}

{
  const box = outbox(smtp(url), { store: sqlite('app.db') })
  await box.store.open()
  const database = new DatabaseSync('app.db', { timeout: 5_000 })
  database.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT)')
  async function order(email: string): Promise<void> {
    // snippet: transaction
    database.exec('BEGIN IMMEDIATE')
    try {
      database.prepare('INSERT INTO orders (email) VALUES (?)').run(email)
      await box.enqueue({ ...message, to: email }, { using: database })
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
    // end
  }
  await order('ann@rcpt.example')
  await assert.rejects(order('not an address'), { code: 'compose/invalid-address' })
  assert.equal((await box.counts()).waiting, 1)
  assert.equal(database.prepare('SELECT count(*) AS n FROM orders').get()!['n'], 1)
  database.close()
  await box.close?.()
}

{
  const box = outbox(smtp(url), { store: sqlite('later.db') })
  const mailer = new Mailer({ transport: box })
  const tomorrow = new Date(Date.now() + 86_400_000)
  // snippet: later
  await mailer.send({ ...message, transportData: { outbox: { sendAt: tomorrow, priority: -1 } } })
  await box.enqueue(message, { priority: 10, giveUpAt: new Date(Date.now() + 15 * 60_000) })
  // end
  const { scheduled, waiting } = await box.counts()
  assert.deepEqual([scheduled, waiting], [1, 1])
  await box.close?.()
}

{
  // snippet: limits
  const slow = limit(smtp(url), { by: 'domain', messages: 20, intervalMs: 1_000 })
  const box = outbox(slow, { store: sqlite('limited.db'), work: { concurrency: 100 } })
  // end
  await box.close?.()
}

{
  const key = randomBytes(32)
  const older = randomBytes(32)
  // snippet: encryption
  const box = outbox(smtp(url), {
    store: sqlite('secret.db'),
    encryption: { keys: { '2026-11': key, '2026-05': older }, current: '2026-11' },
  })
  // end
  await box.enqueue(message)
  await box.close?.()
}

{
  const box = outbox(smtp(url), { store: sqlite('doubt.db') })
  await inDoubt(box)
  const own = worker(box, { observe: ({ error }) => void error })
  await until(async () => (await box.counts())['in-doubt'] === 1)
  const arrived = (_messageId: string | undefined): boolean => true
  // snippet: in-doubt
  for await (const { id, messageId } of box.list({ state: 'in-doubt' })) {
    await box.resolve(id, arrived(messageId) ? 'delivered' : 'not-delivered')
  }
  // end
  assert.equal((await box.counts()).sent, 1)
  await box.enqueue({ ...message, to: 'gone@rcpt.example' })
  await until(async () => (await box.counts()).dead === 1)
  // snippet: dead
  for await (const { id, to, error } of box.list({ state: 'dead' })) {
    console.log(to, error?.code, error?.hint)
    if (error?.kind === 'mailbox-unknown') await box.discard(id)
    else await box.retry(id)
  }
  // end
  assert.equal((await box.counts()).discarded, 1)
  await own.close()
  await box.close?.()
}

/** What a worker leaves that dies after it began to send. */
async function inDoubt(box: Outbox): Promise<void> {
  await box.enqueue(message)
  const [lease] = await box.store.lease(1, 1)
  await box.store.begin(lease!)
}
