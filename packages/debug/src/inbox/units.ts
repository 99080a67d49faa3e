import { html, type Html } from './html.ts'

/** A readable size: `12 kB`. */
export function bytes(octets: number): string {
  if (octets < 1_000) return `${octets} B`
  if (octets < 1_000_000) return `${Math.round(octets / 1_000)} kB`
  return `${(octets / 1_000_000).toFixed(1)} MB`
}

/** A time in UTC; the script of the page shows it in the time zone of the reader. */
export function timeView(at: Date): Html {
  return html`<time datetime="${at.toISOString()}">${at.toISOString().slice(11, 19)} UTC</time>`
}
