import { base64Length } from '../encoding/base64.ts'
import { headerField, LONGEST_LINE } from '../header/header-field.ts'
import { withCrlf } from '../encoding/line-endings.ts'
import { withParameters } from '../header/parameter.ts'
import type { Part } from './part.ts'
import type { WholePiece } from './pieces.ts'
import { quotedPrintable } from '../encoding/quoted-printable.ts'

type TransferEncoding = '7bit' | '8bit' | 'quoted-printable' | 'base64'

interface EncodedText {
  readonly encoding: TransferEncoding
  readonly body: WholePiece
}

/** Blanks at the end of a line, and lines that a mailbox file would change: a signature would break (RFC 3156 section 5). */
const UNSTABLE = /[\t ](?:\r\n|$)|(?:^|\n)From /

/**
 * A text in UTF-8 with CRLF line ends, in the simplest encoding that can carry it (RFC 2045 section 6).
 *
 * @param isStable it will be signed, so it must arrive exactly as it is
 */
export function textPart(
  subtype: string,
  text: string,
  eightBitMime: boolean,
  isStable: boolean,
  parameters: readonly string[] = [],
): Part {
  const { encoding, body } = encodedText(withCrlf(text), eightBitMime, isStable)
  const type = withParameters(`text/${subtype}`, ['charset=utf-8'], ...parameters.map((each) => [each]))
  return {
    header: headerField('Content-Type', type) + transferEncodingField(encoding),
    body: [body],
    eightBit: encoding === '8bit',
    closed: encoding === 'base64',
  }
}

export function transferEncodingField(encoding: TransferEncoding): string {
  return headerField('Content-Transfer-Encoding', [encoding])
}

/**
 * Whether a line is longer than 998 octets, in text with CRLF line ends. It searches backwards for the last line end
 * within the limit, so most lines are never looked at.
 */
export function hasLongLine(text: string | Buffer): boolean {
  for (let start = 0; text.length - start > LONGEST_LINE;) {
    const lineEnd = text.lastIndexOf('\n', start + LONGEST_LINE + 1)
    if (lineEnd < start) return true
    start = lineEnd + 1
  }
  return false
}

/** Whether a relay or a mailbox file may change a line of this text, which has CRLF line ends. */
export function isUnstable(text: string): boolean {
  return UNSTABLE.test(text)
}

function encodedText(text: string, eightBitMime: boolean, isStable: boolean): EncodedText {
  const octets = Buffer.byteLength(text)
  const hasNul = text.includes('\0')
  const isPlain = octets === text.length && !hasNul && !hasLongLine(text)
  if (isPlain && !(isStable && isUnstable(text))) return { encoding: '7bit', body: text }
  const bytes = Buffer.from(text)
  if (eightBitMime && !hasNul && !hasLongLine(bytes)) return { encoding: '8bit', body: bytes }
  const body = quotedPrintable(bytes, base64Length(octets))
  return body ? { encoding: 'quoted-printable', body } : { encoding: 'base64', body: { base64: bytes } }
}
