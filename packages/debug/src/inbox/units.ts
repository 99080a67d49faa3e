import { html, type Html } from './html.ts'

/** A readable size: `12 kB`. */
export function bytes(octets: number): string {
  if (octets < 1_000) return `${octets} B`
  if (octets < 1_000_000) return `${Math.round(octets / 1_000)} kB`
  return `${(octets / 1_000_000).toFixed(1)} MB`
}

/** A readable time: `40 s`, `3 min`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** The time of today, or the date and the time, in UTC; the script of the page shows it in the time zone of the reader. */
export function timeView(at: Date, now = new Date()): Html {
  const [date, time] = at.toISOString().split('T') as [string, string]
  const isToday = now.toISOString().startsWith(date)
  const shown = isToday ? `${time.slice(0, 8)} UTC` : `${date} ${time.slice(0, 5)} UTC`
  return html`<time datetime="${at.toISOString()}">${shown}</time>`
}

/** The date and the time, whatever day it is. */
export function fullTimeView(at: Date): Html {
  const [date, time] = at.toISOString().split('T') as [string, string]
  return html`<time class="full" datetime="${at.toISOString()}">${date} ${time.slice(0, 8)} UTC</time>`
}
