import { expect, it } from 'vitest'
import { Recent } from '../../src/finish/recent.ts'

it('keeps the results that were used last', () => {
  const recent = new Recent<number>(30)
  for (const [number, text] of ['aa', 'bb', 'cc'].entries()) expect(recent.set(text, number)).toBe(number)
  expect(recent.get('aa')).toBe(0)
  for (let number = 0; number < 12; number++) recent.set(`+${number}`.padEnd(2), number)
  expect(recent.get('bb')).toBeUndefined()
  expect(recent.get('aa')).toBe(0)
})

it('keeps no text that takes too much of the room', () => {
  const recent = new Recent<number>(30)
  expect(recent.set('abcd', 1)).toBe(1)
  expect(recent.get('abcd')).toBeUndefined()
})
