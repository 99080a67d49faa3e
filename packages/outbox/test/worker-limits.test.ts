import { join } from 'node:path'
import {
  MailError,
  type Delivery,
  type MailEvent,
  type Transport,
  type TransportContext,
} from '@loudmail/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { outbox, sqlite, worker, type Outbox, type WorkerOptions } from '../src/index.ts'
import type { OutboxStore } from '../src/store.ts'
import { temporaryFolder } from './temporary.ts'

const message = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }
const delivery: Delivery = { transport: 'own()', state: 'sent', failures: [], response: '250 OK' }

function own(send: Transport['send'], more: Partial<Transport> = {}): Transport {
  return { name: 'own()', send, ...more }
}

function open(transport: Transport, change: (store: OutboxStore) => Partial<OutboxStore> = () => ({})) {
  const file = join(temporaryFolder(), 'mail.db')
  const store = sqlite(file, { pollMs: 20 })
  const box = outbox(transport, { store: { ...store, ...change(store) } })
  onTestFinished(() => box.close!().catch(() => {}))
  return box
}

function work(box: Outbox, options: WorkerOptions = {}) {
  const events: MailEvent[] = []
  const observe = (event: MailEvent): void => {
    void event.error
    events.push(event)
  }
  const self = worker(box, { delayMs: 1, maxDelayMs: 10, pollMs: 10, observe, ...options })
  onTestFinished(() => self.close())
  return { worker: self, events }
}

function warnings(): string[] {
  const heard: string[] = []
  const hear = (warning: Error): void => void heard.push(warning.message)
  process.on('warning', hear)
  onTestFinished(() => void process.off('warning', hear))
  return heard
}

const never = <Result>(): Promise<Result> => new Promise(() => {})
const noDisk = () => Promise.reject(new MailError({ stage: 'submit', kind: 'storage' }))
const stateOf = async (box: Outbox, id: string) => (await box.get(id))?.state

describe('a transport that does not end when it is told to', () => {
  it('leaves a message in doubt that it began, loses its place, and settles it if it answers later', async () => {
    let answer: ((delivery: Delivery) => void) | undefined
    let sends = 0
    const box = open(
      own(() =>
        ++sends === 1 ? new Promise<Delivery>((resolve) => (answer = resolve)) : Promise.resolve(delivery),
      ),
    )
    const { id } = await box.enqueue(message)
    const other = await box.enqueue(message)
    const { events } = work(box, { concurrency: 1, deadlineMs: 50, delayMs: 1 })
    await expect.poll(() => stateOf(box, id), { timeout: 5_000 }).toBe('in-doubt')
    await expect.poll(() => stateOf(box, other.id), { timeout: 5_000 }).toBe('sent')
    const failed = events.filter(({ context }) => JSON.stringify(context).includes(id))
    expect(failed).toMatchObject([
      { type: 'failed', error: { code: 'submit/timeout', delivered: 'unknown' } },
    ])
    expect(failed[0]!.error!.message).toMatch(/did not end when the deadline passed/)
    answer!(delivery)
    await expect.poll(() => stateOf(box, id)).toBe('sent')
    expect(events.filter(({ type }) => type === 'late-reply')).toHaveLength(1)
    expect(sends).toBe(2)
  })

  it('has a message go on that it did not begin, and cannot begin it any more', async () => {
    const contexts: TransportContext[] = []
    const box = open(
      own(
        async (_, context) => {
          contexts.push(context!)
          if (contexts.length === 1) return never()
          await context!.beforeTransmission!()
          return delivery
        },
        { announcesTransmission: true },
      ),
    )
    const { id } = await box.enqueue(message)
    const { events } = work(box, { deadlineMs: 50 })
    await expect.poll(() => stateOf(box, id), { timeout: 5_000 }).toBe('sent')
    expect(events.map(({ type }) => type)).toEqual(['attempt-failed', 'sent', 'sent'])
    expect(events[0]!.error).toMatchObject({
      code: 'submit/timeout',
      delivered: 'none',
      permanence: 'transient',
    })
    expect((await box.get(id))?.attempts).toBe(2)
    await expect(contexts[0]!.beforeTransmission!()).rejects.toMatchObject({ delivered: 'none' })
  })

  it('sends nothing after the store took too long to say that it may begin, and the message goes on', async () => {
    let answer: (() => void) | undefined
    const answered = new Promise<void>((resolve) => (answer = resolve))
    let begins = 0
    let sends = 0
    const box = open(
      own(async () => {
        sends++
        return delivery
      }),
      (store) => ({
        async begin(lease) {
          const isOurs = await store.begin(lease)
          if (++begins === 1) await answered
          return isOurs
        },
      }),
    )
    const { id } = await box.enqueue(message)
    work(box, { deadlineMs: 200 })
    await expect.poll(() => stateOf(box, id), { timeout: 5_000 }).toBe('in-doubt')
    answer!()
    await expect.poll(() => stateOf(box, id), { timeout: 5_000 }).toBe('sent')
    expect([begins, sends]).toEqual([2, 1])
  })

  it('does not keep a worker from stopping: what was not begun is given back', async () => {
    const box = open(own(never, { announcesTransmission: true }))
    const { id } = await box.enqueue(message)
    const { worker: self } = work(box, { drainMs: 0 })
    await expect.poll(() => stateOf(box, id)).toBe('in-flight')
    await self.close()
    expect(await box.get(id)).toMatchObject({ state: 'waiting', attempts: 0, failures: [] })
  })
})

