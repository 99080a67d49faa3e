import { editDistance } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Candidate, Family } from './candidate.ts'
import { addressesOf } from './certificates.ts'
import { SUBMISSION_HOSTS } from './submission-hosts.ts'

/** How many letters may be wrong. */
const MOST_TYPOS = 2

/** Names that are almost the same, when the host name does not exist. Only those that exist are tried. */
export const hostNames: Family = async ({ options, failure: { kind } }) => {
  if (kind !== 'host-not-found') return []
  const names = [...new Set(near(options.host))].filter((name) => name !== options.host)
  const found = await Promise.all(names.map((name) => ifItExists(options, name)))
  return found.flat()
}

function near(host: string): string[] {
  const clean = host
    .trim()
    .toLowerCase()
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^\.|\.$/g, '')
    .replace(/^www\./, '')
  const known = SUBMISSION_HOSTS.map((name) => ({ name, typos: editDistance(clean, name) }))
    .filter(({ typos }) => typos <= MOST_TYPOS)
    .toSorted((one, other) => one.typos - other.typos)
    .map(({ name }) => name)
  return [...(clean === host ? [] : [clean]), ...known, `smtp.${clean}`, `mail.${clean}`]
}

async function ifItExists(options: SmtpOptions, name: string): Promise<Candidate[]> {
  const addresses = await addressesOf(options, name)
  if (addresses.length === 0) return []
  return [
    {
      change: `The host ${options.host} does not exist, but ${name} does: use that.`,
      options: { ...options, host: name },
    },
  ]
}
