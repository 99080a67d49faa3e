import type { Line } from './journal.ts'

/** A lease that was taken, and that its worker may still have. */
interface Holder {
  readonly life: string
  readonly at: number
  until: number
  isEnding: boolean
}

/** A lease has one worker until its time is over, and a worker that lost it cannot end it for the next one. */
export function contradictionsOfLeases(journal: readonly Line[]): readonly string[] {
  const contradictions: string[] = []
  const holders = new Map<string, Holder>()
  /** Ends of leases that had gone to another worker. */
  const late = new Set<string>()
  for (const line of journal) {
    if (!('life' in line) || !('id' in line)) continue
    const { what, id, life } = line
    const holder = holders.get(id)
    const isMine = holder?.life === life
    if (what === 'leased') {
      // One that was written down late: its time was over before that of the holder began.
      if (holder && line.until <= holder.at) continue
      if (holder && !holder.isEnding && line.at < holder.until)
        contradictions.push(
          `entry ${id}: ${life} leased it ${holder.until - line.at} ms before the lease of ${holder.life} ended`,
        )
      holders.set(id, { life, at: line.at, until: line.until, isEnding: false })
      late.delete(`${id} ${life}`)
    } else if (what === 'extended') {
      if (isMine) holder.until = Math.max(holder.until, line.until)
    } else if (what === 'ending') {
      if (isMine) {
        holder.isEnding = true
        // Once it is parked, the one that began to send it may end it after all.
        for (const each of late) if (each.startsWith(`${id} `)) late.delete(each)
      } else if (holder?.isEnding === false) late.add(`${id} ${life}`)
    } else if (late.has(`${id} ${life}`))
      contradictions.push(`entry ${id}: ${life} ended it, but ${holder?.life} had it`)
  }
  return contradictions
}
