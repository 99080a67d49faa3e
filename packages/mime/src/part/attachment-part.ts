import { isAscii, isUtf8 } from '../encoding/charset.ts'
import { MailError } from '@loudmail/core'
import type { Attachment, ComposedMessage, Reading } from '@loudmail/core/transport'
import { base64Stream, contentSize, readContent } from './attachment-stream.ts'
import { base64Length } from '../encoding/base64.ts'
import { contentTypeOf } from '../header/content-type.ts'
import { headerField } from '../header/header-field.ts'
import { asBuffer, withCrlfBytes } from '../encoding/line-endings.ts'
import { legacyParameter, parameter, withParameters } from '../header/parameter.ts'
import type { Part } from './part.ts'
import { hasLongLine, isUnstable, transferEncodingField } from './text-part.ts'

const COMPOSITE = /^(?:message|multipart)\//i
const NAMED = /;\s*name\*?\d*\*?=/i
const PRINTABLE = /^[ -~]*$/

/** An attachment in base64. If it is not in memory, it is encoded while it is sent. */
export function attachmentPart(
  attachment: Attachment,
  message: ComposedMessage,
  eightBitMime: boolean,
  isStable: boolean,
): Part {
  const bytes = attachment.bytes && asBuffer(attachment.bytes)
  const type = withoutEnd(attachment.contentType) ?? guessedType(attachment.filename, bytes)
  if (COMPOSITE.test(type)) return compositePart(attachment, type, bytes, message, eightBitMime, isStable)
  return base64Part(attachment, type, bytes, message)
}

function withoutEnd(type: string | undefined): string | undefined {
  let end = type?.length ?? 0
  while (end > 0 && ' \t;'.includes(type![end - 1]!)) end--
  return type?.slice(0, end)
}

/** The name of the attachment in an error. */
function attachmentName({ filename, contentId }: Attachment): string {
  if (filename !== undefined) return `the attachment ${JSON.stringify(filename)}`
  return contentId === undefined
    ? 'an attachment without a file name'
    : `the attachment with content id ${contentId}`
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

/** Text that is valid UTF-8 gets that charset: without one it would count as US-ASCII. */
function guessedType(filename: string | undefined, bytes: Buffer | undefined): string {
  const type = contentTypeOf(filename)
  return type.startsWith('text/') && bytes && isUtf8(bytes) ? `${type}; charset=utf-8` : type
}

/** Content-Type, Content-Disposition and Content-ID, with the file name in every form that mail programs look for. */
function contentFields(attachment: Attachment, type: string, message: ComposedMessage): string {
  const { filename, contentId, disposition } = attachment
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
  return (
    headerField('Content-Type', withParameters(type, ...legacyName)) +
    headerField('Content-Disposition', withParameters(disposition, ...name)) +
    (contentId === undefined ? '' : headerField('Content-ID', [`<${contentId}>`]))
  )
}
