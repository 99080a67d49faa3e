import { crc32 } from 'node:zlib'
import { MailError, type Message } from '@loudmail/core'
import { restoreMessage, type Content, type Reading } from '@loudmail/core/transport'
import { openSealedBody } from './encryption/sealed-body.ts'
import type { Seal } from './encryption/seal.ts'
import { checkFormat, IN_CLEAR, readHead, SEALED } from './head-octets.ts'
import type { Head, OpenBody, Place } from './head.ts'
import { restoredValue } from './kept-value.ts'
import { damaged, notReadableHere } from './read-failures.ts'

/**
 * The message that was packed. It can be read any number of times.
 *
 * @param id that of its entry
 * @throws MailError `submit/storage` if its octets were changed, or if this process cannot read them: then its scope is
 * `transport`
 */
export function unpackMessage(id: string, octets: Uint8Array, openBody: OpenBody, seal?: Seal): Message {
  const { buffer, byteOffset, byteLength } = octets
  let head = Buffer.from(buffer, byteOffset, byteLength)
  checkFormat(head, IN_CLEAR, SEALED)
  if (head[0] === SEALED) {
    if (!seal)
      throw notReadableHere(
        'it is encrypted',
        'Give this outbox the `encryption` with which the message was kept.',
      )
    head = seal.openHead(id, head)
  }
  try {
    const { json, small } = readHead(head)
    return messageOf(json as Head, small, id, openBody)
  } catch (error) {
    throw MailError.is(error) ? error : damaged('it has another form', error)
  }
}

function messageOf(head: Head, small: Buffer, id: string, openBody: OpenBody): Message {
  const { envelope, fields, date, text, html, transportData, raw, attachments, body } = head
  if (Object.hasOwn(fields, '__proto__')) throw damaged('it has another form')
  const key = body?.key
  const open =
    body && key !== undefined ? openSealedBody(openBody, Buffer.from(key, 'base64'), id, body.size) : openBody
  const content = (place: Place): Content => contentAt(place, small, open)
  const whole = {
    ...fields,
    ...(date !== undefined && { date: new Date(date) }),
    ...(transportData !== undefined && { transportData: restoredValue(transportData) }),
    ...(text && { text: textAt(text, small) }),
    ...(html && { html: textAt(html, small) }),
    ...(raw && { raw: content(raw) }),
    ...(attachments && {
      attachments: attachments.map(({ place, ...own }) => ({ ...own, ...content(place) })),
    }),
  }
  return restoreMessage(whole as never, envelope)
}

function contentAt(
  { in: where, from, size, checksum, isStream }: Place,
  small: Buffer,
  openBody: OpenBody,
): Content {
  if (where === 'body') {
    const open = (reading?: Reading) => part(openBody(from, reading?.signal), size, checksum, reading)
    return { size: () => size, open }
  }
  const bytes = octetsAt(from, size, small)
  const open = async function* () {
    yield bytes
  }
  return isStream === true ? { size: () => size, open } : { bytes, open }
}

function textAt({ from, size }: Place, small: Buffer): string {
  return octetsAt(from, size, small).toString()
}

function octetsAt(from: number, size: number, small: Buffer): Buffer {
  const bytes = small.subarray(from, from + size)
  if (bytes.length !== size) throw damaged('it is too short')
  return bytes
}

/** The first octets of a stream. They are those that were written, or it throws at their end, before the message is complete. */
async function* part(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  checksum: number | undefined,
  reading: Reading = {},
): AsyncGenerator<Uint8Array> {
  let left = size
  let sum = 0
  for await (const chunk of chunks) {
    const own = chunk.byteLength > left ? chunk.subarray(0, left) : chunk
    left -= own.byteLength
    sum = crc32(own, sum)
    if (left === 0 && sum !== checksum) throw damaged('the checksum of its content is wrong')
    yield reading.reuse ? own : Buffer.from(own)
    if (left === 0) return
  }
  throw damaged(`its content ends ${left} octets too early`)
}
