import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { breaker, type BreakerOptions, type MailError, type Transport } from '../src/index.ts'
import { failAll } from '../src/transport.ts'
import { held, toBob } from './held.ts'
import { failureOf, lost, scripted, type Act } from './scripted.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

const later = (ms: number): void => void vi.advanceTimersByTime(ms)
const ok: Act = () => undefined
const spam: Act = (message) =>
  failAll(message, 'not-attempted', {
    stage: 'body',
    kind: 'spam',
    reply: { protocol: 'smtp', code: 550, text: 'spam' },
  })
const aborted: Act = (message) => failAll(message, 'not-attempted', { stage: 'connect', kind: 'aborted' })
const waitedTooLong: Act = (message) => failAll(message, 'not-attempted', { stage: 'queue', kind: 'timeout' })

/** Sends one message after the other. Returns the code of each failure, or `ok`. */
async function codes(transport: Transport, count: number): Promise<string[]> {
  const results: string[] = []
  for (let n = 0; n < count; n++)
    results.push(
      await transport.send(toBob()).then(
        () => 'ok',
        (error: MailError) => error.code,
      ),
    )
  return results
}

const stateOf = (transport: Transport): unknown => transport.health!().breaker

describe('a breaker opens', () => {
  it.each<[string, BreakerOptions, Act[], boolean]>([
    ['when half of ten sends failed', {}, [ok, lost, ok, lost, ok, lost, ok, lost, ok, lost], true],
    ['not before there were ten', {}, Array.from({ length: 9 }, () => lost), false],
    ['not when fewer failed', {}, [lost, lost, lost, lost, ok, ok, ok, ok, ok, ok, ok], false],
    ['at the rate that was asked for', { failureRate: 1, minimum: 2 }, [ok, lost, lost, lost], false],
    ['at a rate of one', { failureRate: 1, minimum: 2 }, [lost, lost], true],
    ['after as few sends as was asked for', { minimum: 1 }, [lost], true],
    ['not for messages that are refused', { minimum: 2 }, [spam, spam, spam], false],
    ['because refused messages count as sent', { minimum: 1 }, [spam, spam, lost], false],
    ['not for messages that were aborted', { minimum: 2 }, [aborted, aborted, aborted], false],
    ['not for waiting too long for a connection', { minimum: 1 }, [waitedTooLong, waitedTooLong], false],
    ['although messages were aborted', { minimum: 2 }, [aborted, lost, aborted, aborted, lost], true],
  ])('%s', async (_title, options, acts, isOpen) => {
    const transport = breaker(scripted(...acts), options)
    await codes(transport, acts.length)
    expect(stateOf(transport)).toBe(isOpen ? 'open' : 'closed')
  })

  it('for what happened in the window alone', async () => {
    const transport = breaker(scripted(...Array.from({ length: 14 }, () => lost)), { windowMs: 1_000 })
    for (let n = 0; n < 14; n++) {
      await codes(transport, 1)
      later(112)
    }
    expect(stateOf(transport)).toBe('closed')
  })

  it('although good sends of long ago were many', async () => {
    const acts = [...Array.from({ length: 100 }, () => ok), ...Array.from({ length: 10 }, () => lost)]
    const transport = breaker(scripted(...acts), { windowMs: 1_000 })
    await codes(transport, 100)
    later(1_000)
    await codes(transport, 10)
    expect(stateOf(transport)).toBe('open')
  })
})