it('a reply that comes with the failure it takes back settles the message', async () => {
  const box = open(
    own(async ({ envelope: { to } }, context) => {
      context!.late!(undefined as never)
      queueMicrotask(() => context!.late!(delivery))
      throw new MailError({
        stage: 'body',
        kind: 'timeout',
        recipients: to.map((address) => ({ address, status: 'unknown' })),
      })
    }),
  )
  const { id } = await box.enqueue(message)
  work(box)
  await expect.poll(() => stateOf(box, id)).toBe('sent')
})

describe('a worker that stops', () => {
  it.each<[string, (store: OutboxStore) => Partial<OutboxStore>, RegExp]>([
    [
      'cannot write',
      () => ({ settle: noDisk }),
      /is sent, but that could not be recorded, so it will be in doubt/,
    ],
    ['does not answer', () => ({ settle: never }), /did not answer before the worker had to stop/],
  ])(
    'ends although the store %s, and says what is not recorded',
    async (_, change, warning) => {
      const heard = warnings()
      let sends = 0
      const box = open(
        own(async () => {
          sends++
          return delivery
        }),
        change,
      )
      const { id } = await box.enqueue(message)
      const { worker: self, events } = work(box)
      await expect.poll(() => sends).toBe(1)
      const began = performance.now()
      await self.close()
      expect(performance.now() - began).toBeLessThan(8_000)
      expect(events.map(({ type }) => type)).toEqual(['sent'])
      const about = () => heard.filter((each) => each.includes(id))
      await expect.poll(about).toEqual([expect.stringMatching(warning)])
      expect((await box.store.get(id))?.begun).toBe(true)
    },
    20_000,
  )

  it.each<[string, (store: OutboxStore) => Partial<OutboxStore>]>([
    ['leasing', () => ({ lease: never })],
    ['removing what is old', () => ({ purge: never })],
  ])(
    'ends although the store does not answer when it is %s',
    async (_, change) => {
      const box = open(
        own(async () => delivery),
        change,
      )
      const { worker: self } = work(box)
      await self.close()
    },
    20_000,
  )

  it('offers an outcome for some seconds, also if it came long after the worker began to stop', async () => {
    const heard = warnings()
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let refusals = 3
    const box = open(
      own(() => held.then(() => delivery)),
      (store) => ({ settle: (...args) => (refusals-- > 0 ? noDisk() : store.settle(...args)) }),
    )
    const { id } = await box.enqueue(message)
    const { worker: self } = work(box)
    await expect.poll(() => stateOf(box, id)).toBe('in-flight')
    const closed = self.close()
    await new Promise((resolve) => setTimeout(resolve, 5_200))
    release!()
    await closed
    expect(await stateOf(box, id)).toBe('sent')
    expect(heard).toEqual([])
  }, 20_000)

  it('leaves what an earlier worker may have sent as it is', async () => {
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const box = open(own(() => held.then(() => delivery)))
    await box.enqueue(message, { priority: -1 })
    const [lease] = await box.store.lease(1, 1)
    await box.store.begin(lease!)
    for (let number = 0; number < 4; number++) await box.enqueue(message)
    const { worker: self } = work(box, { concurrency: 4 })
    // Four are sent, and one waits for its turn.
    await expect.poll(async () => (await box.counts())['in-flight']).toBe(5)
    const closed = self.close()
    release!()
    await closed
    expect(await box.store.get(lease!.entry.id)).toMatchObject({ state: 'in-flight', begun: true })
    expect((await box.counts()).sent).toBe(4)
  })
})

