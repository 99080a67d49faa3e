import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessageInput } from '@loudmail/core'
import { outbox, sqlite, worker, type EnqueueOptions, type EntryState, type Outbox } from '@loudmail/outbox'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { expect, onTestFinished } from 'vitest'
import { outboxPage, type InboxHandler } from '../src/index.ts'

/** Refused for good, refused for now, and a server that takes the message and is gone. */
export const NOBODY = 'nobody@rcpt.example'
export const BUSY = 'busy@rcpt.example'
export const GONE = 'gone@rcpt.example'

export interface RunningOutbox {
  readonly box: Outbox
  readonly server: SmtpServer
  /** Keeps a message. Resolves to the id of its entry. */
  readonly enqueue: (input?: Partial<MessageInput>, options?: EnqueueOptions) => Promise<string>
  /** Lets a worker send until entries are in these states, and stops it. */
  readonly work: (expected: Readonly<Record<string, EntryState>>) => Promise<void>
}

/** An outbox in a file, and the server that it sends to. */
export async function runningOutbox(): Promise<RunningOutbox> {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startServer({
    on: {
      RCPT: {
        byRcpt: { [NOBODY]: '550 5.1.1 <b>No</b> such user here', [BUSY]: '450 4.2.0 Come back later' },
        default: { pass: true },
      },
      DOT: { byRcpt: { [GONE]: { accept: true, then: { close: 'rst' } } }, default: { pass: true } },
    },
  })
  onTestFinished(() => server.close())
  const transport = smtp(server.url)
  const box = outbox(transport, { store: sqlite(join(folder, 'mail.db')) })
  onTestFinished(async () => box.close?.())
  const enqueue: RunningOutbox['enqueue'] = async (input, options) => {
    const base = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }
    return (await box.enqueue({ ...base, ...input }, options)).id
  }
  const work: RunningOutbox['work'] = async (expected) => {
    const own = worker(box, {
      delayMs: 3_600_000,
      pollMs: 20,
      observe: (event) => void event.error,
    })
    const states = async (): Promise<object> =>
      Object.fromEntries(
        await Promise.all(Object.keys(expected).map(async (id) => [id, (await box.get(id))?.state])),
      )
    try {
      await expect.poll(states, { timeout: 10_000 }).toEqual(expected)
    } finally {
      await own.close()
    }
  }
  return { box, server, enqueue, work }
}

/** A page on a server of its own. Resolves to its address. */
export async function serving(handler: InboxHandler): Promise<string> {
  const server = createServer((request, response) => handler(request, response))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** An outbox and its page, which is open to everybody on this machine. */
export async function runningPage(): Promise<RunningOutbox & { readonly url: string }> {
  const running = await runningOutbox()
  return { ...running, url: await serving(outboxPage(running.box, { authorize: () => true })) }
}
