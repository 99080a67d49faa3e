import {
  breaker,
  discard,
  failover,
  memory,
  retry,
  roundRobin,
  type MemoryTransport,
  type Transport,
} from '@loudmail/core'
import { describe, it } from 'vitest'
import { transportContract } from '../src/index.ts'

const wrappers: [string, (inner: MemoryTransport) => Transport][] = [
  ['memory()', (inner) => inner],
  ['retry()', (inner) => retry(inner, { delayMs: 1 })],
  ['failover()', (inner) => failover(inner, memory())],
  ['roundRobin()', (inner) => roundRobin(inner, inner)],
  ['breaker()', (inner) => breaker(inner)],
]

for (const [name, wrapped] of wrappers) {
  describe(name, () => {
    const create = () => {
      const inner = memory()
      return { transport: wrapped(inner), arrived: () => inner.messages.map(({ envelope }) => envelope) }
    }
    for (const { title, run } of transportContract({ create })) it(title, run)
  })
}

describe('discard()', () => {
  for (const { title, run } of transportContract({ create: () => ({ transport: discard() }) })) it(title, run)
})
