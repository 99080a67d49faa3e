const FORMAT = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** Each is used up to where the next one begins to say enough. */
const UNITS = [
  ['second', 1_000, 120],
  ['minute', 60_000, 120],
  ['hour', 3_600_000, 48],
  ['day', 86_400_000, Infinity],
] as const

/** How far away a time is: `3 minutes ago`, `in 2 hours`. */
export function timeInWords(time: Date, now = Date.now()): string {
  const ms = time.getTime() - now
  const [unit, length] = UNITS.find(([, each, most]) => Math.abs(ms) < each * most)!
  return FORMAT.format(Math.trunc(ms / length), unit)
}

/** How long something has taken: `3 minutes`. */
export function durationInWords(ms: number): string {
  return timeInWords(new Date(0), Math.max(ms, 1_000)).replace(' ago', '')
}
