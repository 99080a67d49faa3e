import { isAscii } from '../encoding/charset.ts'
import { MailError } from '@loudmail/core'
import {
  attachmentName,
  identify,
  type Attachment,
  type ComposedMessage,
  type Reading,
} from '@loudmail/core/transport'
import { base64Stream, contentSize, contentType, readContent } from './attachment-stream.ts'
import { base64Length } from '../encoding/base64.ts'
import { headerField } from '../header/header-field.ts'
import { asBuffer, withCrlfBytes } from '../encoding/line-endings.ts'
import { legacyParameter, parameter, withParameters } from '../header/parameter.ts'
import type { Part } from './part.ts'
import { hasLongLine, isUnstable, transferEncodingField } from './text-part.ts'
import { customField } from '../header/custom-field.ts'

const COMPOSITE = /^(?:message|multipart)\//i
const NAMED = /;\s*name\*?\d*\*?=/i
/** Fields whose value is a URL, which cannot be an encoded-word (RFC 2557 section 4.4). */
const URL_FIELD = /^content-(?:location|base)$/i
const PRINTABLE = /^[ -~]*$/

/** An attachment in base64. If it is not in memory, it is encoded while it is sent. */
export function attachmentPart(
  attachment: Attachment,
  message: ComposedMessage,
  eightBitMime: boolean,
  isStable: boolean,
): Part {
  const bytes = attachment.bytes && asBuffer(attachment.bytes)
  const type = contentType(attachment, attachmentName(attachment), message)
  if (type === undefined) return identifiedPart(attachment, message)
  if (COMPOSITE.test(type)) return compositePart(attachment, type, bytes, message, eightBitMime, isStable)
  return base64Part(attachment, type, bytes, message)
}

function base64Part(
  attachment: Attachment,
  type: string,
  bytes: Buffer | undefined,
  message: ComposedMessage,
): Part {
  const size = bytes ? undefined : contentSize(attachment, attachmentName(attachment), message)
  const read = (reading: Reading) =>
    base64Stream(readContent(attachment, attachmentName(attachment), message, reading), reading)
  return {
    header: contentFields(attachment, type, message) + transferEncodingField('base64'),
    body: [
      bytes
        ? { base64: bytes }
        : { chunks: read, octets: size === undefined ? undefined : base64Length(size) },
    ],
    eightBit: false,
    closed: true,
  }
}

/** A stream whose beginning shows its type, so its header is written once that is read. */
function identifiedPart(attachment: Attachment, message: ComposedMessage): Part {
  async function* chunks(reading: Reading): AsyncGenerator<Buffer> {
    const content = readContent(attachment, attachmentName(attachment), message, reading)
    const identified = await identify(attachment, content)
    try {
      const header = contentFields(attachment, identified.contentType, message)
      yield Buffer.from(`${header}${transferEncodingField('base64')}\r\n`)
      yield* base64Stream(identified.chunks, reading)
    } finally {
      await identified.chunks.return()
    }
  }
  return { header: '', body: [{ chunks }], eightBit: false, closed: true }
}

/** A message inside a message must not be encoded (RFC 2046 section 5.2.1). If it needs encoding, it is sent as a file. */
function compositePart(
  attachment: Attachment,
  type: string,
  bytes: Buffer | undefined,
  message: ComposedMessage,
  eightBitMime: boolean,
  isStable: boolean,
): Part {
  const content = bytes && withCrlfBytes(bytes)
  const isSevenBit = content !== undefined && isAscii(content)
  const fits =
    content !== undefined &&
    !content.includes(0) &&
    !hasLongLine(content) &&
    !(isStable && isUnstable(content.toString('latin1')))
  if (!/^message\//i.test(type) || !fits || !(isSevenBit || eightBitMime)) {
    return base64Part(attachment, 'application/octet-stream', bytes, message)
  }
  return {
    header: contentFields(attachment, type, message) + transferEncodingField(isSevenBit ? '7bit' : '8bit'),
    body: [content],
    eightBit: !isSevenBit,
    closed: false,
  }
}

/** Content-Type, Content-Disposition and Content-ID, with the file name in every form that mail programs look for. */
function contentFields(attachment: Attachment, type: string, message: ComposedMessage): string {
  const { filename, contentId, disposition, headers } = attachment
  const name = filename === undefined ? [] : [parameter('filename', filename)]
  const legacyName = filename === undefined || NAMED.test(type) ? [] : [legacyParameter('name', filename)]
  if (!PRINTABLE.test(type) || !PRINTABLE.test(contentId ?? '')) {
    throw new MailError({
      stage: 'compose',
      kind: 'attachment',
      permanence: 'permanent',
      summary: `${attachmentName(attachment)} has a content type or a content id that is not ASCII`,
      messageId: message.messageId,
    })
  }
  let fields =
    headerField('Content-Type', withParameters(type, ...legacyName)) +
    headerField('Content-Disposition', withParameters(disposition, ...name))
  if (contentId !== undefined) fields += headerField('Content-ID', [`<${contentId}>`])
  for (const [field, value] of headers)
    fields += URL_FIELD.test(field) ? headerField(field, [encodedUrl(value)]) : customField(field, value)
  return fields
}

function encodedUrl(url: string): string {
  return url.replaceAll(/[^!-~]/gu, (character) => encodeURIComponent(character))
}
