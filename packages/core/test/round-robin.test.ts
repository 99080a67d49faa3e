import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { roundRobin, type Transport } from '../src/index.ts'
import { held, toBob } from './held.ts'
import { failureOf, lost, noSuchUser, refuses, scripted, type Act } from './scripted.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

/** Transports with a script each, by name. `order` collects the names of those that were used. */
function named(scripts: Readonly<Record<string, readonly Act[]>>): {
  transports: Transport[]
  order: string[]
} {
  const order: string[] = []
  const transports = Object.entries(scripts).map(([name, script]): Transport => {
    const inner = scripted(...script)
    return { name, send: (message, context) => (order.push(name), inner.send(message, context)) }
  })
  return { transports, order }
}

/** Who gets each of `count` messages. */
async function turns(transport: Transport, order: string[], count: number): Promise<string> {
  order.length = 0
  for (let n = 0; n < count; n++) await transport.send(toBob())
  return order.join('')
}

describe('messages are sent in turn', () => {
  it.each<[string, number[] | undefined, number, string]>([
    ['through each transport', undefined, 7, 'abcabca'],
    ['by weight', [3, 1, 1], 10, 'abacaabaca'],
    ['by weight, in short turns', [5, 1, 1], 7, 'aabacaa'],
    ['also if the last has most of the weight', [1, 1, 2], 8, 'cabccabc'],
  ])('%s', async (_title, weights, count, order) => {
    const { transports, order: used } = named({ a: [], b: [], c: [] })
    expect(await turns(roundRobin(transports, { weights }), used, count)).toBe(order)
  })

  it('also if many are under way at once', async () => {
    const both = [held('a'), held('b')]
    const transport = roundRobin(...both)
    for (let n = 0; n < 6; n++) void transport.send(toBob())
    expect(both.map(({ sends }) => sends.length)).toEqual([3, 3])
  })
})

describe('a transport that is down', () => {
  it('is left to the others, and then has its turn again', async () => {
    const { transports, order } = named({ a: [lost], b: [], c: [] })
    const transport = roundRobin(transports, { skipMs: 1_000 })
    expect(await turns(transport, order, 5)).toBe('abcbcb')
    vi.advanceTimersByTime(1_000)
    expect(await turns(transport, order, 9)).toMatch(/^[bc]{1,5}a[bc]{2}a[bc]{2}/)
  })

  it('is used only if nothing else is left', async () => {
    const { transports, order } = named({ a: [lost, lost], b: [lost, lost] })
    const transport = roundRobin(...transports)
    await failureOf(transport.send(toBob()))
    const error = await failureOf(transport.send(toBob()))
    expect(error.failures).toHaveLength(2)
    expect(order).toEqual(['a', 'b', 'a', 'b'])
  })
})

it('a message that is refused for another reason is not sent elsewhere', async () => {
  const { transports, order } = named({ a: [refuses(noSuchUser('bob@example.com'))], b: [] })
  await failureOf(roundRobin(...transports).send(toBob()))
  expect(order).toEqual(['a'])
})
