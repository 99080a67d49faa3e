import type { Attachment, ComposedMessage } from '@loudmail/core/transport'
import { attachmentPart } from './attachment-part.ts'
import { newBoundary } from './boundary.ts'
import { headerField } from '../header/header-field.ts'
import { parameter, withParameters } from '../header/parameter.ts'
import { append, type Part } from './part.ts'
import type { Piece } from './pieces.ts'
import { textPart, transferEncodingField } from './text-part.ts'

/**
 * The content of a message: `mixed(alternative(text, related(html, inline images), calendar), attachments)`. A level that
 * would hold only one part is left out (RFC 2046 section 5.1, RFC 2387, RFC 6047).
 *
 * @param isStable it will be signed, so it must arrive exactly as it is
 */
export function entity(message: ComposedMessage, eightBitMime: boolean, isStable: boolean): Part {
  const { text, html, calendar, attachments } = message
  const isEmbedded = (each: Attachment) =>
    html !== undefined && each.disposition === 'inline' && each.contentId !== undefined
  const partOf = (each: Attachment) => attachmentPart(each, message, eightBitMime, isStable)
  const alternatives: Part[] = []
  if (text !== undefined || (html === undefined && calendar === undefined)) {
    alternatives.push(textPart('plain', text ?? '', eightBitMime, isStable))
  }
  if (html !== undefined) {
    const shown = attachments.filter(isEmbedded).map(partOf)
    alternatives.push(
      multipart('related', [textPart('html', html, eightBitMime, isStable), ...shown], 'text/html'),
    )
  }
  if (calendar !== undefined) {
    const method = parameter('method', calendar.method.toUpperCase())
    alternatives.push(textPart('calendar', calendar.content, eightBitMime, isStable, method))
  }
  const attached = attachments.filter((each) => !isEmbedded(each)).map(partOf)
  return multipart('mixed', [multipart('alternative', alternatives), ...attached])
}

/** Several parts as one multipart; a single part stays as it is. */
function multipart(subtype: string, parts: readonly Part[], rootType?: string): Part {
  if (parts.length === 1) return parts[0]!
  const boundary = unusedBoundary(parts)
  const body: Piece[] = []
  for (const part of parts) {
    append(body, `--${boundary}\r\n${part.header}${part.header && '\r\n'}`)
    for (const piece of part.body) append(body, piece)
    if (!part.closed) append(body, '\r\n')
  }
  append(body, `--${boundary}--\r\n`)
  const root = rootType === undefined ? [] : [parameter('type', rootType)]
  const type = withParameters(`multipart/${subtype}`, ...root, parameter('boundary', boundary))
  const eightBit = parts.some((part) => part.eightBit)
  return {
    header: headerField('Content-Type', type) + (eightBit ? transferEncodingField('8bit') : ''),
    body,
    eightBit,
    closed: true,
  }
}

function unusedBoundary(parts: readonly Part[]): string {
  for (;;) {
    const boundary = newBoundary()
    if (!parts.some((part) => part.body.some((piece) => holds(piece, boundary)))) return boundary
  }
}

function holds(piece: Piece, boundary: string): boolean {
  return (typeof piece === 'string' || Buffer.isBuffer(piece)) && piece.includes(boundary)
}
