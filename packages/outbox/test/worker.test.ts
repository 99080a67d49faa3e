import { once } from 'node:events'
import { join } from 'node:path'
import { limit, Mailer, MailError, type MailEvent, type Transport } from '@loudmail/core'
import { failAll, wrap } from '@loudmail/core/transport'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { outbox, sqlite, worker, type Outbox, type OutboxEntry, type WorkerOptions } from '../src/index.ts'
import type { Lease } from '../src/store.ts'
import { temporaryFolder } from './temporary.ts'

const message = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }

interface Sent {
  readonly to: readonly string[]
  readonly messageId: string | undefined
  readonly key: string | undefined
}

/** A transport that fails as it is told to. */
function scripted(failure: (to: readonly string[], attempt: number) => MailError | undefined) {
  const sent: Sent[] = []
  let attempts = 0
  const transport: Transport = {
    name: 'scripted()',
    async send({ envelope: { to }, messageId, idempotencyKey: key }) {
      const error = failure(to, ++attempts)
      if (error) throw error
      sent.push({ to, messageId, key })
      return { transport: 'scripted()', state: 'sent', failures: [], response: '250 OK' }
    },
  }
  return { transport, sent, attempts: () => attempts }
}

function open(transport: Transport, file = join(temporaryFolder(), 'mail.db')): Outbox {
  const box = outbox(transport, { store: sqlite(file, { pollMs: 20 }) })
  onTestFinished(async () => box.close?.())
  return box
}

/** A worker with short times, and what its observers hear. */
function work(box: Outbox, options: WorkerOptions = {}) {
  const events: MailEvent[] = []
  const observe = (event: MailEvent): void => {
    // Reading it takes the failure, so that it is not printed.
    void event.error
    events.push(event)
  }
  const self = worker(box, { delayMs: 1, maxDelayMs: 10, pollMs: 10, observe, ...options })
  onTestFinished(() => self.close())
  return { worker: self, events }
}

const refused = (to: readonly string[], permanence: 'transient' | 'permanent'): MailError =>
  new MailError({
    stage: 'rcpt-to',
    kind: permanence === 'transient' ? 'greylisted' : 'mailbox-unknown',
    recipients: to.map((address) => ({ address, status: 'rejected', permanence })),
  })

