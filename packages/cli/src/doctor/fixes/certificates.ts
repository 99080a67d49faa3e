import { lookup as lookUp } from 'node:dns'
import { isIP } from 'node:net'
import type { SmtpOptions } from '@loudmail/smtp'
import type { ProbeCertificate } from '@loudmail/smtp/probe'
import type { Candidate, Family, Trouble } from './candidate.ts'

const YEAR_MS = 365 * 24 * 60 * 60 * 1000
/** The most letters of the subject of a certificate that are shown. */
const MOST_LETTERS = 200
/** The most names of a certificate that are tried. */
const MOST_NAMES = 3

/** A certificate that this machine does not accept. */
export const certificateFixes: Family = async (trouble) => {
  switch (trouble.failure.kind) {
    case 'certificate-untrusted':
      return /too (?:small|weak)|not safe/.test(trouble.failure.summary) ? [] : trusted(trouble)
    case 'certificate-hostname':
      return named(trouble)
    case 'certificate-expired':
      return expired(await trouble.certificates())
    default:
      return []
  }
}

/** Trust what the server shows, if the operator confirms its fingerprint. */
async function trusted({ options, certificates }: Trouble): Promise<Candidate[]> {
  const chain = await certificates()
  const last = chain.at(-1)
  if (!last) return []
  const { pem, fingerprint, isSelfSigned } = last
  const subject = last.subject.slice(0, MOST_LETTERS)
  const what = isSelfSigned
    ? `Trust the certificate of ${subject}`
    : `The server does not show who signed its certificate. Ask its operator to send the whole chain, or trust the certificate of ${subject}`
  const how =
    'save it as a file and start the program with NODE_EXTRA_CA_CERTS=file, or set `tlsOptions.ca` to it'
  // Without its authority, a certificate is trusted only as part of a chain.
  const partial = isSelfSigned ? {} : { allowPartialTrustChain: true }
  return [
    {
      change: `${what}, but only if the operator of the server confirms its SHA-256 fingerprint ${fingerprint}: ${isSelfSigned ? how : 'set `tlsOptions.ca` to it and `allowPartialTrustChain` to true'}.`,
      options: { ...options, tlsOptions: { ...options.tlsOptions, ca: pem, ...partial } },
      isUnconfirmed: true,
    },
  ]
}

async function named({ options, certificates }: Trouble): Promise<Candidate[]> {
  const [own] = await certificates()
  const names = (own?.names ?? []).filter((name) => isIP(name) === 0 && !name.startsWith('*.'))
  const near = names.toSorted((one, other) => closeness(options.host, other) - closeness(options.host, one))
  const candidates = await Promise.all(near.slice(0, MOST_NAMES).map((name) => byName(options, name)))
  const ask: Candidate = {
    change: `Ask the operator of the server for a certificate that is for ${options.host}, or for the name that clients should use.`,
    isUntried: true,
  }
  return [...candidates.flat(), ask]
}

async function byName(options: SmtpOptions, name: string): Promise<Candidate[]> {
  // Whoever owns a domain can get a certificate for it: only a name of the same owner says that this is the right server.
  const isUnconfirmed = !haveSameOwner(options.host, name)
  const caution = isUnconfirmed ? ' if this is the server that you mean' : ''
  if (options.proxy === undefined && (await areSame(options, name)))
    return [
      {
        change: `Connect with the name that the certificate is for${caution}: ${name}.`,
        options: { ...options, host: name },
        isUnconfirmed,
      },
    ]
  return [
    {
      change: `Set \`tlsOptions.servername\` to the name that the certificate is for, ${name}${caution}.`,
      options: { ...options, tlsOptions: { ...options.tlsOptions, servername: name } },
      isUnconfirmed,
    },
  ]
}

/** Domains under which anybody can have one, such as `co.uk`. */
const OPEN_DOMAIN = /^(?:[^.]{1,3}\.)?[^.]+$/

/** Whether two names are surely under one domain of somebody: when in doubt they are not. */
function haveSameOwner(one: string, other: string): boolean {
  const [first, second] = [one, other].map((name) => name.toLowerCase())
  const domain = first!.slice(first!.indexOf('.') + 1)
  return [first!, domain].some(
    (owner) => !OPEN_DOMAIN.test(owner) && (second === owner || second!.endsWith(`.${owner}`)),
  )
}

/** How many labels two names have in common at their ends. */
function closeness(one: string, other: string): number {
  const [first, second] = [one, other].map((name) => name.toLowerCase().split('.').toReversed())
  const differs = first!.findIndex((label, index) => label !== second![index])
  return differs < 0 ? first!.length : differs
}

/** Whether both names have an address in common. */
async function areSame(options: SmtpOptions, name: string): Promise<boolean> {
  const [here, there] = await Promise.all([addressesOf(options, options.host), addressesOf(options, name)])
  return there.some((address) => here.includes(address))
}

/** None if the look-up fails. */
export function addressesOf({ lookup = lookUp }: SmtpOptions, host: string): Promise<string[]> {
  if (isIP(host)) return Promise.resolve([host])
  return new Promise((resolve) => {
    lookup(host, { all: true }, (error, found) => {
      const all = error ? [] : [found].flat()
      resolve(all.map((each) => (typeof each === 'string' ? each : each.address)))
    })
  })
}

function expired(chain: readonly ProbeCertificate[]): Candidate[] {
  const ask =
    'Nothing on this side makes it work safely: ask the operator of the server to renew its certificate.'
  const now = Date.now()
  const early = chain.find(({ validFrom }) => validFrom.getTime() > now)
  const old = chain.find(({ validTo }) => validTo.getTime() < now - YEAR_MS)
  const today = new Date(now).toISOString().slice(0, 10)
  if (early)
    return [
      {
        change: `The clock of this machine says ${today}, and the certificate begins after that: set the clock right. If it is right, ask the operator of the server.`,
        isUntried: true,
      },
    ]
  const clock = old ? ` Also check the clock of this machine: it says ${today}.` : ''
  return [{ change: ask + clock, isUntried: true }]
}
