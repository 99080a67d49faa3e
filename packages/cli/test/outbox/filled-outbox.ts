import { join } from 'node:path'
import { memory } from '@loudmail/core'
import { outbox, sqlite, worker, type Outbox, type OutboxCounts, type OutboxOptions } from '@loudmail/outbox'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { expect, onTestFinished } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'

/** Refuses, or breaks, by the recipient. */
const SCRIPT = {
  on: {
    RCPT: {
      byRcpt: {
        'gone@rcpt.example': '550 5.1.1 No such user',
        'full@rcpt.example': '452 4.2.2 Mailbox full',
      },
    },
    DOT: { byRcpt: { 'lost@rcpt.example': { close: 'fin' } } },
  },
} as const

/** A file with an outbox. */
export interface FilledOutbox {
  readonly folder: string
  readonly file: string
  /** The ids of its entries, by the local part of their recipient. */
  readonly ids: Readonly<Record<string, string>>
  /** Looks at it as another process does. */
  readonly look: <Result>(use: (box: Outbox) => Promise<Result>) => Promise<Result>
}

/** An outbox whose messages nobody has tried. */
export async function waitingOutbox(
  recipients: readonly string[],
  encryption?: OutboxOptions['encryption'],
): Promise<FilledOutbox> {
  const folder = temporaryFolder()
  const file = join(folder, 'mail.db')
  const look: FilledOutbox['look'] = async (use) => {
    const box = outbox(memory(), { store: sqlite(file), encryption })
    try {
      return await use(box)
    } finally {
      await box.close?.()
    }
  }
  const ids: Record<string, string> = {}
  await look(async (box) => {
    await box.store.open()
    const add = async (name: string): Promise<void> => {
      const people = { from: 'ann@sender.example', to: `${name}@rcpt.example` }
      ids[name] = (await box.enqueue({ ...people, subject: `To ${name}`, text: 'Hi' })).id
    }
    await Promise.all(recipients.map(add))
  })
  return { folder, file, ids, look }
}

/**
 * An outbox whose messages a worker has tried: `bob` is sent, `gone` is dead, `full` is scheduled for its next attempt,
 * `lost` is in doubt.
 */
export async function filledOutbox(recipients = ['bob', 'gone', 'full', 'lost']): Promise<FilledOutbox> {
  const filled = await waitingOutbox(recipients)
  await using server = await startServer(SCRIPT)
  await sendAll(filled, server)
  return filled
}

/** Has a worker send all that waits. */
export async function sendAll({ file }: FilledOutbox, { url }: SmtpServer): Promise<void> {
  const box = outbox(smtp(url), { store: sqlite(file) })
  const sender = worker(box, { observe: ({ error }) => void error })
  await settled(box)
  await sender.close()
  await box.close?.()
}

/** Waits until a worker has tried everything that is due. */
export async function settled(box: Outbox): Promise<void> {
  const open = (counts: OutboxCounts): number => counts.waiting + counts['in-flight']
  await expect.poll(async () => open(await box.counts()), { timeout: 20_000 }).toBe(0)
}

/** A server that refuses nobody, until the end of the test. */
export async function accepting(): Promise<SmtpServer> {
  const server = await startServer()
  onTestFinished(() => server.close())
  return server
}