async function listed<Entry>(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const all: Entry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

const stateOf = async (box: Outbox, id: string) => (await box.get(id))?.state

describe('an attempt that failed', () => {
  it('is followed by another one for those who were refused for now, with the same Message-ID', async () => {
    const { transport, sent } = scripted((to, attempt) =>
      attempt > 1
        ? undefined
        : new MailError({
            stage: 'rcpt-to',
            kind: 'mixed',
            recipients: [
              { address: to[0]!, status: 'accepted' },
              { address: to[1]!, status: 'rejected', permanence: 'transient', kind: 'greylisted' },
              { address: to[2]!, status: 'rejected', permanence: 'permanent', kind: 'mailbox-unknown' },
            ],
          }),
    )
    const box = open(transport)
    const to = ['a@rcpt.example', 'b@rcpt.example', 'c@rcpt.example']
    const { id, messageId } = await box.enqueue({ ...message, to, idempotencyKey: 'order-1' })
    const { events } = work(box)
    await expect.poll(() => stateOf(box, id)).toBe('dead')
    expect(sent).toEqual([{ to: ['b@rcpt.example'], messageId, key: 'order-1;outbox=1' }])
    const entry = await box.get(id)
    expect(entry?.recipients.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'rejected'])
    expect(entry).toMatchObject({ attempts: 2, error: { code: 'rcpt-to/mixed' } })
    expect(events.map(({ type, context }) => [type, context])).toEqual([
      ['attempt-failed', { outbox: { id, attempt: 1 } }],
      ['sent', { outbox: { id, attempt: 1 } }],
      ['failed', { outbox: { id, attempt: 2 } }],
    ])
    expect(events[1]!.receipt).toMatchObject({ state: 'queued', failures: [{ code: 'rcpt-to/mixed' }] })
    expect(events[2]!.error).toMatchObject({
      code: 'rcpt-to/mailbox-unknown',
      delivered: 'some',
      messageId,
      failures: [],
    })
  })

  it('is the last one if nobody may get the message any more, and keeps its diagnosis', async () => {
    const server = await startServer({ on: { RCPT: '550 5.1.1 No such user' } })
    onTestFinished(() => server.close())
    const box = open(smtp(server.url))
    const { id } = await box.enqueue(message)
    const { events } = work(box)
    await expect.poll(() => stateOf(box, id)).toBe('dead')
    const entry = await box.get(id)
    expect(entry?.error).toMatchObject({ code: 'rcpt-to/mailbox-unknown', delivered: 'none' })
    expect(entry?.error?.hint).not.toBe('')
    expect(entry?.error?.transcript?.entries.some(({ text }) => text.includes('550 5.1.1'))).toBe(true)
    expect(events.map(({ type }) => type)).toEqual(['failed'])
  })

  it('waits as long as the server asks', async () => {
    const { transport, attempts } = scripted(
      (to) =>
        new MailError({
          stage: 'rcpt-to',
          kind: 'greylisted',
          retryAfterMs: 60_000,
          recipients: [{ address: to[0]!, status: 'rejected', permanence: 'transient' }],
        }),
    )
    const box = open(transport)
    const { id } = await box.enqueue(message)
    work(box)
    await expect.poll(() => stateOf(box, id)).toBe('scheduled')
    expect((await box.get(id))!.dueAt.getTime() - Date.now()).toBeGreaterThan(55_000)
    expect(attempts()).toBe(1)
  })

  it('doubles its pause, up to a limit', async () => {
    const { transport, attempts } = scripted((to) => refused(to, 'transient'))
    const box = open(transport)
    const { id } = await box.enqueue(message)
    work(box, { delayMs: 2, maxDelayMs: 1_000_000 })
    await expect.poll(async () => (await box.get(id))!.attempts, { timeout: 10_000 }).toBeGreaterThan(8)
    const { dueAt, updatedAt, attempts: number } = (await box.get(id))!
    const pause = dueAt.getTime() - updatedAt.getTime()
    expect(pause).toBeGreaterThanOrEqual(2 ** (number - 1) - 50)
    expect(pause).toBeLessThanOrEqual(2 ** number + 50)
    expect(attempts()).toBe(number)
  })

  it('is not followed by another one after the time at which to give up', async () => {
    const { transport } = scripted((to) => refused(to, 'transient'))
    const box = open(transport)
    const { id } = await box.enqueue(message, { giveUpAt: new Date(Date.now() + 60_000) })
    work(box, { delayMs: 120_000, maxDelayMs: 120_000 })
    await expect.poll(() => stateOf(box, id), { timeout: 5_000 }).toBe('dead')
    expect(await box.get(id)).toMatchObject({ error: { permanence: 'transient', delivered: 'none' } })
  })

  it('keeps a message that only the server or its configuration keeps from going out', async () => {
    let isRepaired = false
    const { transport } = scripted((to) =>
      isRepaired
        ? undefined
        : failAll(
            { envelope: { from: '', to, smtputf8: false }, messageId: undefined, replayable: true },
            'not-attempted',
            {
              stage: 'auth',
              kind: 'bad-credentials',
            },
          ),
    )
    const box = open(transport)
    const { id } = await box.enqueue(message)
    const { worker: own } = work(box)
    await expect.poll(async () => (await box.get(id))!.attempts).toBeGreaterThan(0)
    expect(own.mailer.health().state).toBe('down')
    isRepaired = true
    await expect.poll(() => stateOf(box, id), { timeout: 5_000 }).toBe('sent')
    expect(own.mailer.health().state).not.toBe('down')
  })

  it('is the last one for those who were refused for good, also if the connection was lost after that', async () => {
    const to = ['a@rcpt.example', 'b@rcpt.example']
    const { transport, attempts } = scripted(
      () =>
        new MailError({
          stage: 'body',
          kind: 'connection-lost',
          recipients: [
            { address: to[0]!, status: 'unknown' },
            { address: to[1]!, status: 'rejected', permanence: 'permanent', kind: 'mailbox-unknown' },
          ],
        }),
    )
    const box = open(transport)
    const { id } = await box.enqueue({ ...message, to })
    work(box)
    await expect.poll(() => stateOf(box, id)).toBe('in-doubt')
    expect(attempts()).toBe(1)
  })

  it('does not become a thousand attempts while the server is down', async () => {
    const { transport, attempts } = scripted((to) =>
      failAll(
        { envelope: { from: '', to, smtputf8: false }, messageId: undefined, replayable: true },
        'not-attempted',
        {
          stage: 'auth',
          kind: 'bad-credentials',
        },
      ),
    )
    const box = open(transport)
    for (let number = 0; number < 100; number++) await box.enqueue(message)
    work(box, { concurrency: 5, delayMs: 60_000, maxDelayMs: 60_000 })
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    // Five at first, then one after each pause.
    expect(attempts()).toBeGreaterThanOrEqual(5)
    expect(attempts()).toBeLessThanOrEqual(8)
  })
})

