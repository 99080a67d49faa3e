import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import type { OpenBody } from '../head.ts'
import { damaged } from '../read-failures.ts'

/** How many octets are encrypted together. */
const SEGMENT_OCTETS = 65_536
const TAG_OCTETS = 16
const CIPHER = 'aes-256-gcm'

/** A key for one body. It is in the head, which is encrypted. */
export function newBodyKey(): Buffer {
  return randomBytes(32)
}

/**
 * Encrypts in segments, each with its number and whether it is the last one (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár:
 * Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015).
 *
 * @param key for this body only
 * @param id of the entry, to which it is bound
 */
export async function* sealBody(
  chunks: AsyncIterable<Uint8Array>,
  key: Buffer,
  id: string,
): AsyncGenerator<Uint8Array> {
  const secret = createSecretKey(key)
  let number = 0
  for await (const { segment, isLast } of segmentsOf(chunks, SEGMENT_OCTETS)) {
    const cipher = createCipheriv(CIPHER, secret, nonceOf(number++, isLast)).setAAD(Buffer.from(id))
    const sealed = cipher.update(segment)
    cipher.final()
    yield Buffer.concat([sealed, cipher.getAuthTag()])
  }
}

/**
 * Opens an encrypted body at any octet of its content, which has this size.
 *
 * @throws MailError `submit/storage`, while it is read, if a segment was changed, moved or cut off
 */
export function openSealedBody(openBody: OpenBody, key: Buffer, id: string, size: number): OpenBody {
  const secret = createSecretKey(key)
  const count = Math.ceil(size / SEGMENT_OCTETS)
  return async function* (from, signal) {
    let number = Math.floor(from / SEGMENT_OCTETS)
    let skipped = from % SEGMENT_OCTETS
    const sealedOctets = SEGMENT_OCTETS + TAG_OCTETS
    const sealed = openBody(number * sealedOctets, signal)
    for await (const { segment } of segmentsOf(sealed, sealedOctets)) {
      const opened = openSegment(segment, secret, nonceOf(number, number === count - 1), id)
      yield opened.subarray(skipped)
      number++
      skipped = 0
    }
  }
}

function openSegment(segment: Buffer, key: KeyObject, nonce: Buffer, id: string): Buffer {
  const end = Math.max(0, segment.length - TAG_OCTETS)
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_OCTETS })
    decipher.setAAD(Buffer.from(id)).setAuthTag(segment.subarray(end))
    const opened = decipher.update(segment.subarray(0, end))
    decipher.final()
    return opened
  } catch (error) {
    throw damaged('its encrypted content was changed', error)
  }
}

/** The key is new for each body, so the rest of the nonce may be zero. */
function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(number, 7)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/** Cuts a stream into segments of the same size; the last one may be shorter. The memory of a segment is used again. */
async function* segmentsOf(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ readonly segment: Buffer; readonly isLast: boolean }> {
  const segment = Buffer.allocUnsafeSlow(size)
  let length = 0
  for await (const chunk of chunks) {
    let at = 0
    while (at < chunk.byteLength) {
      // Only when there is more is it known that a full one is not the last one.
      if (length === size) {
        yield { segment, isLast: false }
        length = 0
      }
      const part = chunk.subarray(at, at + size - length)
      segment.set(part, length)
      length += part.byteLength
      at += part.byteLength
    }
  }
  if (length > 0) yield { segment: segment.subarray(0, length), isLast: true }
}
