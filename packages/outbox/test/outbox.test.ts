import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { outbox, sqlite } from '../src/index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbox-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const message = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }

it('sends also what is never given up', async () => {
  const server = await startServer()
  const store = sqlite(join(folder, 'mail.db'))
  const box = outbox(smtp(server.url), { store, work: true, giveUpMs: Infinity })
  const { id } = await box.enqueue(message)
  await expect.poll(async () => (await box.get(id))?.state).toBe('sent')
  expect((await box.get(id))?.giveUpAt.getFullYear()).toBeGreaterThan(9_999)
  await box.close?.()
  await server.close()
})

it('sends what was enqueued', async () => {
  const server = await startServer()
  const box = outbox(smtp(server.url), { store: sqlite(join(folder, 'mail.db')), work: true })
  const mailer = new Mailer({ transport: box })
  const receipt = await mailer.send({
    ...message,
    attachments: [{ filename: 'big.bin', content: Buffer.alloc(100_000, 'x') }],
  })
  expect(receipt.state).toBe('queued')
  await expect.poll(async () => (await box.counts()).sent).toBe(1)
  expect(server.messages).toHaveLength(1)
  await mailer.close()
  await server.close()
})

it('keeps a message once if it is sent again with the same key', async () => {
  const box = outbox(smtp('smtp://127.0.0.1:9'), { store: sqlite(join(folder, 'mail.db')) })
  const mailer = new Mailer({ transport: box })
  const first = await mailer.send({ ...message, idempotencyKey: 'order-1' })
  const again = await mailer.send({ ...message, idempotencyKey: 'order-1' })
  const entry = await box.enqueue({ ...message, idempotencyKey: 'order-1' })
  expect([again.messageId, entry.messageId]).toEqual([first.messageId, first.messageId])
  expect((await box.counts()).waiting).toBe(1)
  await mailer.close()
})
