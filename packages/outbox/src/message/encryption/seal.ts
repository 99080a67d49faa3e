import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { SEALED } from '../head-octets.ts'
import { damaged, notReadableHere } from '../read-failures.ts'
import { CHECK_OCTETS, readKeys, type EncryptionOptions, type Key } from './keys.ts'

/** Encrypts the heads of messages, and opens them. */
export interface Seal {
  /** @param id of the entry, to which it is bound */
  sealHead(id: string, plain: Buffer): Buffer
  /**
   * @throws MailError `submit/storage`: of scope `transport` if the key is missing or wrong, otherwise the octets were
   * changed, or belong to another entry
   */
  openHead(id: string, sealed: Buffer): Buffer
}

const CIPHER = 'aes-256-gcm'
const NONCE_OCTETS = 12
const TAG_OCTETS = 16

/**
 * Encrypts with AES-256-GCM. Before the encrypted octets are the format, the length of the name of the key, the name, what
 * tells the key apart from others, and a random nonce.
 *
 * @throws MailError `config/invalid-config`
 */
export function sealWith(options: EncryptionOptions): Seal {
  const { keys, current } = readKeys(options)
  const prefix = Buffer.concat([
    Buffer.from([SEALED, current.name.length]),
    Buffer.from(current.name),
    current.check,
  ])
  return {
    sealHead(id, plain) {
      const front = Buffer.concat([prefix, randomBytes(NONCE_OCTETS)])
      const cipher = createCipheriv(CIPHER, current.secret, front.subarray(prefix.length))
      cipher.setAAD(boundTo(id, front))
      const sealed = cipher.update(plain)
      cipher.final()
      return Buffer.concat([front, sealed, cipher.getAuthTag()])
    },
    openHead(id, octets) {
      const nameEnd = 2 + (octets[1] ?? 0)
      const checkEnd = nameEnd + CHECK_OCTETS
      const end = checkEnd + NONCE_OCTETS
      if (octets.length < end + TAG_OCTETS) throw damaged('it is too short')
      const key = keyFor(keys, octets.toString('latin1', 2, nameEnd), octets.subarray(nameEnd, checkEnd))
      const tag = octets.length - TAG_OCTETS
      try {
        const nonce = octets.subarray(checkEnd, end)
        const decipher = createDecipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_OCTETS })
        decipher.setAAD(boundTo(id, octets.subarray(0, end))).setAuthTag(octets.subarray(tag))
        const plain = decipher.update(octets.subarray(end, tag))
        decipher.final()
        return plain
      } catch (error) {
        throw damaged('its encrypted octets were changed, or belong to another entry', error)
      }
    },
  }
}

function boundTo(id: string, front: Buffer): Buffer {
  return Buffer.concat([front, Buffer.from(id)])
}

function keyFor(keys: ReadonlyMap<string, Key>, name: string, check: Buffer): Key {
  const key = keys.get(name)
  const shown = JSON.stringify(name)
  if (!key)
    throw notReadableHere(
      `it is encrypted with the key ${shown}, which is missing`,
      'Add this key to `encryption.keys` of the outbox, under the same name. The message waits for it.',
    )
  if (!key.check.equals(check))
    throw notReadableHere(
      `it is encrypted with another key than the one that is called ${shown} now`,
      'Give the key its own name again, and the new key another one. The message waits for it.',
    )
  return key
}
