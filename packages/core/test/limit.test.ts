import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  limit,
  Mailer,
  memory,
  type Delivery,
  type LimitOptions,
  type MailError,
  type Message,
  type Transport,
  type TransportContext,
} from '../src/index.ts'
import { toMessage } from '../src/transport.ts'
import { failureOf, lost, scripted } from './scripted.ts'

const to = (...recipients: string[]): Message =>
  toMessage({ from: 'ann@sender.example', to: recipients, text: 'Hi' })

const BUSY = 'bob@busy.example'
const QUIET = 'carol@quiet.example'

/** A transport whose sends end when the test says so. It keeps their recipients and when each began. */
function held(): Transport & { begun: string[]; end(recipients: string): void; endAll(): void } {
  const open = new Map<string, () => void>()
  const begun: string[] = []
  const end = (recipients: string): void => {
    open.get(recipients)!()
    open.delete(recipients)
  }
  return {
    name: 'held()',
    begun,
    end,
    endAll: () => [...open.keys()].forEach(end),
    send: ({ envelope }) => {
      const recipients = envelope.to.join(' ')
      begun.push(recipients)
      return new Promise<Delivery>((resolve) => {
        open.set(recipients, () => resolve({ transport: 'held()', state: 'sent', failures: [] }))
      })
    },
  }
}

/** A transport that sends at once, and keeps when each send began. */
function instant(): Transport & { begun: string[]; at: number[] } {
  const begun: string[] = []
  const at: number[] = []
  const send = async ({ envelope }: Message): Promise<Delivery> => {
    begun.push(envelope.to.join(' '))
    at.push(performance.now())
    return { transport: 'instant()', state: 'sent', failures: [] }
  }
  return { name: 'instant()', begun, at, send }
}

/** Sends through, and keeps quiet about what fails. */
function sendAll(
  transport: Transport,
  messages: readonly Message[],
  context?: TransportContext,
): Promise<unknown>[] {
  return messages.map((message) => {
    const sending = transport.send(message, context)
    sending.catch(() => {})
    return sending
  })
}

const times = (count: number, recipient = BUSY): Message[] =>
  Array.from({ length: count }, () => to(recipient))

/** The most that began within any half-open interval of this length. */
function mostWithin(intervalMs: number, at: readonly number[]): number {
  let most = 0
  for (let first = 0, last = 0; last < at.length; last++) {
    while (at[last]! - at[first]! >= intervalMs) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the options of limit()', () => {
  it.each<[string, LimitOptions, string]>([
    ['nothing is limited', {}, 'needs messages, concurrent, or both'],
    ['nobody may send', { messages: 0 }, 'messages must be a whole number, 1 or more'],
    ['half a message may be sent', { concurrent: 1.5 }, 'concurrent must be a whole number, 1 or more'],
    ['there is no interval', { messages: 1, intervalMs: 0 }, 'intervalMs must be a number, 1 or more'],
    ['the interval never ends', { messages: 1, intervalMs: Infinity }, 'intervalMs must be a finite number'],
    ['an interval has no messages', { concurrent: 1, intervalMs: 5 }, 'intervalMs needs messages'],
    ['the queue has no end', { messages: 1, queue: Infinity }, 'queue must be a whole number, 0 or more'],
    ['the key is unknown', { messages: 1, by: 'sender' as never }, "by must be 'domain' or a function"],
    ['an option does not exist', { messages: 1, interval: 5 } as never, 'interval'],
    ['there are none', undefined as never, 'needs an object with options'],
  ])('are refused if %s', (_title, options, words) => {
    expect(() => limit(memory(), options)).toThrow(
      expect.objectContaining({ code: 'config/invalid-config', message: expect.stringContaining(words) }),
    )
  })
})

