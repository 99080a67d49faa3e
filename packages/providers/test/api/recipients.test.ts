import { expect, it } from 'vitest'
import { toMessage } from '@loudmail/core/transport'
import { recipientsOf } from '../../src/api/recipients.ts'

const base = { from: 'tea@example.com', subject: 's', text: 't' }
const composed = (input: object): Parameters<typeof recipientsOf>[0] =>
  toMessage({ ...base, ...input }) as Parameters<typeof recipientsOf>[0]
const addresses = (list: readonly { address: string }[]): string[] => list.map(({ address }) => address)

it('two addresses that differ in small and capital letters before the @ are two recipients', () => {
  const { to, cc } = recipientsOf(composed({ to: 'ann@example.com', cc: 'Ann@example.com' }), 'X')
  expect([...addresses(to), ...addresses(cc)]).toEqual(['ann@example.com', 'Ann@example.com'])
})

it('an address that stands in several fields is one recipient, in the first of them', () => {
  const { to, cc, bcc } = recipientsOf(
    composed({ to: 'ann@example.com', cc: 'ann@EXAMPLE.com, bob@example.com', bcc: 'bob@example.com' }),
    'X',
  )
  expect([addresses(to), addresses(cc), addresses(bcc)]).toEqual([
    ['ann@example.com'],
    ['bob@example.com'],
    [],
  ])
})
