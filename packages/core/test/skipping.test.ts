import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  breaker,
  failover,
  MailError,
  memory,
  roundRobin,
  type Kind,
  type MailEvent,
  Mailer,
  type Stage,
  type Transport,
} from '../src/index.ts'
import { failAll } from '../src/transport.ts'
import { held, toBob } from './held.ts'
import { failureOf, lost, scripted, type Act } from './scripted.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

const later = (ms: number): void => void vi.advanceTimersByTime(ms)

/** The whole message fails. */
const fails =
  (stage: Stage, kind: Kind, more: Partial<ConstructorParameters<typeof MailError>[0]> = {}): Act =>
  (message) =>
    failAll(message, 'not-attempted', { stage, kind, ...more })

const reply = { protocol: 'smtp', code: 550, text: 'No' } as const
const delivered: Act = () => undefined

/** Sends one message after the other, and says who delivered each. */
async function routes(transport: Transport, count: number): Promise<string[]> {
  const names: string[] = []
  for (let n = 0; n < count; n++) names.push((await transport.send(toBob())).transport)
  return names
}

describe('a transport that is down', () => {
  it('is skipped by the messages that follow, which know nothing of it', async () => {
    const primary = scripted(lost)
    const types: MailEvent['type'][] = []
    const transport = failover([primary, memory()], { skipMs: 1_000 })
    const mailer = new Mailer({
      transport,
      observe: (event) => {
        types.push(event.type)
        // Who reads it takes it: otherwise it is printed.
        void event.error
      },
    })
    const receipts = []
    for (let n = 0; n < 4; n++)
      receipts.push(await mailer.send({ from: 'ann@example.com', to: 'bob@example.com', text: 'Hi' }))
    expect(primary.tries).toHaveLength(1)
    expect(receipts.map(({ failures }) => failures.length)).toEqual([1, 0, 0, 0])
    expect(types).toEqual(['attempt-failed', 'sent', 'sent', 'sent', 'sent'])
  })

  it('is skipped for half a minute, and then used again if it works', async () => {
    const primary = scripted(lost)
    const transport = failover(primary, memory())
    expect(await routes(transport, 1)).toEqual(['memory()'])
    later(29_999)
    expect(await routes(transport, 1)).toEqual(['memory()'])
    later(1)
    expect(await routes(transport, 2)).toEqual(['scripted()', 'scripted()'])
  })

  it('is tried by one message, while the others go on to the next transport', async () => {
    const primary = held()
    const next = memory()
    const transport = failover([primary, next], { skipMs: 1_000 })
    const first = transport.send(toBob())
    primary.sends[0]!.end(lost)
    await first
    later(1_000)
    const probe = transport.send(toBob())
    expect(await routes(transport, 3)).toEqual(['memory()', 'memory()', 'memory()'])
    later(60_000)
    expect(await routes(transport, 1)).toEqual(['memory()'])
    expect(primary.sends).toHaveLength(2)
    primary.sends[1]!.end()
    expect(await probe).toMatchObject({ transport: 'held()', failures: [] })
    void transport.send(toBob())
    expect(primary.sends).toHaveLength(3)
  })

  it('does no harm to the message that tries it, and is skipped again', async () => {
    const primary = scripted(lost, lost)
    const transport = failover([primary, memory()], { skipMs: 1_000 })
    const told: MailError[] = []
    await routes(transport, 1)
    later(1_000)
    const delivery = await transport.send(toBob(), { failed: (error) => void told.push(error) })
    expect(delivery).toMatchObject({ transport: 'memory()', failures: [{ kind: 'connection-refused' }] })
    expect(told).toEqual(delivery.failures)
    later(999)
    expect(await routes(transport, 1)).toEqual(['memory()'])
    later(1)
    expect(await routes(transport, 1)).toEqual(['scripted()'])
  })

  it('is back as soon as a message that was under way there arrives', async () => {
    const primary = held()
    const transport = failover([primary, memory()], { skipMs: 1_000 })
    const sends = [transport.send(toBob()), transport.send(toBob())]
    primary.sends[0]!.end(lost)
    await sends[0]
    expect(await routes(transport, 1)).toEqual(['memory()'])
    primary.sends[1]!.end()
    await sends[1]
    void transport.send(toBob())
    expect(primary.sends).toHaveLength(3)
  })

  it('is not skipped for longer because of messages that were under way there', async () => {
    const primary = held()
    const transport = failover([primary, memory()], { skipMs: 1_000 })
    const sends = [transport.send(toBob()), transport.send(toBob())]
    primary.sends[0]!.end(lost)
    await sends[0]
    later(900)
    primary.sends[1]!.end(lost)
    await sends[1]
    later(100)
    void transport.send(toBob())
    expect(primary.sends).toHaveLength(3)
  })

  it('is not down again because of a message from before it came back', async () => {
    const primary = held()
    const transport = failover([primary, memory()], { skipMs: 1_000 })
    const sends = [transport.send(toBob()), transport.send(toBob())]
    primary.sends[0]!.end(lost)
    await sends[0]
    later(1_000)
    const probe = transport.send(toBob())
    primary.sends[2]!.end()
    await probe
    primary.sends[1]!.end(lost)
    expect(await sends[1]).toMatchObject({ transport: 'memory()' })
    for (let n = 0; n < 2; n++) void transport.send(toBob())
    expect(primary.sends).toHaveLength(5)
  })

  it.each<[string, (primary: ReturnType<typeof held>, abort: () => void) => void]>([
    ['is aborted', (_primary, abort) => abort()],
    ['fails for another reason', ({ sends }) => sends[1]!.end(fails('queue', 'queue-full'))],
    ['never settles', () => later(600_000)],
  ])('is tried by another message if the one that tries it %s', async (_title, happens) => {
    const primary = held()
    const transport = failover([primary, memory()], { skipMs: 1_000 })
    const first = transport.send(toBob())
    primary.sends[0]!.end(lost)
    await first
    later(1_000)
    const controller = new AbortController()
    const probe = transport.send(toBob(), { signal: controller.signal }).catch(() => {})
    happens(primary, () => controller.abort())
    await Promise.race([probe, new Promise((resolve) => setImmediate(resolve))])
    void transport.send(toBob())
    expect(primary.sends).toHaveLength(3)
    primary.sends[1]!.end(fails('queue', 'queue-full'))
    await probe
    void transport.send(toBob())
    expect(primary.sends).toHaveLength(3)
  })

  it.each<[string, number | undefined, number]>([
    ['for as long as it asks', 5_000, 5_000],
    ['for no shorter time than usual', 10, 1_000],
    ['for an hour, if it asks for a day', 86_400_000, 3_600_000],
  ])('is skipped %s', async (_title, retryAfterMs, ms) => {
    const primary = scripted(fails('mail-from', 'rate-limited', { retryAfterMs }))
    const transport = failover([primary, memory()], { skipMs: 1_000 })
    await routes(transport, 1)
    later(ms - 1)
    expect(await routes(transport, 1)).toEqual(['memory()'])
    later(1)
    expect(await routes(transport, 1)).toEqual(['scripted()'])
  })

  it('may be tried by each message that comes, one at a time, if it is to be skipped for no time', async () => {
    const primary = held()
    const transport = failover([primary, memory()], { skipMs: 0 })
    const first = transport.send(toBob())
    primary.sends[0]!.end(lost)
    await first
    void transport.send(toBob())
    expect(await routes(transport, 1)).toEqual(['memory()'])
    expect(primary.sends).toHaveLength(2)
  })
})

