import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { limit, Mailer, MailError, type MessageInput, type Receipt, type Transport } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtp } from '../src/index.ts'

const input = (to: string): MessageInput => ({
  from: 'ann@sender.example',
  to,
  subject: 'Hello',
  text: 'Hello',
})

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('ten thousand sends to a server that stalls, behind a limit', () => {
  it('fail at once if they are too many, need little memory, and end at once when they are aborted', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const heap = (): number => {
      gc()
      return process.memoryUsage().heapUsed
    }
    await using server = await startServer({ on: { DOT: { stall: true } } })
    const transport = limit(smtp(server.url), { concurrent: 5, queue: 8_000 })
    const mailer = new Mailer({ transport, deadlineMs: Infinity })
    const settled: Settled[] = []
    const giveUp = new AbortController()
    const send = (n: number): void => {
      const signal = n >= 5 && n < 4_005 ? giveUp.signal : undefined
      mailer.send(input(`user${n}@rcpt.example`), { signal }).then(
        (receipt) => settled.push({ n, result: receipt }),
        (error: MailError) => settled.push({ n, result: error }),
      )
    }

    const before = heap()
    for (let n = 0; n < 8_005; n++) send(n)
    const perMessage = (heap() - before) / 8_005
    for (let n = 8_005; n < 10_000; n++) send(n)
    await turnOfTheLoop()

    // The excess, and nothing else: the five that are being sent and the 8,000 behind them wait.
    expect(settled.map(({ n }) => n)).toEqual(Array.from({ length: 1_995 }, (_, n) => 8_005 + n))
    expect(ends(settled)).toEqual(['queue/queue-full transient none'])
    expect(transport.health!()).toMatchObject({ state: 'degraded', waiting: 8_000, sending: 5 })
    // About 3 KB with the message, its deadline and its promises.
    expect(perMessage).toBeLessThan(10_000)

    settled.length = 0
    giveUp.abort()
    await turnOfTheLoop()
    expect(settled.map(({ n }) => n)).toEqual(Array.from({ length: 4_000 }, (_, n) => 5 + n))
    expect(ends(settled)).toEqual(['queue/aborted transient none'])
    expect(transport.health!()).toMatchObject({ state: 'up', waiting: 4_000, sending: 5 })

    settled.length = 0
    const closing = transport.close!()
    await turnOfTheLoop()
    expect(settled.map(({ n }) => n)).toEqual(Array.from({ length: 4_000 }, (_, n) => 4_005 + n))
    expect(ends(settled)).toEqual(['queue/pool-closed transient none'])
    settled.length = 0
    await expect
      .poll(() => server.connections.filter(({ commands }) => commands.includes('DATA')))
      .toHaveLength(5)
    await server.close()
    await closing
    await mailer.close()
    expect(settled).toHaveLength(5)
    expect(server.messages).toHaveLength(0)
  })
})

interface Settled {
  readonly n: number
  readonly result: Receipt | MailError
}

/** How sends ended, each way once. */
function ends(settled: readonly Settled[]): string[] {
  const all = settled.map(({ result }) =>
    MailError.is(result) ? `${result.code} ${result.permanence} ${result.delivered}` : result.state,
  )
  return [...new Set(all)]
}

/** The most of these times, in ms, that lie within any half-open interval. */
function mostWithin(intervalMs: number, at: readonly number[]): number {
  let most = 0
  for (let first = 0, last = 0; last < at.length; last++) {
    while (at[last]! - at[first]! >= intervalMs) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

/** Keeps when each message begins, by its domain. */
function stamped(inner: Transport): Transport & { readonly begun: Map<string, number[]> } {
  const begun = new Map<string, number[]>()
  return {
    ...inner,
    begun,
    send(message, context) {
      const domain = message.envelope.to[0]!.split('@')[1]!
      const at = begun.get(domain)
      if (at) at.push(performance.now())
      else begun.set(domain, [performance.now()])
      return inner.send(message, context)
    },
  }
}

const RESOLUTION_MS = 5

/**
 * On a busy machine a message begins late, and the one that takes its place an interval later begins that much later, too.
 * In ten seconds that happens ten times at a hundred messages a second: one message is lost for each ms of the mean delay,
 * or two, because those that are late are also spread again.
 */
function lostTo({ mean, stddev }: { readonly mean: number; readonly stddev: number }): number {
  const delayMs = (mean ** 2 + stddev ** 2) / (2 * mean) / 1e6 - RESOLUTION_MS / 2
  return Math.max(0, 2 * delayMs)
}

const LOAD_MS = 10_000
describe.concurrent('a hundred messages a second, for ten seconds', () => {
  it.each([
    { what: 'for the whole transport', by: undefined },
    { what: 'for each domain, of which a quiet one is never held up', by: 'domain' },
  ] as const)('$what', { timeout: 30_000 }, async ({ by }) => {
    await using server = await startServer({ maxMessages: 1, maxEntries: 1 })
    const arrived = new Map<string, number[]>()
    server.on('message', ({ envelope }) => {
      const domain = envelope.to[0]!.split('@')[1]!
      const at = arrived.get(domain) ?? []
      arrived.set(domain, at)
      at.push(performance.now())
    })
    const stamps = stamped(smtp(server.url))
    await using mailer = new Mailer({ transport: limit(stamps, { messages: 100, by }) })
    using pauses = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    pauses.enable()
    const giveUp = new AbortController()
    const start = performance.now()
    const busy = Array.from({ length: 1_200 }, () =>
      mailer.send(input('bob@busy.example'), { signal: giveUp.signal }),
    )
    const waits: number[] = []
    while (performance.now() - start < LOAD_MS) {
      if (by) {
        const at = performance.now()
        await mailer.send(input('carol@quiet.example'))
        waits.push(performance.now() - at)
      }
      await delay(50)
    }
    pauses.disable()
    giveUp.abort()
    await Promise.allSettled(busy)

    const inTime = (at: readonly number[]): number => at.filter((each) => each - start < LOAD_MS).length
    const expected = (LOAD_MS / 1_000) * 100
    const least = expected * 0.98 - lostTo(pauses)
    const begun = stamps.begun.get('busy.example')!
    expect(inTime(begun)).toBeGreaterThanOrEqual(least)
    expect(inTime(begun)).toBeLessThanOrEqual(expected * 1.02)
    // Those that begin last arrive a little later.
    expect(inTime(arrived.get('busy.example')!)).toBeGreaterThanOrEqual(least - 5)
    expect(inTime(arrived.get('busy.example')!)).toBeLessThanOrEqual(expected * 1.02)
    // A message begins a little before its stamp, so a window of the stamps may have one or two more than were let through.
    expect(mostWithin(1_000, begun)).toBeLessThanOrEqual(102)
    if (!by) return
    // A message of the busy domain waits for seconds; half of the quiet ones take as long as the server needs.
    expect(waits.length).toBeGreaterThan(50)
    expect(waits.toSorted((a, b) => a - b)[Math.floor(waits.length / 2)]).toBeLessThan(200)
    expect(Math.max(...waits)).toBeLessThan(2_000)
  })
})