describe('messages per interval', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('begin at once as long as the interval has room, and then when it has room again', async () => {
    const inner = instant()
    const sending = Promise.all(sendAll(limit(inner, { messages: 3, intervalMs: 6_000 }), times(7)))
    expect(inner.at).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(5_999)
    expect(inner.at).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(1_001)
    expect(inner.at).toHaveLength(6)
    await vi.advanceTimersByTimeAsync(6_000)
    await sending
    expect(mostWithin(6_000, inner.at)).toBe(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are never more within any interval, also across the end of one', async () => {
    const inner = instant()
    const limited = limit(inner, { messages: 10 })
    void sendAll(limited, times(5))
    await vi.advanceTimersByTimeAsync(900)
    void sendAll(limited, times(10))
    await vi.advanceTimersByTimeAsync(50)
    expect(inner.at).toHaveLength(10)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(inner.at).toHaveLength(15)
    expect(mostWithin(1_000, inner.at)).toBe(10)
  })

  it('begin evenly after they have waited, not all at once', async () => {
    const inner = instant()
    void sendAll(limit(inner, { messages: 100 }), times(300))
    await vi.advanceTimersByTimeAsync(2_999)
    expect(inner.at).toHaveLength(300)
    const waited = inner.at.slice(100)
    // Ten, and ten more to catch up.
    expect(mostWithin(100, waited)).toBeLessThanOrEqual(22)
  })

  it('catch up after the program was busy, and are still not too many', async () => {
    const inner = instant()
    const limited = limit(inner, { messages: 10 })
    void sendAll(limited, times(200))
    await vi.advanceTimersByTimeAsync(1_500)
    const before = inner.at.length
    // The clock goes on, and no timer fires meanwhile.
    const late = performance.now() + 300
    const now = vi.spyOn(performance, 'now').mockImplementation(() => late)
    await vi.advanceTimersToNextTimerAsync()
    now.mockRestore()
    expect(inner.at.length - before).toBeGreaterThanOrEqual(3)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(mostWithin(1_000, inner.at)).toBe(10)
  })

  it('are counted for each domain, whatever its case, and beyond ASCII', async () => {
    const inner = instant()
    void sendAll(limit(inner, { messages: 1, by: 'domain' }), [
      to('a@Busy.Example'),
      to('b@bUSY.example'),
      to('c@münchen.example'),
      to('d@xn--mnchen-3ya.example'),
    ])
    expect(inner.begun).toEqual(['a@Busy.Example', 'c@xn--mnchen-3ya.example'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(inner.begun).toHaveLength(4)
  })

  it('count once for a domain, however many recipients are there', async () => {
    const inner = instant()
    void sendAll(limit(inner, { messages: 2, by: 'domain' }), [
      to(BUSY, 'eve@busy.example'),
      to(BUSY),
      to(BUSY),
    ])
    expect(inner.begun).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(inner.begun).toHaveLength(3)
  })

  it('are counted as long as the interval lasts, also when other keys are forgotten', async () => {
    const inner = instant()
    const limited = limit(inner, { messages: 2, intervalMs: 6_000, by: 'domain' })
    void sendAll(limited, times(1))
    await vi.advanceTimersByTimeAsync(5_000)
    void sendAll(limited, times(1))
    await vi.advanceTimersByTimeAsync(1_500)
    void sendAll(limited, times(2))
    expect(inner.begun).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(6_000)
    expect(mostWithin(6_000, inner.at)).toBe(2)
  })

  it('of a busy domain do not hold up a quiet one', async () => {
    const inner = instant()
    const limited = limit(inner, { messages: 10, by: 'domain' })
    void sendAll(limited, times(1_000))
    await vi.advanceTimersByTimeAsync(3_500)
    void sendAll(limited, times(2, QUIET))
    expect(inner.begun.slice(-2)).toEqual([QUIET, QUIET])
  })

  it('need room in each of their domains, and begin when the busiest of them has room', async () => {
    const inner = instant()
    const limited = limit(inner, { messages: 2, by: 'domain' })
    void sendAll(limited, [...times(4), to(QUIET, BUSY), ...times(2)])
    // The quiet domain is not held up by a message that waits for the busy one.
    void sendAll(limited, times(2, QUIET))
    expect(inner.begun.filter((each) => each === QUIET)).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1_999)
    expect(inner.begun).not.toContain(`${QUIET} ${BUSY}`)
    await vi.advanceTimersByTimeAsync(10)
    expect(inner.begun).toContain(`${QUIET} ${BUSY}`)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(inner.begun).toHaveLength(9)
    const of = (domain: string): number[] => inner.at.filter((_, n) => inner.begun[n]!.includes(domain))
    expect(mostWithin(1_000, of('busy'))).toBe(2)
    expect(mostWithin(1_000, of('quiet'))).toBe(2)
  })

  it('with several domains get their turn although others keep all of them busy', async () => {
    const inner = instant()
    const limited = limit(inner, { messages: 1, by: 'domain' })
    const flood = (): void => void sendAll(limited, [to(BUSY), to(QUIET), to('x@third.example')])
    for (let n = 0; n < 5; n++) flood()
    void sendAll(limited, [to(BUSY, QUIET, 'x@third.example'), to(QUIET, BUSY)])
    for (let n = 0; n < 20; n++) {
      await vi.advanceTimersByTimeAsync(500)
      flood()
    }
    expect(inner.begun).toContain(`${BUSY} ${QUIET} x@third.example`)
    expect(inner.begun).toContain(`${QUIET} ${BUSY}`)
  })

  it('of any domains all get through, whichever wait for each other', async () => {
    const inner = instant()
    const limited = limit(inner, { messages: 3, concurrent: 2, by: 'domain', intervalMs: 100 })
    // A small generator of numbers that only look random.
    let seed = 7
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
    const messages = Array.from({ length: 2_000 }, () => {
      const domains = new Set(Array.from({ length: 1 + next(4) }, () => `u@d${next(9)}.example`))
      return to(...domains)
    })
    const sending = Promise.all(sendAll(limited, messages))
    await vi.advanceTimersByTimeAsync(100_000)
    await sending
    for (let domain = 0; domain < 9; domain++) {
      const at = inner.at.filter((_, n) => inner.begun[n]!.includes(`@d${domain}.`))
      expect(mostWithin(100, at)).toBeLessThanOrEqual(3)
    }
    expect(limited.health!()).toMatchObject({ waiting: 0, sending: 0 })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('can have an interval that is longer than a timer', async () => {
    const inner = instant()
    const days = 40 * 86_400_000
    void sendAll(limit(inner, { messages: 1, intervalMs: days }), times(2))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(inner.at).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(days)
    expect(inner.at).toHaveLength(2)
  })

  it('can be limited in all inside a limit for each domain, and a quiet domain hardly waits', async () => {
    const inner = instant()
    const all = limit(inner, { messages: 100 })
    const limited = limit(all, { messages: 10, concurrent: 5, by: 'domain' })
    const busy = Array.from({ length: 2_000 }, (_, n) => to(`u@d${n % 20}.example`))
    const sending = Promise.all(sendAll(limited, busy))
    await vi.advanceTimersByTimeAsync(3_000)
    const quiet = sendAll(limited, times(1, QUIET))[0]
    await vi.advanceTimersByTimeAsync(1_100)
    await quiet
    await vi.advanceTimersByTimeAsync(20_000)
    await sending
    expect(mostWithin(1_000, inner.at)).toBe(100)
    // Twenty domains could send 200 a second, so the limit for all decides: 2,001 messages in twenty seconds.
    expect(inner.at.at(-1)! - inner.at[0]!).toBeLessThan(20_400)
  })

  it('can be limited for each domain inside a limit for all', async () => {
    const inner = instant()
    const limited = limit(limit(inner, { messages: 5, by: 'domain' }), { messages: 20 })
    const messages = Array.from({ length: 100 }, (_, n) => to(`u@d${n % 10}.example`))
    const sending = Promise.all(sendAll(limited, messages))
    await vi.advanceTimersByTimeAsync(5_000)
    await sending
    expect(mostWithin(1_000, inner.at)).toBe(20)
  })

  it('are forgotten with their key after the interval', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const limited = limit(instantly, { messages: 2, by: (message) => message.envelope.to[0]! })
    const used = (): number => {
      gc()
      return process.memoryUsage().heapUsed
    }
    const before = used()
    const message = to(BUSY)
    for (let n = 0; n < 100_000; n++) {
      const envelope = { ...message.envelope, to: [`user${n}@rcpt.example`] }
      await limited.send({ ...message, envelope }, {})
      // Half of them are too young when the first ones are forgotten.
      if (n === 50_000) await vi.advanceTimersByTimeAsync(500)
    }
    const between = used()
    await vi.advanceTimersByTimeAsync(2_001)
    // 100,000 keys take more than 10 MB, and nothing is left of them.
    expect(between - before).toBeGreaterThan(10_000_000)
    expect(used() - before).toBeLessThan(2_000_000)
    expect(vi.getTimerCount()).toBe(0)
    await limited.close!()
  })
})

const instantly: Transport = {
  name: 'instantly()',
  send: async () => ({ transport: 'instantly()', state: 'sent', failures: [] }),
}

describe('messages at the same time', () => {
  it('are not more than allowed, and begin in order', async () => {
    const inner = held()
    const sending = sendAll(
      limit(inner, { concurrent: 2 }),
      ['a', 'b', 'c', 'd'].map((user) => to(`${user}@x.example`)),
    )
    expect(inner.begun).toEqual(['a@x.example', 'b@x.example'])
    inner.end('a@x.example')
    await sending[0]
    expect(inner.begun).toEqual(['a@x.example', 'b@x.example', 'c@x.example'])
    inner.endAll()
    await sending[2]
    inner.endAll()
    await Promise.all(sending)
    expect(inner.begun.at(-1)).toBe('d@x.example')
  })

  it('are counted for each key that a function returns', async () => {
    const inner = held()
    const limited = limit(inner, { concurrent: 1, by: ({ envelope }) => envelope.from })
    void sendAll(limited, [to(BUSY), to(QUIET)])
    expect(inner.begun).toEqual([BUSY])
    void sendAll(limited, [toMessage({ from: 'eve@other.example', to: 'dave@x.example', text: 'Hi' })])
    expect(inner.begun).toEqual([BUSY, 'dave@x.example'])
  })

  it('do not hold a place in one domain while they wait for another', async () => {
    const inner = held()
    const limited = limit(inner, { concurrent: 1, by: 'domain' })
    void sendAll(limited, [to(BUSY), to(BUSY), to(BUSY, QUIET), to(QUIET)])
    expect(inner.begun).toEqual([BUSY, QUIET])
    inner.endAll()
    await settle()
    expect(inner.begun).toEqual([BUSY, QUIET, BUSY])
    inner.endAll()
    await settle()
    expect(inner.begun.at(-1)).toBe(`${BUSY} ${QUIET}`)
  })

  it('for a domain whose server does not answer do not hold up another domain', async () => {
    const inner = held()
    const limited = limit(inner, { concurrent: 1, by: 'domain' })
    void sendAll(limited, [to(BUSY), to(QUIET, BUSY), to(QUIET)])
    expect(inner.begun).toEqual([BUSY, QUIET])
  })

  it('are counted as long as they last, also when other keys are forgotten', async () => {
    vi.useFakeTimers()
    try {
      const inner = held()
      const limited = limit(inner, { concurrent: 1, by: 'domain' })
      void sendAll(limited, times(1))
      await vi.advanceTimersByTimeAsync(5_000)
      void sendAll(limited, times(1))
      expect(inner.begun).toHaveLength(1)
      inner.endAll()
      await vi.advanceTimersByTimeAsync(0)
      expect(inner.begun).toHaveLength(2)
      // The same holds for a key whose next message waits for another key.
      void sendAll(limited, [to(QUIET), to(BUSY, QUIET)])
      inner.end(BUSY)
      await vi.advanceTimersByTimeAsync(5_000)
      void sendAll(limited, times(1))
      expect(inner.begun).toHaveLength(3)
    } finally {
      vi.useRealTimers()
    }
  })

  it('for several domains begin in order, although a later one could begin before', async () => {
    const inner = held()
    const limited = limit(inner, { concurrent: 1, by: 'domain' })
    const [a, b, c, d] = ['u@a.example', 'u@b.example', 'u@c.example', 'u@d.example'] as const
    void sendAll(limited, [to(a), to(b), to(c), to(d)])
    void sendAll(limited, [to(a, b, d), to(c, b)])
    const controller = new AbortController()
    void sendAll(limited, [to(c)], { signal: controller.signal })
    const end = async (recipient: string): Promise<void> => {
      inner.end(recipient)
      await settle()
    }
    // The first one comes next for a, b and d, and then the second one for c.
    await end(a)
    await end(c)
    await end(b)
    controller.abort()
    expect(inner.begun).toHaveLength(4)
    await end(d)
    expect(inner.begun.slice(4)).toEqual([`${a} ${b} ${d}`])
    await end(`${a} ${b} ${d}`)
    expect(inner.begun.slice(5)).toEqual([`${c} ${b}`])
  })

  it('let others go on in their domains as soon as they begin themselves', async () => {
    const inner = held()
    const limited = limit(inner, { concurrent: 2, by: 'domain' })
    const each = ['a1@busy.example', 'a2@busy.example', 'b1@quiet.example', 'b2@quiet.example']
    void sendAll(limited, [...each.map((recipient) => to(recipient)), to(BUSY, QUIET)])
    inner.end(each[0]!)
    inner.end(each[1]!)
    await settle()
    void sendAll(limited, times(1))
    expect(inner.begun).toHaveLength(4)
    inner.end(each[2]!)
    await settle()
    expect(inner.begun.slice(4)).toEqual([`${BUSY} ${QUIET}`, BUSY])
  })

  it('make room for the next one when they fail', async () => {
    const inner = scripted(lost)
    const limited = limit(inner, { concurrent: 1 })
    const [first, second] = sendAll(limited, times(2))
    expect(await failureOf(first!)).toMatchObject({
      code: 'connect/connection-refused',
      transport: 'scripted()',
    })
    await second
    expect(inner.tries).toHaveLength(2)
  })
})

describe('a function `by` that fails', () => {
  it.each<[string, () => string, string]>([
    ['throws', () => (undefined as never as { tenant: string }).tenant, 'tenant'],
    ['returns no string', () => undefined as never, 'undefined'],
    ['returns a promise', (async () => 'a') as never, 'object'],
  ])('fails the message if it %s, and says so', async (_title, by, words) => {
    const error = await failureOf(limit(memory(), { messages: 1, by }).send(to(BUSY), {}))
    expect(error).toMatchObject({ code: 'config/invalid-config', delivered: 'none', permanence: 'permanent' })
    expect(error.message).toContain('`by` of limit()')
    expect(error.recipients).toEqual([{ address: BUSY, status: 'not-attempted' }])
    expect((error.cause as Error).message).toContain(words)
  })
})

describe('the queue', () => {
  it('refuses what is too much at once, and says when to come again', async () => {
    const limited = limit(instant(), { messages: 10, queue: 25 })
    const sending = sendAll(limited, times(35))
    const error = await failureOf(limited.send(to(BUSY), {}))
    expect(error).toMatchObject({
      code: 'queue/queue-full',
      permanence: 'transient',
      delivered: 'none',
      retryable: true,
      transport: 'limit(instant())',
      recipients: [{ address: BUSY, status: 'not-attempted' }],
    })
    // 25 of them, ten a second, and the first in a second.
    expect(error.retryAfterMs).toBeGreaterThan(3_000)
    expect(error.retryAfterMs).toBeLessThanOrEqual(3_500)
    expect(limited.health!()).toMatchObject({ state: 'degraded', waiting: 25, sending: 0 })
    await limited.close!()
    await Promise.allSettled(sending)
  })

  it('can be left out: then nothing waits', async () => {
    const inner = held()
    const limited = limit(inner, { concurrent: 1, queue: 0 })
    void sendAll(limited, times(1))
    const error = await failureOf(limited.send(to(BUSY), {}))
    expect(error).toMatchObject({ code: 'queue/queue-full', retryAfterMs: undefined })
    expect(limited.health!()).toMatchObject({ state: 'up', waiting: 0, sending: 1 })
    inner.endAll()
    await settle()
    void sendAll(limited, times(1))
    expect(inner.begun).toHaveLength(2)
  })

  it('lets go at once who is aborted, and nothing stays on the signal', async () => {
    const inner = held()
    const limited = limit(inner, { concurrent: 1 })
    const controller = new AbortController()
    const { signal } = controller
    const [first] = sendAll(limited, times(1), { signal })
    const waiting = sendAll(limited, times(5_000), { signal })
    const other = sendAll(limited, times(1))[0]!
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    controller.abort()
    expect(limited.health!()).toMatchObject({ waiting: 1, sending: 1 })
    for (const each of await Promise.all(waiting.map(failureOf)))
      expect(each).toMatchObject({ code: 'queue/aborted', delivered: 'none' })
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    inner.endAll()
    await first
    inner.endAll()
    await other
    expect(inner.begun).toHaveLength(2)
  })

  it('still hears the signal of those that wait when another one with it began', async () => {
    const inner = held()
    const limited = limit(inner, { concurrent: 1 })
    const controller = new AbortController()
    const sending = sendAll(limited, times(3), { signal: controller.signal })
    inner.endAll()
    await sending[0]
    await settle()
    expect(inner.begun).toHaveLength(2)
    controller.abort()
    expect(await failureOf(sending[2]!)).toMatchObject({ code: 'queue/aborted' })
  })

  it('does not stay on the signal of a message that began', async () => {
    const inner = held()
    const limited = limit(inner, { concurrent: 1 })
    const { signal } = new AbortController()
    void sendAll(limited, times(2), { signal })
    inner.endAll()
    await settle()
    expect(inner.begun).toHaveLength(2)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('lets the others go on when a message is aborted that held them up', async () => {
    const inner = held()
    const limited = limit(inner, { concurrent: 1, by: 'domain' })
    const controller = new AbortController()
    void sendAll(limited, [to(BUSY), to('x@third.example')])
    // It is first in its line, and waits for the third domain alone once the busy one is free.
    const [both] = sendAll(limited, [to(BUSY, 'x@third.example')], { signal: controller.signal })
    void sendAll(limited, [to(BUSY)])
    inner.end(BUSY)
    await settle()
    void sendAll(limited, [to(BUSY)])
    expect(inner.begun).toHaveLength(2)
    controller.abort()
    expect(await failureOf(both!)).toMatchObject({ code: 'queue/aborted' })
    expect(inner.begun).toHaveLength(3)
  })

  it('says that the deadline passed', async () => {
    const mailer = new Mailer({ transport: limit(held(), { concurrent: 1 }), deadlineMs: 30 })
    const input = { from: 'ann@sender.example', to: BUSY, text: 'Hi' }
    mailer.send(input).catch(() => {})
    expect(await failureOf(mailer.send(input))).toMatchObject({
      code: 'queue/timeout',
      delivered: 'none',
      retryable: true,
      hint: expect.stringContaining('limit()'),
    })
  })

  it('refuses a message that was aborted before, and takes no room for it', async () => {
    const inner = instant()
    const limited = limit(inner, { messages: 1 })
    const error = await failureOf(limited.send(to(BUSY), { signal: AbortSignal.abort() }))
    expect(error.code).toBe('queue/aborted')
    await limited.send(to(BUSY), {})
    expect(inner.begun).toHaveLength(1)
  })
})

describe('closing a limit', () => {
  it('refuses at once who waits and who comes, and waits for what is sent', async () => {
    const inner = held()
    let closed = 0
    const limited = limit(
      { ...inner, close: async () => void closed++ },
      { concurrent: 1, by: 'domain', messages: 5 },
    )
    const [first, ...waiting] = sendAll(limited, [to(BUSY), to(BUSY, QUIET), ...times(3)])
    const closing = limited.close!()
    const failures: MailError[] = await Promise.all(waiting.map(failureOf))
    expect(failures.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'queue/pool-closed'))
    expect(await failureOf(limited.send(to(BUSY), {}))).toMatchObject({
      code: 'queue/pool-closed',
      transport: 'limit(held())',
    })
    inner.endAll()
    await first
    await closing
    await limited.close!()
    expect(closed).toBe(1)
    expect(inner.begun).toHaveLength(1)
  })

  it('leaves no timer', async () => {
    vi.useFakeTimers()
    try {
      const limited = limit(instant(), { messages: 1, by: 'domain' })
      void sendAll(limited, times(2))
      expect(vi.getTimerCount()).toBe(2)
      await limited.close!()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('the health of a limit', () => {
  it('has the state and the parts of what is inside', () => {
    const down = { transport: 'inner()', state: 'down', waiting: 3 } as const
    const limited = limit({ ...instant(), health: () => down }, { messages: 1 })
    expect(limited.health!()).toEqual({
      transport: 'limit(instant())',
      state: 'down',
      waiting: 0,
      sending: 0,
      parts: [down],
    })
  })
})
