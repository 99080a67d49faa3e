import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failover, Mailer, MailError, memory, type MessageInput, type Transport } from '../src/index.ts'
import { greylisted, lost, noSuchUser, refuses, scripted, type Act } from './scripted.ts'

const hello: MessageInput = { from: 'ann@example.com', to: 'bob@example.com', subject: 'Hello', text: 'Hi' }

const sent: Act = () => undefined
const unknownUser = refuses(noSuchUser('bob@example.com'))
/** The server answered, and did not like the recipient. */
const answered: Act = () =>
  new MailError({
    stage: 'rcpt-to',
    kind: 'mailbox-unknown',
    reply: { protocol: 'smtp', code: 550, text: '5.1.1 no bob@example.com here, secret words' },
    recipients: [noSuchUser('bob@example.com')],
  })

async function afterSends(...script: Act[]): Promise<Mailer> {
  const mailer = new Mailer({
    transport: scripted(...script),
    failure: 'silent',
    observe: (event) => void event.error,
  })
  for (const _ of script) await mailer.send(hello)
  return mailer
}

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('health()', () => {
  it('of a mailer that never sent is up, with nothing known', () => {
    const transport = memory()
    expect(new Mailer({ transport }).health()).toEqual({
      transport: 'memory()',
      state: 'up',
      waiting: 0,
      sending: 0,
      counts: { sent: 0, failed: 0, silenced: 0, attemptsFailed: 0 },
      parts: [{ transport: 'memory()', state: 'up' }],
    })
  })

  const many = (n: number): Act[] => Array.from({ length: n }, () => sent)

  it.each<[string, Act[], string]>([
    ['one that sent', [sent], 'up'],
    ['one whose only send failed', [lost], 'down'],
    ['one failure after a success', [sent, lost], 'degraded'],
    ['two failures after successes', [...many(5), lost, lost], 'degraded'],
    ['three failures after successes', [...many(5), lost, lost, lost], 'down'],
    ['a success after an outage', [lost, lost, lost, sent], 'degraded'],
    ['nine successes after a failure', [lost, ...many(9)], 'degraded'],
    ['ten successes after a failure', [lost, ...many(10)], 'up'],
    ['recipients that do not exist', [sent, answered, answered, answered], 'up'],
    ['an answer after an outage', [lost, lost, lost, answered], 'degraded'],
    ['failures that say nothing about the transport', [lost, lost, unknownUser, unknownUser], 'down'],
  ])('of %s', async (_what, script, state) => {
    expect((await afterSends(...script)).health().state).toBe(state)
  })

  it('forgets after five minutes', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] })
    const mailer = await afterSends(sent, lost, lost, lost)
    vi.advanceTimersByTime(299_000)
    expect(mailer.health()).toMatchObject({ state: 'down', knownAt: expect.any(Date) })
    vi.advanceTimersByTime(2_000)
    expect(mailer.health()).toMatchObject({ state: 'up', knownAt: undefined })
    // It is still told, with its time.
    expect(mailer.health().lastFailure?.code).toBe('connect/connection-refused')
  })

  it('has the last failure of the transport with code, hint and time, and the counts', async () => {
    const before = new Date()
    const mailer = await afterSends(sent, lost, answered)
    const { lastFailure, counts, knownAt } = mailer.health()
    expect(lastFailure).toEqual({
      code: 'connect/connection-refused',
      hint: expect.stringContaining('host'),
      at: expect.any(Date),
    })
    expect(lastFailure!.at.getTime()).toBeGreaterThanOrEqual(before.getTime())
    expect(knownAt!.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1)
    expect(counts).toEqual({ sent: 1, failed: 2, silenced: 2, attemptsFailed: 0 })
  })

  it.each<[string, Act | undefined, string, number]>([
    ['its transport failed and keeps the message', lost, 'down', 1],
    ['a recipient was refused for now', answered, 'up', 1],
    ['nothing failed', undefined, 'up', 0],
  ])('of messages that stay in a queue, because %s', async (_what, act, state, told) => {
    const transport: Transport = {
      name: 'worker()',
      async send(message, context) {
        const failure = act?.(message)?.with({ transport: 'worker()' })
        if (failure) context!.failed!(failure)
        return { transport: 'worker()', state: 'queued', failures: failure ? [failure] : [] }
      },
    }
    const events: string[] = []
    const mailer = new Mailer({ transport, observe: ({ type }) => void events.push(type) })
    for (let n = 0; n < 3; n++) await mailer.send(hello)
    expect(mailer.health().state).toBe(state)
    expect(mailer.health().counts).toMatchObject({ sent: 3, failed: 0, attemptsFailed: 3 * told })
    expect(events.filter((type) => type === 'attempt-failed')).toHaveLength(3 * told)
  })

  it('of messages that go into a queue when another way fails, is that of the queue', async () => {
    const queue: Transport = {
      name: 'outbox()',
      send: async () => ({ transport: 'outbox()', state: 'queued', failures: [] }),
    }
    const mailer = new Mailer({ transport: failover([scripted(lost, lost, lost), queue], { skipMs: 0 }) })
    for (let n = 0; n < 3; n++) await mailer.send(hello)
    expect(mailer.health()).toMatchObject({ state: 'degraded', counts: { sent: 3, failed: 0 } })
  })

  it('contains no addresses and no words of the server', async () => {
    const mailer = await afterSends(
      sent,
      answered,
      refuses(greylisted('bob@example.com')),
      (message) =>
        new MailError({
          stage: 'auth',
          kind: 'bad-credentials',
          reply: { protocol: 'smtp', code: 535, text: '5.7.8 secret words for ann@example.com' },
          recipients: message.envelope.to.map((address) => ({ address, status: 'not-attempted' })),
        }),
    )
    expect(mailer.health().lastFailure?.code).toBe('auth/bad-credentials')
    expect(JSON.stringify(mailer.health())).not.toMatch(/secret words|@example\.com/)
  })

  it('is no better than what the transport knows, and adds up what waits in its parts', () => {
    const part = (waiting: number, state: 'up' | 'down', at?: Date): Transport => ({
      ...memory(),
      health: () => ({
        transport: 'memory()',
        state,
        waiting,
        connections: { opening: 1, busy: 2, idle: waiting },
        ...(at && { lastFailure: { code: 'connect/timeout', hint: 'Wait.', at } }),
      }),
    })
    const at = new Date(5_000)
    const both = failover(part(3, 'up', new Date(1_000)), part(4, 'down', at))
    const health = new Mailer({ transport: both }).health()
    expect(health).toMatchObject({
      state: 'degraded',
      waiting: 7,
      connections: { opening: 2, busy: 4, idle: 7 },
      lastFailure: { code: 'connect/timeout', at },
    })
    expect(health.parts![0]!.parts).toHaveLength(2)
    expect(new Mailer({ transport: part(0, 'down') }).health().state).toBe('down')
  })

  it('adds up the messages of all outboxes, and keeps the oldest', () => {
    const outbox = (n: number): Transport => ({
      ...memory(),
      health: () => ({
        transport: 'memory()',
        state: 'up',
        queue: {
          waiting: n,
          scheduled: 2 * n,
          inFlight: 3 * n,
          inDoubt: 4 * n,
          dead: 5 * n,
          oldestWaitingMs: n,
        },
      }),
    })
    const { queue } = new Mailer({ transport: failover(outbox(1), memory(), outbox(10)) }).health()
    const queues = { waiting: 11, scheduled: 22, inFlight: 33, inDoubt: 44, dead: 55, oldestWaitingMs: 10 }
    expect(queue).toEqual(queues)
    expect(new Mailer({ transport: failover(memory(), memory()) }).health().queue).toBeUndefined()
  })

  it('is given even if the transport cannot tell its own', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const transport: Transport = {
      ...memory(),
      health() {
        throw new Error('no idea')
      },
    }
    expect(new Mailer({ transport }).health().state).toBe('up')
    expect(warn).toHaveBeenCalledOnce()
  })

  it('counts what is in progress', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const transport: Transport = {
      ...memory(),
      send: () => promise.then(() => ({ transport: 'memory()', state: 'captured', failures: [] })),
    }
    const mailer = new Mailer({ transport })
    const sending = [mailer.send(hello), mailer.send(hello)]
    mailer.sendInBackground(hello)
    expect(mailer.health().sending).toBe(3)
    resolve(undefined)
    await Promise.all(sending)
    await mailer.close()
    expect(mailer.health().sending).toBe(0)
  })

  it('learns from checks', async () => {
    let works = false
    const refused = new MailError({ stage: 'greeting', kind: 'service-unavailable' })
    const transport: Transport = {
      ...memory(),
      verify: async () => {
        if (!works) throw refused
      },
    }
    const mailer = new Mailer({ transport })
    await expect(mailer.verify()).rejects.toBe(refused)
    expect(mailer.health()).toMatchObject({
      state: 'down',
      lastFailure: { code: 'greeting/service-unavailable' },
    })
    works = true
    await mailer.verify()
    expect(mailer.health().state).toBe('degraded')
  })

  it('is down if a check does not end in time', async () => {
    const transport: Transport = { ...memory(), verify: () => new Promise(() => {}) }
    const mailer = new Mailer({ transport, deadlineMs: 1 })
    await expect(mailer.verify()).rejects.toThrow('the check did not finish in time')
    expect(mailer.health()).toMatchObject({ state: 'down', lastFailure: { code: 'queue/timeout' } })
  })

  it('does not mind a check that its caller aborts', async () => {
    const transport: Transport = { ...memory(), verify: () => new Promise(() => {}) }
    const mailer = new Mailer({ transport })
    await expect(mailer.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'aborted' })
    expect(mailer.health()).toMatchObject({ state: 'up', knownAt: undefined })
  })
})
