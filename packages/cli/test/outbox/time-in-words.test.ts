import { expect, it } from 'vitest'
import { durationInWords, timeInWords } from '../../src/outbox/time-in-words.ts'

const SECOND = 1_000
const HOUR = 3_600_000

it.each([
  [0, 'now', '1 second'],
  [-999, 'now', '1 second'],
  [-SECOND, '1 second ago', '1 second'],
  [-119 * SECOND, '119 seconds ago', '119 seconds'],
  [-120 * SECOND, '2 minutes ago', '2 minutes'],
  [-119 * 60 * SECOND, '119 minutes ago', '119 minutes'],
  [-2 * HOUR, '2 hours ago', '2 hours'],
  [-47 * HOUR, '47 hours ago', '47 hours'],
  [-48 * HOUR, '2 days ago', '2 days'],
  [-400 * 24 * HOUR, '400 days ago', '400 days'],
])('%d ms away is %s, and has lasted for %s', (ms, time, duration) => {
  expect(timeInWords(new Date(1e12 + ms), 1e12)).toBe(time)
  expect(durationInWords(-ms)).toBe(duration)
})

it('a time to come is in some time', () => {
  expect(timeInWords(new Date(1e12 + 3 * HOUR), 1e12)).toBe('in 3 hours')
})
