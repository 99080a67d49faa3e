import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Mailer } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { expect, it, onTestFinished } from 'vitest'
import { outbox, sqlite, worker, type OutboxOptions } from '../src/index.ts'
import { temporaryFolder } from './temporary.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const other = Buffer.alloc(32, 8).toString('base64')
const message = {
  from: 'ann@sender.example',
  to: 'bob@rcpt.example',
  subject: 'Invoice 4711',
  text: 'the total is 100',
  attachments: [{ filename: 'a.txt', content: 'confidential\n'.repeat(30_000) }],
}

async function place() {
  const server = await startServer()
  onTestFinished(() => server.close())
  const folder = temporaryFolder()
  const open = (encryption?: OutboxOptions['encryption']) => {
    const store = sqlite(join(folder, 'mail.db'), { pollMs: 20 })
    const box = outbox(smtp(server.url), { store, encryption })
    onTestFinished(async () => box.close?.())
    return box
  }
  const octets = (): string =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
      .join('')
  return { server, open, octets }
}

it('an encrypted message is sent, and nothing of its content is on the disk', async () => {
  const { server, open, octets } = await place()
  const box = open({ keys: { '2026-11': key } })
  await new Mailer({ transport: box }).send({ ...message, idempotencyKey: 'order-1' })
  const kept = octets()
  for (const secret of ['Invoice', 'the total', 'confidential', 'a.txt', key])
    expect(kept).not.toContain(secret)
  for (const clear of ['bob@rcpt.example', 'order-1', '2026-11']) expect(kept).toContain(clear)
  for await (const entry of box.list())
    expect(entry).toMatchObject({ subject: undefined, to: ['bob@rcpt.example'] })
  await using _ = worker(box)
  await expect.poll(async () => (await box.counts()).sent, { timeout: 10_000 }).toBe(1)
  expect(server.messages[0]!.content.toString()).toContain('the total is 100')
})

it('a message without its key waits, is reported, and goes out when the key is back', async () => {
  const { server, open } = await place()
  const before = open({ keys: { old: key } })
  const { id } = await before.enqueue(message)
  const without = open({ keys: { new: other } })
  const failures: unknown[] = []
  const first = worker(without, { observe: ({ error }) => void failures.push(error), maxDelayMs: 50 })
  await expect
    .poll(() => failures[0])
    .toMatchObject({
      code: 'submit/storage',
      delivered: 'none',
      recipients: [{ address: 'bob@rcpt.example', status: 'not-attempted' }],
    })
  await first.close()
  expect(await without.get(id)).toMatchObject({ state: expect.stringMatching(/scheduled|waiting/) })
  await expect(without.read(id)).rejects.toThrow('the key "old", which is missing')
  await using _ = worker(open({ keys: { old: key, new: other }, current: 'new' }), { pollMs: 20 })
  await expect.poll(() => server.messages.length, { timeout: 10_000 }).toBe(1)
})

it('the keys are not in the outbox that is printed', async () => {
  const { open } = await place()
  const shown = inspect(open({ keys: { a: key } }), { depth: 9, showHidden: true })
  expect(shown).not.toContain(key)
  expect(shown).not.toContain('07 07 07')
})

it.each([undefined, { keys: { a: key } }])(
  'the message of an entry can be looked at (encryption: %j)',
  async (encryption) => {
    const { open } = await place()
    const box = open(encryption)
    const { id } = await box.enqueue(message)
    expect(await box.read(id)).toMatchObject({ subject: 'Invoice 4711', text: 'the total is 100' })
    await box.discard(id)
    expect(await box.read(id)).toBeUndefined()
    expect(await box.read('another')).toBeUndefined()
  },
)