describe('a failure', () => {
  it.each<[string, Act, boolean]>([
    ['to connect means that the transport is down', lost, true],
    ['to log in means that the transport is down', fails('auth', 'bad-credentials', { reply }), true],
    ['to answer in time means that the transport is down', fails('mail-from', 'timeout'), true],
    [
      'that may have been delivered means that the transport is down',
      (message) => failAll(message, 'unknown', { stage: 'body', kind: 'timeout' }),
      true,
    ],
    ['of an unknown mailbox says nothing', fails('rcpt-to', 'mailbox-unknown', { reply }), false],
    ['of spam says nothing', fails('body', 'spam', { reply }), false],
    ['to relay says nothing about the next message', fails('rcpt-to', 'relay-denied', { reply }), false],
    ['of a full queue says nothing', fails('queue', 'queue-full'), false],
    ['to wait for a connection in time says nothing', fails('queue', 'timeout'), false],
    ['because it was aborted says nothing', fails('connect', 'aborted'), false],
    ['because of a bug says nothing', fails('submit', 'unexpected'), false],
  ])('%s', async (_title, act, isDown) => {
    const primary = scripted(act)
    const transport = failover(primary, memory())
    await transport.send(toBob()).catch(() => {})
    await transport.send(toBob())
    expect(primary.tries).toHaveLength(isDown ? 1 : 2)
    expect(transport.health!().state).toBe(isDown ? 'degraded' : 'up')
  })

  it.each<[string, Act]>([
    ['with an answer of the server', fails('rcpt-to', 'mailbox-unknown', { reply })],
    [
      'of one recipient, while another was accepted,',
      () =>
        new MailError({
          stage: 'body',
          kind: 'connection-lost',
          recipients: [
            { address: 'bob@example.com', status: 'accepted' },
            { address: 'carol@example.com', status: 'not-attempted' },
          ],
        }),
    ],
  ])('%s shows that a transport is back', async (_title, act) => {
    const transport = failover([scripted(lost, act), memory()], { skipMs: 1_000 })
    await routes(transport, 1)
    later(1_000)
    await transport.send(toBob()).catch(() => {})
    expect(transport.health!().state).toBe('up')
  })
})