describe('an open breaker', () => {
  const down: Act = (message) =>
    failAll(message, 'not-attempted', {
      stage: 'connect',
      kind: 'timeout',
      reply: { protocol: 'smtp', code: 421, text: 'words of the server' },
    })

  it('sends nothing, and says at once why, and when to try again', async () => {
    const inner = scripted(down)
    const transport = breaker(inner, { minimum: 1, openMs: 5_000 })
    await codes(transport, 1)
    later(1_500)
    const error = await failureOf(transport.send(toBob()))
    expect(inner.tries).toHaveLength(1)
    expect(error).toMatchObject({
      code: 'queue/breaker-open',
      scope: 'transport',
      permanence: 'transient',
      delivered: 'none',
      retryable: true,
      retryAfterMs: 3_500,
      transport: 'breaker(scripted())',
      summary:
        'too many sends failed, the last one with connect/timeout, so nothing is sent for now; the next try is in 4 s',
      recipients: [{ address: 'bob@example.com', status: 'not-attempted' }],
      failures: [],
    })
    expect(error.hint).toContain('firewall')
    expect(JSON.stringify(error)).not.toContain('words of the server')
  })

  it('lets one message through after a while, and closes if that arrives', async () => {
    const inner = held()
    const transport = breaker(inner, { minimum: 1, openMs: 5_000 })
    const first = failureOf(transport.send(toBob()))
    inner.sends[0]!.end(lost)
    await first
    later(4_999)
    expect(await codes(transport, 1)).toEqual(['queue/breaker-open'])
    later(1)
    expect(stateOf(transport)).toBe('half-open')
    const probe = transport.send(toBob())
    const refused = await failureOf(transport.send(toBob()))
    expect(refused).toMatchObject({ code: 'queue/breaker-open', retryAfterMs: 1_000 })
    expect(inner.sends).toHaveLength(2)
    inner.sends[1]!.end()
    await probe
    expect(stateOf(transport)).toBe('closed')
    void transport.send(toBob())
    void transport.send(toBob())
    expect(inner.sends).toHaveLength(4)
  })

  it('stays open if that message fails, which fails with its own reason', async () => {
    const transport = breaker(scripted(lost, lost), { minimum: 1, openMs: 5_000 })
    await codes(transport, 1)
    later(5_000)
    expect(await codes(transport, 2)).toEqual(['connect/connection-refused', 'queue/breaker-open'])
    later(5_000)
    expect(await codes(transport, 2)).toEqual(['ok', 'ok'])
  })

  it('closes if the server refuses that message for another reason', async () => {
    const transport = breaker(scripted(lost, spam), { minimum: 1, openMs: 5_000 })
    await codes(transport, 1)
    later(5_000)
    expect(await codes(transport, 1)).toEqual(['body/spam'])
    expect(stateOf(transport)).toBe('closed')
  })

  it('stays open for as long as the server asks', async () => {
    const asking: Act = (message) =>
      failAll(message, 'not-attempted', { stage: 'greeting', kind: 'rate-limited', retryAfterMs: 60_000 })
    const transport = breaker(scripted(asking), { minimum: 1, openMs: 5_000 })
    await codes(transport, 1)
    later(59_999)
    expect(await codes(transport, 1)).toEqual(['queue/breaker-open'])
    later(1)
    expect(await codes(transport, 1)).toEqual(['ok'])
  })

  it('begins to count anew when it has closed', async () => {
    const acts = [...Array.from({ length: 10 }, () => lost), ok, ...Array.from({ length: 8 }, () => lost)]
    const transport = breaker(scripted(...acts), { openMs: 100 })
    await codes(transport, 10)
    later(100)
    await codes(transport, 9)
    expect(stateOf(transport)).toBe('closed')
  })

  it.each<[string, (inner: ReturnType<typeof held>, abort: () => void) => void]>([
    ['is aborted', (_inner, abort) => abort()],
    ['is refused before the server had a say', ({ sends }) => sends[1]!.end(aborted)],
    ['never settles', () => later(600_000)],
  ])('tries another message if the one that tries it %s', async (_title, happens) => {
    const inner = held()
    const transport = breaker(inner, { minimum: 1, openMs: 5_000 })
    const first = failureOf(transport.send(toBob()))
    inner.sends[0]!.end(lost)
    await first
    later(5_000)
    const controller = new AbortController()
    const probe = transport.send(toBob(), { signal: controller.signal }).catch(() => {})
    happens(inner, () => controller.abort())
    await Promise.race([probe, new Promise((resolve) => setImmediate(resolve))])
    void transport.send(toBob())
    expect(inner.sends).toHaveLength(3)
    inner.sends[2]!.end()
    await new Promise((resolve) => setImmediate(resolve))
    inner.sends[1]!.end(lost)
    await probe
    expect(stateOf(transport)).toBe('closed')
  })

  it('does not count what began before it opened', async () => {
    const inner = held()
    const transport = breaker(inner, { minimum: 1, openMs: 5_000 })
    const sends = [0, 1, 2].map(() => transport.send(toBob()).catch(() => {}))
    inner.sends[0]!.end(lost)
    await sends[0]
    later(4_000)
    inner.sends[1]!.end(lost)
    await sends[1]
    later(1_000)
    const probe = transport.send(toBob())
    inner.sends[3]!.end()
    await probe
    inner.sends[2]!.end(lost)
    await sends[2]
    expect(stateOf(transport)).toBe('closed')
  })
})

it('the health of a breaker says its state, until when it is open, and why', async () => {
  vi.setSystemTime(1_000_000)
  const transport = breaker(scripted(lost), { minimum: 1, openMs: 5_000 })
  const parts = [{ transport: 'scripted()', state: 'up' }]
  const name = 'breaker(scripted())'
  expect(transport.health!()).toEqual({ transport: name, state: 'up', breaker: 'closed', parts })
  await codes(transport, 1)
  const lastFailure = {
    code: 'connect/connection-refused',
    hint: expect.any(String),
    at: new Date(1_000_000),
  }
  expect(transport.health!()).toEqual({
    transport: name,
    state: 'down',
    breaker: 'open',
    skippedUntil: new Date(1_005_000),
    lastFailure,
    parts,
  })
  later(5_000)
  expect(transport.health!()).toEqual({
    transport: name,
    state: 'degraded',
    breaker: 'half-open',
    lastFailure,
    parts,
  })
})
