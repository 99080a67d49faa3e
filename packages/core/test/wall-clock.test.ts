import { afterEach, describe, expect, it, vi } from 'vitest'
import { toWallClock } from '../src/tracing/wall-clock.ts'

afterEach(() => {
  vi.restoreAllMocks()
  toWallClock(0)
})

describe('a moment on the wall clock', () => {
  it('is what Date.now() says, and more exact', () => {
    const before = Date.now()
    const now = toWallClock(performance.now())
    expect(now).toBeGreaterThanOrEqual(before)
    expect(Math.floor(now)).toBeLessThanOrEqual(Date.now())
  })

  it('keeps the distance of two moments, below a ms too', () => {
    const moment = performance.now()
    expect(toWallClock(moment + 0.25) - toWallClock(moment)).toBeCloseTo(0.25, 2)
  })

  it.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
    ['by less than a second, as when it drifts', 500],
  ])('follows the clock when it is set %s', (_, byMs) => {
    const moment = performance.now()
    const unset = toWallClock(moment)
    const real = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => real() + byMs)
    expect(toWallClock(moment)).toBeGreaterThan(unset + byMs - 200)
    expect(toWallClock(moment)).toBeLessThan(unset + byMs + 200)
  })
})