describe('an outbox that is closed', () => {
  it('is closed although its store does not close, with a warning', async () => {
    const heard = warnings()
    const box = open(
      own(async () => delivery),
      () => ({ close: never }),
    )
    await box.close!()
    await expect
      .poll(() => heard)
      .toEqual([expect.stringMatching(/^sqlite\(mail.db\) did not close in 10 s/)])
  }, 20_000)

  it('closes its store, also if the transport cannot be closed', async () => {
    const box = open(own(async () => delivery, { close: () => Promise.reject(new Error('broken pipe')) }))
    await box.enqueue(message)
    await expect(box.close!()).rejects.toThrow('broken pipe')
    await expect(box.enqueue(message)).rejects.toMatchObject({ code: 'queue/pool-closed' })
  })

  it('before its worker, lets the worker stop at once, with a warning about what is not recorded', async () => {
    const heard = warnings()
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const box = open(own(() => held.then(() => delivery)))
    const { id } = await box.enqueue(message)
    const { worker: self } = work(box)
    await expect.poll(() => stateOf(box, id)).toBe('in-flight')
    await box.close!()
    release!()
    const began = performance.now()
    await self.close()
    expect(performance.now() - began).toBeLessThan(3_000)
    await expect.poll(() => heard.filter((each) => each.includes(id))).toHaveLength(1)
  })
})

describe('how much a worker takes', () => {
  it('is a quarter more than it sends at once, and its leases are extended while it sends slowly', async () => {
    const waiting: (() => void)[] = []
    const box = open(
      own(async () => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        return delivery
      }),
    )
    await Promise.all(Array.from({ length: 2_000 }, () => box.enqueue(message)))
    const { worker: self } = work(box, { concurrency: 8, leaseMs: 300, drainMs: 0 })
    await expect.poll(() => waiting.length).toBe(8)
    // Several times as long as a lease.
    const end = Date.now() + 1_500
    while (Date.now() < end) {
      expect((await box.counts())['in-flight']).toBeLessThanOrEqual(10)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(waiting).toHaveLength(8)
    expect(await box.store.lease(1, 1)).toHaveLength(1)
    for (const resolve of waiting.splice(0)) resolve()
    await expect.poll(async () => (await box.counts()).sent).toBe(8)
    expect(await box.counts()).toMatchObject({ 'in-doubt': 0 })
    void self
  })

  it('is given back while the server is down, so that another worker can try', async () => {
    const box = open(
      own(async () => {
        throw new MailError({ stage: 'auth', kind: 'bad-credentials' })
      }),
    )
    for (let number = 0; number < 40; number++) await box.enqueue(message)
    work(box, { concurrency: 8, delayMs: 60_000, maxDelayMs: 60_000 })
    await expect.poll(async () => (await box.counts()).scheduled).toBeGreaterThan(0)
    await expect.poll(async () => (await box.counts())['in-flight']).toBe(0)
  })
})

describe('what is used in a wrong way', () => {
  it('a worker without an outbox says what it needs', () => {
    expect(() => worker(own(async () => delivery) as never)).toThrow(/worker\(\) needs an outbox/)
  })

  it.each([{ leaseMs: Infinity }, { leaseMs: 1_000 / 3 }, { pollMs: Infinity }])(
    'a time that no timer or store can have is refused: %j',
    (options) => {
      const box = open(own(async () => delivery))
      expect(() => worker(box, options)).toThrow(
        /config\/invalid-config: worker\(\) (leaseMs|pollMs) must be/,
      )
    },
  )

  it('the mailer of a worker sends nothing of its own', async () => {
    const box = open(own(async () => delivery))
    const { worker: self } = work(box)
    await expect(self.mailer.send(message)).rejects.toMatchObject({
      code: 'config/invalid-config',
      delivered: 'none',
    })
  })

  it('a worker whose mailer was closed stops, and loses nothing', async () => {
    const box = open(own(async () => delivery))
    const { worker: self, events } = work(box, { concurrency: 2 })
    await self.mailer.close()
    for (let number = 0; number < 20; number++) await box.enqueue(message)
    await self.close()
    expect(await box.counts()).toMatchObject({ waiting: 20, 'in-flight': 0 })
    expect(events.length).toBeLessThanOrEqual(3)
  })
})

it.each<[string, unknown, string]>([
  [
    'an error with a password',
    new Error('postgres://ann:hunter22@db.example is away'),
    'Error: postgres://<redacted>@db.example is away',
  ],
  ['nothing', undefined, 'undefined'],
  ['an object without a prototype', Object.create(null), 'something that cannot be printed'],
])('a worker warns of a store that rejects with %s, and goes on', async (_what, thrown, words) => {
  const heard = warnings()
  let calls = 0
  const box = open(
    own(() => Promise.resolve(delivery)),
    (store) => ({ lease: (...asked) => (++calls === 1 ? Promise.reject(thrown) : store.lease(...asked)) }),
  )
  work(box)
  const { id } = await box.enqueue(message)
  await expect.poll(() => stateOf(box, id)).toBe('sent')
  expect(heard).toContain(`a worker cannot use its outbox: ${words}`)
})