describe('if all transports are down', () => {
  it('all are tried, and the failure lists what each said', async () => {
    const [first, second] = [scripted(lost, lost), scripted(fails('greeting', 'timeout'), lost)]
    const transport = failover(first, second)
    await failureOf(transport.send(toBob()))
    const error = await failureOf(transport.send(toBob()))
    expect(error.failures.map(({ code }) => code)).toEqual([
      'connect/connection-refused',
      'connect/connection-refused',
    ])
    expect([first.tries.length, second.tries.length]).toEqual([2, 2])
  })

  it('the one whose turn comes first is tried first, and each once', async () => {
    const order: string[] = []
    const down = (name: string, retryAfterMs: number): Transport => ({
      name,
      async send(message) {
        order.push(name)
        throw failAll(message, 'not-attempted', { stage: 'mail-from', kind: 'rate-limited', retryAfterMs })
      },
    })
    const transport = failover([down('a', 30_000), down('b', 10_000), down('c', 20_000)], { skipMs: 1 })
    await failureOf(transport.send(toBob()))
    const error = await failureOf(transport.send(toBob()))
    expect(order).toEqual(['a', 'b', 'c', 'b', 'c', 'a'])
    expect(error.retryAfterMs).toBe(10_000)
  })

  it('the next attempt need not wait if one of them does not ask for it', async () => {
    const asking = scripted(fails('mail-from', 'rate-limited', { retryAfterMs: 60_000 }))
    const error = await failureOf(failover(asking, scripted(lost)).send(toBob()))
    expect(error.retryAfterMs).toBeUndefined()
  })

  it('what the others cannot take goes to one that is skipped', async () => {
    const first = scripted(lost)
    const second = scripted(delivered, fails('rcpt-to', 'relay-denied', { reply }))
    const transport = failover(first, second)
    await transport.send(toBob())
    expect(await transport.send(toBob())).toMatchObject({ failures: [{ kind: 'relay-denied' }] })
    expect(first.tries).toHaveLength(2)
  })
})

describe('a breaker inside', () => {
  const openMs = 5_000

  it('that is open is passed over at once, without a failed attempt', async () => {
    const primary = scripted(fails('queue', 'breaker-open', { retryAfterMs: openMs }))
    const transport = failover([primary, memory()], { skipMs: 1 })
    const told: MailError[] = []
    const delivery = await transport.send(toBob(), { failed: (error) => void told.push(error) })
    expect(delivery).toMatchObject({ transport: 'memory()', failures: [] })
    expect(told).toEqual([])
    later(openMs - 1)
    expect(await routes(transport, 1)).toEqual(['memory()'])
    later(1)
    expect(await routes(transport, 1)).toEqual(['scripted()'])
  })

  it('lets one message through when it is half-open, and closes', async () => {
    const primary = scripted(lost, lost)
    const options = { minimum: 1, openMs }
    const transport = failover([breaker(primary, options), memory()], { skipMs: 1 })
    expect(await routes(transport, 1)).toEqual(['memory()'])
    later(1)
    expect(await routes(transport, 1)).toEqual(['memory()'])
    expect(primary.tries).toHaveLength(1)
    later(openMs)
    expect(await routes(transport, 1)).toEqual(['memory()'])
    expect(primary.tries).toHaveLength(2)
    later(openMs)
    expect(await routes(transport, 2)).toEqual(['scripted()', 'scripted()'])
  })

  it('is named in the failure if nothing else delivers', async () => {
    const open = (retryAfterMs: number): Transport =>
      scripted(fails('queue', 'breaker-open', { retryAfterMs }))
    const error = await failureOf(failover(open(3_000), open(2_000)).send(toBob()))
    expect(error).toMatchObject({ code: 'queue/breaker-open', retryable: true, retryAfterMs: 2_000 })
    expect(error.failures).toHaveLength(2)
  })
})

