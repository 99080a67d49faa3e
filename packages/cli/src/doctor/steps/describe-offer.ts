import type { Reply } from '@loudmail/core'
import { capabilitiesOf } from '@loudmail/core/transport'
import { list } from './list.ts'

/** What an EHLO reply offers, as a person reads it. */
export function describeOffer({ text }: Reply): string {
  const lines = text.split('\n')
  const offered = capabilitiesOf(lines.map((line) => `250-${line}`))
  const { mechanisms, maxSize } = offered
  const keywords = lines
    .slice(1)
    .map((line) => line.trim().toUpperCase().split(/[\s=]/)[0]!)
    .filter((keyword) => keyword !== '' && keyword !== 'AUTH' && keyword !== 'SIZE')
  const offers = [
    ...new Set(keywords),
    ...(offered.has('AUTH') ? [`log-in (${mechanisms.join(', ') || 'no mechanism'})`] : []),
    ...(maxSize === undefined ? [] : [`messages up to ${sizeInWords(maxSize)}`]),
  ]
  return offers.length === 0 ? 'It offers nothing.' : `It offers ${list(offers)}.`
}

/** A size as people say it: `35 MiB`, `200 kB` or `900 octets`. */
export function sizeInWords(octets: number): string {
  const [amount, unit] =
    octets % 1_048_576 === 0
      ? [octets / 1_048_576, 'MiB']
      : octets >= 1_000_000
        ? [octets / 1_000_000, 'MB']
        : octets >= 1_000
          ? [octets / 1_000, 'kB']
          : [octets, 'octets']
  return `${amount.toLocaleString('en-GB', { maximumFractionDigits: 1 })} ${unit}`
}