describe('a worker that stops', () => {
  it('ends what is in flight, takes nothing more, and leaves the rest', async () => {
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const transport: Transport = {
      name: 'slow()',
      async send() {
        await held
        return { transport: 'slow()', state: 'sent', failures: [] }
      },
    }
    const box = open(transport)
    for (let number = 0; number < 5; number++) await box.enqueue(message)
    const { worker: own } = work(box, { concurrency: 2 })
    await expect.poll(async () => (await box.counts())['in-flight']).toBe(2)
    const closed = own.close()
    release!()
    await closed
    expect(await box.counts()).toMatchObject({ sent: 2, waiting: 3, 'in-flight': 0 })
  })

  it('gives back what it did not begin in time, at once and without counting an attempt', async () => {
    const server = await startServer({ on: { MAIL: { stall: true } } })
    onTestFinished(() => server.close())
    const box = open(smtp(server.url))
    const { id } = await box.enqueue(message)
    const { worker: own } = work(box, { drainMs: 50 })
    await server.waitFor('command', ({ command }) => command === 'MAIL')
    await own.close()
    expect(await box.get(id)).toMatchObject({ state: 'waiting', attempts: 0, failures: [] })
  })
})

describe('an entry whose worker died while it sent it', () => {
  async function abandoned(box: Outbox) {
    const { id, messageId } = await box.enqueue(message)
    const [lease] = await box.store.lease(1, 1)
    await box.store.begin(lease!)
    return { id, messageId, lease: lease! }
  }

  it('is parked as in doubt, is listed, and can be resolved as delivered', async () => {
    const { transport, attempts } = scripted(() => undefined)
    const box = open(transport)
    const { id, messageId } = await abandoned(box)
    const { events } = work(box)
    await expect.poll(() => stateOf(box, id)).toBe('in-doubt')
    expect(await listed(box.list({ state: 'in-doubt' }))).toMatchObject([{ id, messageId }])
    expect(events).toMatchObject([{ type: 'failed' }])
    expect(events[0]!.error).toMatchObject({ code: 'submit/aborted', delivered: 'unknown' })
    await box.resolve(id, 'delivered')
    expect(await box.get(id)).toMatchObject({ state: 'sent', recipients: [{ status: 'accepted' }] })
    expect(attempts()).toBe(0)
  })

  it('is sent again once a person says that it was not delivered', async () => {
    const { transport, sent } = scripted(() => undefined)
    const box = open(transport)
    const { id, messageId } = await abandoned(box)
    work(box)
    await expect.poll(() => stateOf(box, id)).toBe('in-doubt')
    await box.resolve(id, 'not-delivered')
    await expect.poll(() => stateOf(box, id)).toBe('sent')
    expect(sent).toMatchObject([{ messageId }])
  })

  it('is sent again at once with the same Message-ID where that is wanted, and its failure is told', async () => {
    const { transport, sent } = scripted(() => undefined)
    const box = open(transport)
    const { id, messageId } = await abandoned(box)
    const { events } = work(box, { inDoubt: 'resend' })
    await expect.poll(() => stateOf(box, id)).toBe('sent')
    expect(sent).toMatchObject([{ messageId }])
    expect(events.map(({ type }) => type)).toEqual(['attempt-failed', 'sent'])
    expect((await box.get(id))?.failures).toMatchObject([{ code: 'submit/aborted' }])
  })

  it('is settled by its first worker if that only stood still', async () => {
    const { transport } = scripted(() => undefined)
    const box = open(transport)
    const { id, lease } = await abandoned(box)
    work(box)
    await expect.poll(() => stateOf(box, id)).toBe('in-doubt')
    expect(await box.store.settle(lease, { state: 'sent' })).toBe(true)
    expect(await stateOf(box, id)).toBe('sent')
  })
})

