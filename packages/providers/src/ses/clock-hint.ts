/** From here on, the clock and not the network is to blame. */
const MOST_MS = 60_000

/**
 * What to do about a request that came at the wrong time for AWS.
 *
 * @param date when AWS answered, as its Date field says
 * @param usual what to do in any case
 */
export function clockHint(date: string | null, usual: string): string {
  const theirs = Date.parse(date ?? '')
  const ms = Date.now() - theirs
  if (Number.isNaN(ms) || Math.abs(ms) < MOST_MS) return usual
  const minutes = Math.round(Math.abs(ms) / 60_000)
  return `The clock of this machine is ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ${ms > 0 ? 'ahead of' : 'behind'} that of AWS. ${usual}`
}
