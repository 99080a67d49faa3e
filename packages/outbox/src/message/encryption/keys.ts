import { createSecretKey, hkdfSync, KeyObject } from 'node:crypto'
import { types } from 'node:util'
import { MailError } from '@loudmail/core'
import { checkOptions, configError } from '@loudmail/core/transport'

/** 32 octets, as they are, in base64 or in hexadecimal. `openssl rand -base64 32` prints some. */
export type EncryptionKey = string | Uint8Array | KeyObject

/** How the messages in an outbox are encrypted. */
export interface EncryptionOptions {
  /** The keys by their names, which are kept beside the messages. A key is needed as long as messages with it are there. */
  readonly keys: Readonly<Record<string, EncryptionKey>>
  /** The name of the key for new messages. @default the name of the only key */
  readonly current?: string | undefined
}

/** A key that is ready to use. */
export interface Key {
  readonly name: string
  readonly secret: KeyObject
  /** Tells a wrong key from changed octets. It says nothing about the key. */
  readonly check: Buffer
}

/** How many octets of a head tell which key it is. */
export const CHECK_OCTETS = 8

const KEY_OCTETS = 32
const NAME = /^[\w.-]{1,40}$/
const OWNER = 'outbox() encryption'
const MAKE_ONE =
  'Make a key with `openssl rand -base64 32`, and keep it where other secrets are. A password is not a key.'

/**
 * The keys of an outbox, and the one for new messages.
 *
 * @throws MailError `config/invalid-config`, which never shows a key
 */
export function readKeys(options: EncryptionOptions): {
  readonly keys: ReadonlyMap<string, Key>
  readonly current: Key
} {
  checkOptions(options, OWNER, { keys: true, current: true })
  const { keys: given } = options
  if (typeof given !== 'object' || given === null)
    throw configError(`${OWNER}.keys must be an object with names and keys`)
  const keys = new Map(Object.entries(given).map(([name, key]) => [name, keyOf(name, key)]))
  if (keys.size === 0) throw wrong('.keys is empty', MAKE_ONE)
  const { current: name = keys.size === 1 ? [...keys.keys()][0] : undefined } = options
  if (name === undefined)
    throw configError(`${OWNER}.current must name the key for new messages: there are several`)
  const current = keys.get(name)
  if (!current) throw configError(`${OWNER}.current is not one of the names in keys`)
  return { keys, current }
}

function keyOf(name: string, given: unknown): Key {
  // A name of another form may be a key that is in the wrong place.
  if (!NAME.test(name))
    throw wrong(
      '.keys has a wrong name',
      'A name has 1 to 40 letters, digits, dots, dashes or underscores, such as 2026-11.',
    )
  const secret = secretOf(given)
  if (secret?.type !== 'secret' || secret.symmetricKeySize !== KEY_OCTETS)
    throw wrong(
      `.keys[${JSON.stringify(name)}] is not 32 octets, also not in base64 or hexadecimal`,
      MAKE_ONE,
    )
  const check = Buffer.from(hkdfSync('sha256', secret, '', 'loudmail outbox: which key', CHECK_OCTETS))
  return { name, secret, check }
}

function secretOf(given: unknown): KeyObject | undefined {
  if (types.isKeyObject(given)) return given
  if (types.isUint8Array(given)) return given.byteLength === 0 ? undefined : createSecretKey(given)
  // A file that contains a key ends with a new line.
  const text = typeof given === 'string' ? given.trim() : ''
  if (/^[\da-f]{64}$/i.test(text)) return createSecretKey(Buffer.from(text, 'hex'))
  return /^[\w+/-]{43}=?$/.test(text) ? createSecretKey(Buffer.from(text, 'base64')) : undefined
}

function wrong(what: string, hint: string): MailError {
  return new MailError({ stage: 'config', kind: 'invalid-config', summary: `${OWNER}${what}`, hint })
}