describe('the order and the time', () => {
  it('messages with a higher priority go first', async () => {
    const { transport, sent } = scripted(() => undefined)
    const box = open(transport)
    for (const priority of [0, 10, -5, 5])
      await box.enqueue({ ...message, to: `p${priority}@rcpt.example` }, { priority })
    work(box, { concurrency: 1 })
    await expect.poll(() => sent.length).toBe(4)
    expect(sent.map(({ to }) => to[0])).toEqual([10, 5, 0, -5].map((priority) => `p${priority}@rcpt.example`))
  })

  it('a scheduled message waits for its time, also if a mailer sends it', async () => {
    const { transport, sent } = scripted(() => undefined)
    const box = open(transport)
    const mailer = new Mailer({ transport: box })
    const sendAt = new Date(Date.now() + 400)
    await mailer.send({ ...message, transportData: { outbox: { sendAt } } })
    expect(await box.counts()).toMatchObject({ scheduled: 1, waiting: 0, oldestWaitingMs: 0 })
    work(box)
    await expect.poll(() => sent.length, { timeout: 5_000 }).toBe(1)
    expect(Date.now()).toBeGreaterThanOrEqual(sendAt.getTime())
  })

  it('limits for each domain hold', async () => {
    const { transport, sent } = scripted(() => undefined)
    const box = open(limit(transport, { by: 'domain', messages: 1, intervalMs: 60_000 }))
    for (const to of ['a@slow.example', 'b@slow.example', 'c@rcpt.example', 'd@other.example'])
      await box.enqueue({ ...message, to })
    const { worker: own } = work(box, { drainMs: 0 })
    await expect.poll(() => sent.length).toBe(3)
    expect(sent.map(({ to }) => to[0])).not.toContain('b@slow.example')
    await own.close()
    expect(await box.counts()).toMatchObject({ sent: 3, waiting: 1 })
  })
})

describe('a store that fails', () => {
  it('is offered a known outcome until it takes it', async () => {
    const file = join(temporaryFolder(), 'mail.db')
    const store = sqlite(file)
    let refusals = 3
    const flaky = {
      ...store,
      settle: (...[lease, change]: Parameters<typeof store.settle>) =>
        refusals-- > 0
          ? Promise.reject(new MailError({ stage: 'submit', kind: 'storage' }))
          : store.settle(lease, change),
    }
    const { transport, sent } = scripted(() => undefined)
    const box = outbox(transport, { store: flaky })
    onTestFinished(async () => box.close?.())
    const { id } = await box.enqueue(message)
    work(box)
    await expect.poll(() => stateOf(box, id), { timeout: 5_000 }).toBe('sent')
    expect(sent).toHaveLength(1)
  })

  it('that cannot record the beginning keeps the message from being sent', async () => {
    const store = sqlite(join(temporaryFolder(), 'mail.db'))
    let refuses = true
    const flaky = {
      ...store,
      begin: (...[lease]: Parameters<typeof store.begin>) =>
        refuses ? Promise.reject(new MailError({ stage: 'submit', kind: 'storage' })) : store.begin(lease),
    }
    const { transport, attempts } = scripted(() => undefined)
    const box = outbox(transport, { store: flaky })
    onTestFinished(async () => box.close?.())
    const { id } = await box.enqueue(message)
    const { events } = work(box)
    await expect.poll(() => events.length).toBeGreaterThan(1)
    expect(events[0]!.error).toMatchObject({ code: 'submit/storage', delivered: 'none' })
    expect(attempts()).toBe(0)
    refuses = false
    await expect.poll(() => stateOf(box, id), { timeout: 5_000 }).toBe('sent')
    expect(attempts()).toBe(1)
  })

  it('a message whose octets cannot be read is dead, and the others go out', async () => {
    const store = sqlite(join(temporaryFolder(), 'mail.db'))
    const { transport, sent } = scripted(() => undefined)
    const box = outbox(transport, { store })
    onTestFinished(async () => box.close?.())
    const broken = '018f0000-0000-7000-8000-000000000000'
    const progress = {
      from: 'a@x.example',
      to: ['b@x.example'],
      open: ['b@x.example'],
      recipients: [],
      failures: [],
    }
    await store.add({
      id: broken,
      messageId: '<1@x.example>',
      priority: 0,
      dueAt: 1,
      createdAt: 1,
      progress: JSON.stringify({ ...progress, giveUpAt: Date.now() + 60_000 }),
      head: () => Buffer.from('{ not a message'),
    })
    const { id } = await box.enqueue(message)
    const { events } = work(box)
    await expect.poll(() => stateOf(box, id)).toBe('sent')
    await expect.poll(() => stateOf(box, broken)).toBe('dead')
    expect(sent).toHaveLength(1)
    const failed = events.find(({ type }) => type === 'failed')
    expect(failed).toMatchObject({ messageId: '<1@x.example>', context: { outbox: { id: broken } } })
  })
})

