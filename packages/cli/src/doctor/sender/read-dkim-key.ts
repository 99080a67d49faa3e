import { createPublicKey, type KeyObject } from 'node:crypto'
import { fail, pass, warn, type Finding } from './sender.ts'

/** RFC 8301 section 3.2: receivers do not accept shorter ones. */
const FEWEST_BITS = 1024
const RECOMMENDED_BITS = 2048

/** Judges a DKIM key record (RFC 6376 section 3.6.1, RFC 8463). */
export function readDkimKey(record: string, name: string): Finding {
  const tags = tagsOf(record)
  const version = tags.get('v') ?? 'DKIM1'
  if (version !== 'DKIM1') return fail(`The record at ${name} has v=${version}, but it must be v=DKIM1.`)
  const text = tags.get('p')
  if (text === undefined)
    return fail(`The record at ${name} has no key (p=). Publish it as the provider shows it.`)
  if (text === '')
    return fail(
      `The DKIM key at ${name} is revoked (p= is empty), so its signatures are invalid. Sign with another selector.`,
    )
  const services = listOf(tags.get('s') ?? '*')
  if (!services.includes('*') && !services.includes('email'))
    return fail(
      `The DKIM key at ${name} is not meant for mail (s=${tags.get('s')}). Remove s= from the record.`,
    )
  const hashes = listOf(tags.get('h') ?? 'sha256')
  if (!hashes.includes('sha256'))
    return fail(
      `The DKIM key at ${name} does not allow SHA-256 (h=${tags.get('h')}). Remove h= from the record.`,
    )
  const type = (tags.get('k') ?? 'rsa').toLowerCase()
  const key = keyOf(text, type)
  if (key?.asymmetricKeyType !== type)
    return fail(
      `The DKIM key at ${name} cannot be read as a key of the type ${type}. Publish it again, whole and without changes.`,
    )
  const strength = judge(key, name)
  if (strength.verdict !== 'fail' && listOf(tags.get('t') ?? '').includes('y'))
    return warn(
      `${strength.detail} It is in test mode (t=y), so receivers may ignore its signatures. Remove t=y when mail arrives.`,
    )
  return strength
}

function judge(key: KeyObject, name: string): Finding {
  if (key.asymmetricKeyType === 'ed25519')
    return warn(
      `The key at ${name} is an Ed25519 key, which many receivers cannot verify yet. Sign with an RSA key as well.`,
    )
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  const found = `The key at ${name} is an RSA key of ${bits} bits.`
  if (bits < FEWEST_BITS)
    return fail(`${found} Receivers refuse keys under ${FEWEST_BITS}. Make one of ${RECOMMENDED_BITS}.`)
  if (bits < RECOMMENDED_BITS) return warn(`${found} That is weak by now. Make one of ${RECOMMENDED_BITS}.`)
  return pass(found)
}

function tagsOf(record: string): Map<string, string> {
  const tags = record.split(';').filter((tag) => tag.includes('='))
  return new Map(
    tags.map((tag) => {
      const [name = '', ...value] = tag.split('=')
      return [name.trim(), value.join('=').replaceAll(/\s/g, '')]
    }),
  )
}

const listOf = (value: string): string[] => value.toLowerCase().split(':')

/** What stands before an Ed25519 key that is published without its header (RFC 8410 section 10.1). */
const ED25519_HEADER = Buffer.from('302a300506032b6570032100', 'hex')
const ED25519_OCTETS = 32

function keyOf(text: string, type: string): KeyObject | undefined {
  // Node would skip what is not base64.
  if (!/^[a-z0-9+/]+={0,2}$/i.test(text)) return undefined
  const octets = Buffer.from(text, 'base64')
  if (octets.length === ED25519_OCTETS && type === 'ed25519')
    return read(Buffer.concat([ED25519_HEADER, octets]), 'spki')
  // Some publish the key without the header that says what it is.
  return read(octets, 'spki') ?? read(octets, 'pkcs1')
}

function read(key: Buffer, type: 'spki' | 'pkcs1'): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'der', type })
  } catch {
    return undefined
  }
}
