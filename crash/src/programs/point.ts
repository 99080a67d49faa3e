import type { Death, Freeze } from '../death.ts'

/** Comes to a point: the process dies there if that is its death, or stands still for some time. */
export type Pass = (point: Death['point']) => void

export function passing(death: Death | undefined, freeze?: Freeze): Pass {
  const times = new Map<string, number>()
  return (point) => {
    const nth = (times.get(point) ?? 0) + 1
    times.set(point, nth)
    if (death?.point === point && nth >= death.nth) process.kill(process.pid, 'SIGKILL')
    if (freeze?.point !== point || freeze.nth !== nth) return
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, freeze.ms)
  }
}