describe('health', () => {
  it('says what is in the outbox, to the mailer that enqueues and to the one of the worker', async () => {
    const { transport } = scripted((to) => refused(to, 'permanent'))
    const box = open(transport)
    const mailer = new Mailer({ transport: box })
    await mailer.send(message)
    await expect.poll(() => mailer.health().queue).toMatchObject({ waiting: 1, dead: 0 })
    const { worker: own } = work(box)
    await expect
      .poll(() => own.mailer.health().queue, { timeout: 5_000 })
      .toMatchObject({ waiting: 0, dead: 1 })
    expect(mailer.health().state).toBe('up')
  })

  it('is down if the store cannot be read', async () => {
    const store = sqlite(join(temporaryFolder(), 'mail.db'))
    const counts = (): Promise<never> => Promise.reject(new MailError({ stage: 'submit', kind: 'storage' }))
    const box = outbox(scripted(() => undefined).transport, { store: { ...store, counts } })
    onTestFinished(async () => box.close?.())
    await expect.poll(() => box.health!().state).toBe('down')
    expect(box.health!().lastFailure?.code).toBe('submit/storage')
  })
})

it('a wrapper that forgets the context is noticed: from then on, messages count as begun earlier', async () => {
  const server = await startServer()
  onTestFinished(() => server.close())
  const inner = smtp(server.url)
  const forgetful = wrap('forgetful', inner, (each) => inner.send(each))
  expect(forgetful.announcesTransmission).toBe(true)
  const warning = once(process, 'warning')
  const box = open(forgetful)
  const begun: string[] = []
  const begin = box.store.begin.bind(box.store)
  Object.assign(box.store, {
    begin: (lease: Lease) => {
      begun.push(lease.entry.id)
      return begin(lease)
    },
  })
  work(box)
  const first = await box.enqueue(message)
  await expect.poll(() => stateOf(box, first.id)).toBe('sent')
  const [{ message: said }] = (await warning) as [Error]
  expect(said).toMatch(/^forgetful\(smtp\(.*pass its context on/)
  const second = await box.enqueue(message)
  await expect.poll(() => stateOf(box, second.id)).toBe('sent')
  expect(begun).toEqual([second.id])
})

describe('a key that is in the outbox already', () => {
  it.each(['dead', 'discarded'] as const)(
    'of a message that is %s is an error, and not queued for ever',
    async (state) => {
      const box = open(scripted((to) => refused(to, 'permanent')).transport)
      const mailer = new Mailer({ transport: box })
      await mailer.send({ ...message, idempotencyKey: 'order-1' })
      const [{ id }] = (await listed(box.list())) as [OutboxEntry]
      if (state === 'discarded') await box.discard(id)
      else {
        work(box)
        await expect.poll(() => stateOf(box, id)).toBe('dead')
      }
      await expect(mailer.send({ ...message, idempotencyKey: 'order-1' })).rejects.toMatchObject({
        code: 'submit/rejected',
        delivered: 'none',
        message: expect.stringContaining(`is ${state}: entry ${id}`) as string,
      })
    },
  )
})
