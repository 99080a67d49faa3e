import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keptValue, restoredValue } from '../src/message/kept-value.ts'

const again = (value: unknown) => restoredValue(JSON.parse(JSON.stringify(keptValue(value, 'transportData'))))

const circle: Record<string, unknown> = { list: [] }
;(circle.list as unknown[]).push(circle)
let deep: unknown = 1
for (let level = 0; level < 200; level++) deep = [deep]

describe('transportData comes back as it was', () => {
  it.each<[string, unknown]>([
    ['what JSON has', { a: [1, 'x', true, null, { b: -1.5 }] }],
    ['undefined', { a: undefined, list: [undefined] }],
    ['a Date', { at: new Date(1_700_000_000_123) }],
    ['a Date that is not valid', { at: new Date(NaN) }],
    [
      'a Map and a Set',
      new Map<unknown, unknown>([
        ['a', new Set([1, undefined])],
        [{ b: 1 }, new Map()],
      ]),
    ],
    ['a Buffer', { data: Buffer.from([0, 255, 10]) }],
    ['numbers that JSON does not have', [NaN, Infinity, -Infinity, -0]],
    ['strings of any kind', ['\0', '\ud800', '🎉', '']],
    ['keys of any kind', { '': 1, $: [1], a: { $: ['date', 5] }, constructor: 2 }],
    ['a key that sets the prototype', JSON.parse('{"__proto__": {"a": 1}, "b": {"__proto__": 2}}')],
  ])('%s', (_, value) => {
    expect(again(value)).toEqual(value)
    expect(Object.getPrototypeOf(again({ value }))).toBe(Object.prototype)
  })

  it('bytes are a Buffer', () => {
    expect(again(new Uint8Array([1, 2]))).toEqual(Buffer.from([1, 2]))
  })

  it('anything', () => {
    const anything = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: false,
      withNullPrototype: false,
      key: fc.oneof(fc.string(), fc.constantFrom('$', '__proto__')),
    })
    fc.assert(
      fc.property(anything, (value) => {
        expect(again(value)).toEqual(value)
      }),
    )
  })
})

describe('transportData that cannot be kept is refused, with the name of the key', () => {
  it.each<[string, unknown, string]>([
    ['a function', { context: { format: () => '' } }, 'transportData.context.format is a function'],
    ['a symbol', { list: [Symbol('x')] }, 'transportData.list[0] is a symbol'],
    ['a key that is a symbol', { [Symbol('x')]: 1 }, 'transportData is an object with a symbol as key'],
    ['a bigint', { 'a b': 1n }, 'transportData["a b"] is a bigint'],
    [
      'an instance of a class',
      { url: new URL('https://rcpt.example/?token=x') },
      'transportData.url is an instance of a class',
    ],
    ['an Error', { cause: new Error('x') }, 'transportData.cause is an instance of a class'],
    ['a promise', { user: Promise.resolve() }, 'transportData.user is an instance of a class'],
    ['a regular expression', new Map([['a', /x/]]), 'transportData.a is an instance of a class'],
    ['a value in a Set', { all: new Set([() => 1]) }, 'transportData.all[0] is a function'],
    [
      'something that contains itself',
      { circle },
      'transportData.circle.list[0] is an object that contains itself',
    ],
    ['something very deep', deep, 'nested more than 100 levels deep'],
  ])('%s', (_, value, summary) => {
    expect(() => keptValue(value, 'transportData')).toThrow(
      expect.objectContaining({
        code: 'compose/invalid-message',
        summary: expect.stringContaining(summary),
        hint: expect.stringContaining('plain data'),
      }),
    )
  })

  it('the failure does not contain the value', () => {
    expect(() => keptValue({ url: new URL('https://rcpt.example/?token=secret') }, 'x')).not.toThrow(/secret/)
  })
})
