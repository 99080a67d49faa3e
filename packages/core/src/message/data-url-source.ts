import { bytesSource, type FoundSource } from './content-source.ts'
import { decodedText } from './decoded-text.ts'
import { MailError } from '../failure/mail-error.ts'
import { isMediaType } from './media-type.ts'

/** RFC 2397: the media type, whether the data is base64, and the data. */
const DATA_URL = /^data:([^,]*?)(;\s*base64\s*)?,/i

/**
 * The content of a `data:` URL with its media type.
 *
 * @throws MailError `compose/invalid-message` if it is not a `data:` URL or its base64 is broken
 */
export function dataUrlSource(url: string, field: string): FoundSource {
  const [prefix, type, isBase64] = DATA_URL.exec(url) ?? []
  if (prefix === undefined) throw invalid(`${field} is a data: URL without a comma before its data`)
  const data = percentDecoded(url.slice(prefix.length))
  return {
    ...bytesSource(isBase64 ? decodedText(data.toString('latin1'), 'base64', `the data in ${field}`) : data),
    contentType: mediaType(type!.trim(), field),
  }
}

/** Without a type it is text. Its default charset would be US-ASCII, which UTF-8 contains. */
function mediaType(type: string, field: string): string {
  const whole = type === '' || type.startsWith(';') ? `text/plain${type}` : type
  if (!isMediaType(whole)) throw invalid(`${field} is a data: URL whose media type is not valid`)
  return whole
}

/** A % that no two hexadecimal digits follow stays as it is, as in browsers. */
function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (!text.includes('%')) return bytes
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at] === 0x25 ? bytes.toString('latin1', at + 1, at + 3) : ''
    const isCode = /^[\da-f]{2}$/i.test(code)
    bytes[length++] = isCode ? Number.parseInt(code, 16) : bytes[at]!
    if (isCode) at += 2
  }
  return bytes.subarray(0, length)
}

function invalid(summary: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary })
}
