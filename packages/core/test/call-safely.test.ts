import { once } from 'node:events'
import { expect, it } from 'vitest'
import { callSafely, thrownInWords } from '../src/transport.ts'

const away = 'connect ECONNREFUSED postgres://app:hunter22@db.example/mail?token=tok-123456'
const revocable = Proxy.revocable({}, {})
revocable.revoke()

it.each<[string, unknown, string]>([
  [
    'an error that repeats a password and a token',
    new RangeError(away),
    'RangeError: connect ECONNREFUSED postgres://<redacted>@db.example/mail?token=<redacted>',
  ],
  [
    'a text that repeats a password',
    away.slice(0, 60),
    'connect ECONNREFUSED postgres://<redacted>@db.example/mail',
  ],
  ['undefined', undefined, 'undefined'],
  ['a symbol', Symbol('late'), 'Symbol(late)'],
  ['an object without a prototype', Object.create(null), 'something that cannot be printed'],
  ['a revoked proxy', revocable.proxy, 'something that cannot be printed'],
  [
    'an error whose message cannot be read',
    Object.defineProperty(new Error('x'), 'message', { get: () => fail(new Error('y')) }),
    'something that cannot be printed',
  ],
  ['an empty text', '', 'something without words'],
])('a warning says in words, without secrets, that a function threw %s', async (_what, thrown, words) => {
  expect(thrownInWords(thrown)).toBe(words)
  const warned = once(process, 'warning') as Promise<[Error]>
  expect(callSafely('a log', () => fail(thrown))).toBe(false)
  expect((await warned)[0].message).toBe(`a log threw: ${words}`)
  const again = once(process, 'warning') as Promise<[Error]>
  expect(await callSafely('a log', async () => fail(thrown))).toBe(false)
  expect((await again)[0].message).toBe(`a log rejected: ${words}`)
})

function fail(thrown: unknown): never {
  throw thrown
}
