/** What `performance.now()` lacks to the clock of `Date.now()`, in ms. */
let offsetMs = performance.timeOrigin

/**
 * A moment of `performance.now()` on the clock of `Date.now()`, more exact than whole ms. It follows `Date.now()`
 * when that clock is set or drifts, which `performance.timeOrigin` does not.
 */
export function toWallClock(moment: number): number {
  const before = performance.now()
  const date = Date.now()
  const after = performance.now()
  // Date.now() leaves out what is less than a ms.
  if (after + offsetMs < date) offsetMs = date - after
  else if (before + offsetMs >= date + 1) offsetMs = date + 1 - before
  return moment + offsetMs
}
