import { join } from 'node:path'
import { dedupe, failover, Mailer, retry, tee, type MailEvent, type Transport } from '@loudmail/core'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { outbox, sqlite, type Outbox } from '../src/index.ts'
import { temporaryFolder } from './temporary.ts'

const LARGE = Buffer.alloc(400_000, 'x')
const message = {
  from: 'ann@sender.example',
  to: ['bob@rcpt.example', 'cy@rcpt.example'],
  subject: 'Hello',
  text: 'Hi',
  idempotencyKey: 'order-1',
  attachments: [{ filename: 'large.bin', content: LARGE }],
}

/** What a case is made of. */
interface Parts {
  readonly server: SmtpServer
  readonly copies: SmtpServer
  /** Nobody listens there. */
  readonly down: Transport
  readonly heard: MailEvent[]
  readonly keep: (transport: Transport) => Outbox
}

async function parts(): Promise<Parts & { readonly boxes: Outbox[] }> {
  const [server, copies, gone] = await Promise.all([startServer(), startServer(), startServer()])
  onTestFinished(async () => void (await Promise.all([server.close(), copies.close()])))
  const down = smtp(gone.url)
  await gone.close()
  const heard: MailEvent[] = []
  const boxes: Outbox[] = []
  const observe = (event: MailEvent): void => {
    void event.error
    heard.push(event)
  }
  const keep = (transport: Transport): Outbox => {
    const store = sqlite(join(temporaryFolder(), 'mail.db'), { pollMs: 20 })
    const box = outbox(transport, { store, work: { pollMs: 20, delayMs: 1, maxDelayMs: 10, observe } })
    boxes.push(box)
    return box
  }
  return { server, copies, down, heard, keep, boxes }
}

describe.each<{
  readonly name: string
  readonly make: (parts: Parts) => Transport
  readonly state: 'sent' | 'queued'
  readonly copied?: number
  readonly isSmall?: boolean
}>([
  {
    name: 'an outbox that sends with another outbox',
    make: ({ keep, server }) => keep(keep(smtp(server.url))),
    state: 'queued',
  },
  {
    name: 'retry() around an outbox',
    make: ({ keep, server }) => retry(keep(smtp(server.url))),
    state: 'queued',
  },
  {
    name: 'dedupe() around an outbox',
    make: ({ keep, server }) => dedupe(keep(smtp(server.url))),
    state: 'queued',
  },
  {
    name: 'an outbox as the second way of failover()',
    make: ({ keep, server, down }) => failover(down, keep(smtp(server.url))),
    state: 'queued',
  },
  {
    name: 'an outbox that sends with the second way of failover()',
    make: ({ keep, server, down }) => keep(failover(down, smtp(server.url))),
    state: 'queued',
  },
  {
    name: 'an outbox that keeps copies of tee()',
    make: ({ keep, server, copies }) => tee(smtp(server.url), keep(smtp(copies.url))),
    state: 'sent',
    copied: 1,
  },
  {
    name: 'an outbox around tee()',
    // Its large content is removed once it was sent, perhaps before the copy is.
    isSmall: true,
    make: ({ keep, server, copies }) => keep(tee(smtp(server.url), smtp(copies.url))),
    state: 'queued',
    copied: 1,
  },
  {
    name: 'an outbox around retry() and dedupe()',
    make: ({ keep, server }) => keep(retry(dedupe(smtp(server.url)))),
    state: 'queued',
  },
])('$name', ({ make, state, copied = 0, isSmall = false }) => {
  const sent = isSmall ? { ...message, attachments: [] } : message

  it('delivers a message once, and leaves nothing behind', async () => {
    const own = await parts()
    const mailer = new Mailer({ transport: make(own), observe: ({ error }) => void error })
    const receipt = await mailer.send(sent)
    expect(receipt.state).toBe(state)
    expect(receipt.ok).toBe(true)
    await expect.poll(() => own.server.messages.length, { timeout: 5_000 }).toBe(1)
    for (const box of own.boxes)
      await expect.poll(async () => (await box.counts()).sent, { timeout: 5_000 }).toBe(1)
    await expect.poll(() => own.copies.messages.length, { timeout: 5_000 }).toBe(copied)
    await mailer.close()
    expect(own.server.messages).toHaveLength(1)
    expect(own.copies.messages).toHaveLength(copied)
    expect(own.server.messages[0]!.envelope.to).toEqual(message.to)
    expect(own.server.messages[0]!.content.length > LARGE.length).toBe(!isSmall)
    expect(own.heard.filter(({ type }) => type === 'failed')).toEqual([])
  })

  it('delivers a message with the same idempotency key once', async () => {
    const own = await parts()
    const mailer = new Mailer({ transport: make(own), observe: ({ error }) => void error })
    if (state === 'sent') return
    await Promise.all([mailer.send(sent), mailer.send(sent)])
    await expect.poll(() => own.server.messages.length, { timeout: 5_000 }).toBe(1)
    for (const box of own.boxes)
      await expect.poll(async () => (await box.counts()).sent, { timeout: 5_000 }).toBe(1)
    await mailer.close()
    expect(own.server.messages).toHaveLength(1)
  })
})

it('a copy of large content that an outbox has removed already is a failure that is told', async () => {
  const own = await parts()
  const box = own.keep(tee(smtp(own.server.url), smtp(own.copies.url)))
  await box.enqueue(message)
  const failures = () => own.heard.filter(({ type }) => type === 'attempt-failed')
  await expect.poll(() => failures().length + own.copies.messages.length, { timeout: 5_000 }).toBe(1)
  for (const { error } of failures()) expect(error!.message).toMatch(/the copy was not kept/)
  expect(own.server.messages).toHaveLength(1)
})
