import { expect, it, vi } from 'vitest'
import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'

const ids = vi.hoisted(() => ({ next: [] as string[] }))
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>()
  return { ...crypto, randomUUID: () => ids.next.shift() ?? crypto.randomUUID() }
})

it('a boundary that occurs in a part is not used', () => {
  const taken = '00000000-0000-4000-8000-000000000000'
  const free = '11111111-1111-4111-8111-111111111111'
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz')
  const text = letters.map((letter) => `--=_${letter}_${taken}`).join('\n')
  const message = toMessage({
    from: 'a@example.com',
    to: 'b@example.com',
    text,
    html: 'x',
    messageId: 'x@example.com',
  })
  ids.next = [taken, taken, free]
  const composed = compose(message).bytes!.toString()
  expect(composed).toMatch(new RegExp(`boundary="=_[a-z]_${free}"`))
  expect(composed.match(new RegExp(`^--=_[a-z]_${free}`, 'gm'))).toHaveLength(3)
})
