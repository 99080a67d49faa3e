import { join } from 'node:path'
import { Mailer } from '@loudmail/core'
import { outbox, sqlite } from '@loudmail/outbox'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { expect, it, onTestFinished } from 'vitest'
import { suppress } from '../../src/index.ts'
import { sqliteSuppressions } from '../../src/sqlite.ts'
import { bounced, BOB, CAROL, DAVE, three } from './setup.ts'
import { temporaryFolder } from './temporary-folder.ts'

it('an outbox and a list share a file, and the list holds when the message is sent', async () => {
  const file = join(temporaryFolder(), 'mail.db')
  const server = await startServer()
  const list = sqliteSuppressions(file)
  onTestFinished(async () => void (await Promise.all([server.close(), list.close()])))
  const codes: string[] = []
  const box = outbox(suppress(smtp(server.url), list), {
    store: sqlite(file, { pollMs: 20 }),
    work: { pollMs: 20, delayMs: 1, observe: ({ error }) => void (error && codes.push(error.code)) },
  })
  const mailer = new Mailer({ transport: box })
  await list.add(bounced)
  expect(await mailer.send(three)).toMatchObject({ ok: true, state: 'queued' })
  await expect.poll(async () => (await box.counts()).dead).toBe(1)
  expect(server.messages.map(({ envelope }) => envelope.to)).toEqual([[CAROL, DAVE]])
  expect(codes).toEqual(['rcpt-to/suppressed'])

  await list.remove(BOB)
  expect(await mailer.send(three)).toMatchObject({ state: 'queued' })
  await expect.poll(async () => (await box.counts()).sent).toBe(1)
  await mailer.close()
  expect(server.messages.map(({ envelope }) => envelope.to)).toEqual([[CAROL, DAVE], three.to])
})