describe('health', () => {
  it('is up, degraded while one way is down, down if all are, and up again', async () => {
    const transport = failover([scripted(lost, delivered, lost), scripted(delivered, lost)], {
      skipMs: 1_000,
    })
    const states = (): unknown => {
      const { state, parts } = transport.health!()
      return [state, parts!.map((part) => part.state)]
    }
    expect(states()).toEqual(['up', ['up', 'up']])
    await transport.send(toBob())
    expect(states()).toEqual(['degraded', ['down', 'up']])
    later(1_000)
    expect(states()).toEqual(['degraded', ['down', 'up']])
    await transport.send(toBob())
    expect(states()).toEqual(['up', ['up', 'up']])
    await failureOf(transport.send(toBob()))
    expect(states()).toEqual(['down', ['down', 'down']])
  })

  it('says until when a transport is skipped, and why', async () => {
    vi.setSystemTime(1_000_000)
    const transport = failover([scripted(lost), memory()], { skipMs: 1_000 })
    await transport.send(toBob())
    const lastFailure = {
      code: 'connect/connection-refused',
      hint: expect.any(String),
      at: new Date(1_000_000),
    }
    expect(transport.health!()).toEqual({
      transport: 'failover(scripted(), memory())',
      state: 'degraded',
      lastFailure,
      parts: [
        { transport: 'scripted()', state: 'down', lastFailure, skippedUntil: new Date(1_001_000) },
        { transport: 'memory()', state: 'up' },
      ],
    })
    later(1_000)
    await transport.send(toBob())
    expect(transport.health!().parts![0]).toEqual({ transport: 'scripted()', state: 'up', lastFailure })
  })

  it('is degraded while a transport inside says that it is down itself', () => {
    const broken: Transport = { ...memory(), health: () => ({ transport: 'x()', state: 'down' }) }
    expect(failover(broken, memory()).health!()).toMatchObject({ state: 'degraded' })
    expect(failover(broken, broken).health!()).toMatchObject({ state: 'down' })
  })
})

describe('the arguments', () => {
  it.each<[string, (list: Transport[]) => Transport[]]>([
    ['failover', (list) => [failover(...list), failover(list), failover(list, { skipMs: 1 })]],
    ['roundRobin', (list) => [roundRobin(...list), roundRobin(list), roundRobin(list, { skipMs: 1 })]],
  ])('of %s may be transports, or a list and options', (name, make) => {
    for (const transport of make([memory(), memory()]))
      expect(transport.name).toBe(`${name}(memory(), memory())`)
  })

  it.each<[string, () => unknown, string]>([
    [
      'options behind transports',
      () => failover(memory(), memory(), { skipMs: 1 } as never),
      'With options, it needs a list of them: failover([a, b], { skipMs: 30_000 })',
    ],
    [
      'transports behind a list',
      () => failover([memory()] as never, {} as never, memory()),
      'takes a list and its options',
    ],
    ['an empty list', () => roundRobin([]), 'roundRobin() needs at least one transport'],
    ['a list with a gap', () => failover([memory(), undefined as never]), 'failover() needs a transport'],
    ['a misspelled option', () => failover([memory()], { skipMS: 1 } as never), 'Did you mean skipMs?'],
    ['a negative time', () => failover([memory()], { skipMs: -1 }), 'failover() skipMs must'],
    ['a time in words', () => roundRobin([memory()], { skipMs: '1s' as never }), 'roundRobin() skipMs must'],
    ['a weight for nobody', () => roundRobin([memory()], { weights: [1, 2] }), 'roundRobin() weights must'],
    ['no weight at all', () => roundRobin([memory()], { weights: [0] }), 'roundRobin() weights must'],
    [
      'weights that are no list',
      () => roundRobin([memory()], { weights: 3 as never }),
      'roundRobin() weights must',
    ],
    ['a misspelled option of a breaker', () => breaker(memory(), { min: 1 } as never), 'no option "min"'],
    ['a breaker around nothing', () => breaker(undefined as never), 'breaker() needs a transport'],
    ['a rate in percent', () => breaker(memory(), { failureRate: 50 }), 'breaker() failureRate must'],
  ])('%s is refused', (_title, make, why) =>
    expect(make).toThrow(
      expect.objectContaining({ code: 'config/invalid-config', message: expect.stringContaining(why) }),
    ),
  )

  it('a list that changes later has no effect', async () => {
    const list = [memory()]
    const transport = failover(list)
    list.push(memory())
    expect(transport.health!().parts).toHaveLength(1)
  })
})
