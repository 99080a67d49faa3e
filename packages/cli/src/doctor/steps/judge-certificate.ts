import { X509Certificate } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { ProbeCertificate } from '@loudmail/smtp/probe'
import { list } from './list.ts'

/** Fewer days than this, and somebody has to renew it now: automatic renewal happens about 30 days before the end. */
const SOON_DAYS = 14
const DAY_MS = 86_400_000

/** What a certificate says, and what is wrong with it apart from the trust in it. */
export function judgeCertificate(
  chain: readonly ProbeCertificate[],
  now = Date.now(),
): { readonly detail: string; readonly problems: readonly string[] } {
  const [own] = chain
  if (!own) return { detail: 'The server showed none.', problems: [] }
  const problems: string[] = []
  const days = Math.floor((own.validTo.getTime() - now) / DAY_MS)
  const until = own.validTo.toISOString().slice(0, 10)
  let validity = `It expires in ${days} days (${until}).`
  if (own.validFrom.getTime() > now)
    validity = `It is not valid before ${own.validFrom.toISOString().slice(0, 10)}.`
  else if (days < 0) validity = `It expired on ${until}.`
  else if (days < SOON_DAYS) {
    validity = ''
    problems.push(`It expires in ${days} day${days === 1 ? '' : 's'} (${until}): have it renewed now.`)
  }
  const small = smallKey(own)
  if (small !== undefined) problems.push(small)
  const signer = own.isSelfSigned ? 'signed by itself' : `signed by ${own.issuer}`
  const length = chain.length > 1 ? ` in a chain of ${chain.length}` : ''
  const detail = [`For ${shortList(own.names)}, ${signer}${length}.`, validity].filter(Boolean).join(' ')
  return { detail, problems }
}

function shortList(all: readonly string[]): string {
  const names = all.map(shortAddress)
  if (names.length === 0) return 'no name'
  return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : list(names)
}

/** OpenSSL writes an IPv6 address with all its zeros. */
function shortAddress(name: string): string {
  return isIPv6(name) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name
}

/** A key that other programs refuse: OpenSSL does at its usual level below 2048 bits of RSA. */
function smallKey({ keyBits, pem }: ProbeCertificate): string | undefined {
  if (keyBits === undefined) return undefined
  const type = new X509Certificate(pem).publicKey.asymmetricKeyType
  const least = type === 'ec' ? 224 : 2048
  return (type === 'ec' || type === 'rsa') && keyBits < least
    ? `Its key is small (${keyBits} bits): many programs refuse it.`
    : undefined
}
