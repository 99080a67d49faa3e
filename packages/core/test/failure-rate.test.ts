import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FailureRate } from '../src/wrappers/breaker/failure-rate.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

describe('the failure rate of the last second', () => {
  /** When each send was, in ms, and whether it failed: `x` failed. */
  const after = (...sends: [number, 'x' | '.'][]): string => {
    const rate = new FailureRate(1_000)
    let last = { sends: 0, rate: 0 }
    let now = 0
    for (const [at, how] of sends) {
      vi.advanceTimersByTime(at - now)
      now = at
      last = rate.add(how === 'x')
    }
    return `${last.sends * last.rate} of ${last.sends}`
  }

  it.each<[string, [number, 'x' | '.'][], string]>([
    [
      'counts every send',
      [
        [0, 'x'],
        [0, '.'],
        [450, 'x'],
        [899, '.'],
      ],
      '2 of 4',
    ],
    [
      'forgets failures after a second',
      [
        [0, 'x'],
        [500, '.'],
        [1_000, '.'],
      ],
      '0 of 2',
    ],
    [
      'forgets good sends after a second',
      [
        [0, '.'],
        [500, 'x'],
        [1_000, 'x'],
      ],
      '2 of 2',
    ],
    [
      'forgets a tenth at a time',
      [
        [0, 'x'],
        [100, 'x'],
        [200, 'x'],
        [1_100, '.'],
      ],
      '1 of 2',
    ],
    [
      'forgets everything after a pause',
      [
        [0, 'x'],
        [500, 'x'],
        [5_000, '.'],
      ],
      '0 of 1',
    ],
    [
      'goes on for many seconds',
      [
        [0, 'x'],
        [900, 'x'],
        [1_800, 'x'],
        [2_700, '.'],
        [3_600, 'x'],
      ],
      '1 of 2',
    ],
  ])('%s', (_title, sends, count) => expect(after(...sends)).toBe(count))
})
