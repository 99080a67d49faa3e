import { describe, expect, it } from 'vitest'
import { Pace } from '../../src/send/load/pace.ts'

/** Plays a clock that wakes up every `tickMs`, except while it is stalled, and returns when each message started. */
function play(
  perSecond: number,
  seconds: number,
  { tickMs = 1, stall = [0, 0] }: { tickMs?: number; stall?: readonly [fromMs: number, toMs: number] } = {},
): number[] {
  const pace = new Pace(perSecond, 0)
  const starts: number[] = []
  for (let now = 0; now < seconds * 1_000; now += tickMs) {
    if (now > stall[0] && now < stall[1]) continue
    while (pace.waitMs(now) === 0) {
      pace.started(now)
      starts.push(now)
    }
  }
  return starts
}

const within = (starts: readonly number[], fromMs: number, toMs: number): number =>
  starts.filter((start) => start >= fromMs && start < toMs).length

describe('the pace of a load check', () => {
  it.each([0.5, 7, 100, 999, 20_000])('keeps %d messages a second', (perSecond) => {
    const starts = play(perSecond, 20)
    expect(starts.length / (perSecond * 20)).toBeGreaterThan(0.98)
    expect(starts.length / (perSecond * 20)).toBeLessThan(1.11)
    expect(Math.abs(starts.length - perSecond * 20)).toBeLessThanOrEqual(Math.max(1, perSecond * 0.02))
  })

  it('keeps it with a timer that is late', () => {
    expect(play(1_000, 10, { tickMs: 17 }).length).toBeGreaterThan(9_800)
  })

  it('makes up a stall, but not in a burst', () => {
    const starts = play(1_000, 10, { stall: [1_000, 1_500] })
    // 25 ms at once, then a tenth more than the rate.
    expect(within(starts, 1_500, 1_510)).toBeLessThanOrEqual(40)
    expect(within(starts, 1_600, 2_600)).toBeGreaterThan(1_090)
    expect(within(starts, 1_600, 2_600)).toBeLessThanOrEqual(1_101)
    expect(starts.length).toBeGreaterThan(9_990)
  })

  it('does not make up more than a second', () => {
    const starts = play(100, 60, { stall: [1_000, 21_000] })
    expect(starts.length).toBeLessThan(4_130)
    expect(within(starts, 50_000, 60_000)).toBeLessThanOrEqual(1_001)
  })
})
