import { describe, expect, it } from 'vitest'
import {
  failover,
  memory,
  retry,
  type HealthState,
  type Transport,
  type TransportContext,
} from '../src/index.ts'
import { wrap } from '../src/transport.ts'
import { toThree } from './scripted.ts'

const delivery = { transport: 'inner()', state: 'sent', failures: [] } as const

/** Transports that record their calls in one list. */
function watched(
  names: readonly string[],
  does: Partial<Record<'verify' | 'close', (name: string) => void | Promise<void>>> = {},
): { transports: Transport[]; calls: string[] } {
  const calls: string[] = []
  const transports = names.map((name) => ({
    name,
    send: async () => delivery,
    verify: async () => {
      calls.push(`verify ${name}`)
      await does.verify?.(name)
    },
    close: async () => {
      calls.push(`close ${name}`)
      await does.close?.(name)
    },
  }))
  return { transports, calls }
}

const around = (transports: Transport | Transport[]): Transport =>
  wrap('mine', transports, async () => delivery)

describe('the name of a wrapper', () => {
  it.each([
    ['is the expression that made it', () => retry(memory()), 'retry(memory())'],
    ['names every transport inside', () => failover(memory(), memory()), 'failover(memory(), memory())'],
    ['nests', () => failover(retry(memory()), memory()), 'failover(retry(memory()), memory())'],
    ['is yours where the wrapper is', () => around(memory()), 'mine(memory())'],
  ])('%s', (_title, make, name) => expect(make().name).toBe(name))
})

describe('a wrapper accepts only transports', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a URL', 'smtp://mail.example.com'],
    ['an object without a name', { send: async () => delivery }],
    ['an object that cannot send', { name: 'x()' }],
    ['a list with a gap', [memory(), undefined]],
  ])('%s is refused with the name of the wrapper', (_what, inner) => {
    expect(() => around(inner as never)).toThrow(
      expect.objectContaining({
        code: 'config/invalid-config',
        message: expect.stringContaining('mine() needs a transport'),
      }),
    )
  })

  it('an empty list is refused', () => {
    expect(() => around([])).toThrow(
      expect.objectContaining({
        code: 'config/invalid-config',
        message: expect.stringContaining('mine() needs'),
      }),
    )
  })
})

describe('sending', () => {
  it('gets the message and the context, which is optional', async () => {
    const contexts: TransportContext[] = []
    const transport = wrap('mine', memory(), async (_message, context) => (contexts.push(context), delivery))
    const context = { signal: AbortSignal.abort() }
    await transport.send(toThree())
    await transport.send(toThree(), context)
    expect(contexts).toEqual([{}, context])
    expect(contexts[1]).toBe(context)
  })
})

describe('health', () => {
  const part = (state: HealthState, at?: number): Transport => ({
    ...memory(),
    health: () => ({
      transport: 'part()',
      state,
      ...(at && { lastFailure: { code: 'connect/timeout', hint: 'Wait.', at: new Date(at) } }),
    }),
  })

  it.each<[string, Transport[], HealthState]>([
    ['is that of a single transport', [part('down')], 'down'],
    ['is degraded with a transport that is', [part('degraded')], 'degraded'],
    ['is up if all are up, also those that do not say', [part('up'), memory()], 'up'],
    ['is degraded if one is down', [part('up'), part('down')], 'degraded'],
    ['is down if all are down', [part('down'), part('down')], 'down'],
  ])('%s', (_title, parts, state) => expect(around(parts).health!().state).toBe(state))

  it('names every transport, at every depth, and the newest failure of all', () => {
    const parts = [part('up'), part('down', 1_000), part('up', 3_000), part('up', 2_000)]
    const { transport, lastFailure, parts: shown } = retry(around(parts)).health!()
    expect(transport).toBe('retry(mine(memory(), memory(), memory(), memory()))')
    expect(lastFailure!.at).toEqual(new Date(3_000))
    expect(shown![0]!.parts!.map(({ state }) => state)).toEqual(['up', 'down', 'up', 'up'])
  })
})

describe('verify', () => {
  it('checks one transport after the other, with the context', async () => {
    let waiting: (() => void) | undefined
    const { transports, calls } = watched(['a', 'b'], {
      verify: (name) => (name === 'a' ? new Promise<void>((resolve) => (waiting = resolve)) : undefined),
    })
    const verifying = around(transports).verify!()
    await expect.poll(() => waiting).toBeDefined()
    expect(calls).toEqual(['verify a'])
    waiting!()
    await verifying
    expect(calls).toEqual(['verify a', 'verify b'])

    const context = { signal: AbortSignal.abort() }
    const asked: unknown[] = []
    const asking = { ...memory(), verify: async (given?: TransportContext) => void asked.push(given) }
    await around([asking, asking]).verify!(context)
    expect(asked).toEqual([context, context])
  })

  it('skips a transport that has none', async () => {
    const { transports, calls } = watched(['b'])
    await around([{ name: 'a', send: async () => delivery }, ...transports]).verify!()
    expect(calls).toEqual(['verify b'])
  })

  it('fails with the first failure, and checks no further', async () => {
    const { transports, calls } = watched(['a', 'b', 'c'], {
      verify: (name) => (name === 'b' ? Promise.reject(new RangeError('b is down')) : undefined),
    })
    await expect(around(transports).verify!()).rejects.toThrow('b is down')
    expect(calls).toEqual(['verify a', 'verify b'])
  })
})

describe('close', () => {
  it('closes every transport once, even if it is called often', async () => {
    const { transports, calls } = watched(['a', 'b'])
    const transport = around(transports)
    await Promise.all([transport.close!(), transport.close!()])
    await transport.close!()
    expect(calls).toEqual(['close a', 'close b'])
  })

  it('settles when all are closed', async () => {
    let finish: (() => void) | undefined
    const { transports } = watched(['a', 'b'], {
      close: (name) => (name === 'a' ? new Promise<void>((resolve) => (finish = resolve)) : undefined),
    })
    let closed = false
    const closing = around(transports).close!().then(() => (closed = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(closed).toBe(false)
    finish!()
    await closing
  })

  it('skips a transport that has none', async () => {
    const { transports, calls } = watched(['b'])
    await around([{ name: 'a', send: async () => delivery }, ...transports]).close!()
    expect(calls).toEqual(['close b'])
  })

  it.each([
    ['rejects', () => Promise.reject(new RangeError('a is stuck'))],
    [
      'throws',
      () => {
        throw new RangeError('a is stuck')
      },
    ],
  ])('closes the others if one %s, and then fails with its error', async (_how, fail) => {
    const { transports, calls } = watched(['b', 'c'])
    const stuck: Transport = { name: 'a', send: async () => delivery, close: fail }
    await expect(around([stuck, ...transports]).close!()).rejects.toThrow('a is stuck')
    expect(calls).toEqual(['close b', 'close c'])
  })
})
