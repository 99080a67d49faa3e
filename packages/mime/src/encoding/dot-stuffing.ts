import { asBuffer } from './line-endings.ts'

const DOT = 0x2e
const LF = 0x0a
const CR = 0x0d
const LINE_OF_DOT = Buffer.from('\r\n.')
/** The first dots are looked at one by one: searching for a single octet is fastest, and base64 has no dots at all. */
const SINGLE_LOOKS = 64

/**
 * Content for the DATA command: each line that begins with a dot gets another dot in front (RFC 5321 section 4.5.2). Line
 * ends must be CRLF. Returns the same bytes if no line begins with a dot. The lone dot at the end is not added.
 */
export function dotStuff(bytes: Uint8Array): Buffer {
  return dotStuffer()(bytes)
}

/** {@link dotStuff} for content in chunks. Create a new one for each message. */
export function dotStuffer(): (chunk: Uint8Array) => Buffer {
  let first = CR
  let second = LF
  return (chunk) => {
    const bytes = asBuffer(chunk)
    if (bytes.length === 0) return bytes
    const places = placesOfDots(bytes, first, second)
    first = bytes.length > 1 ? bytes[bytes.length - 2]! : second
    second = bytes[bytes.length - 1]!
    return places.length === 0 ? bytes : withDotsAt(bytes, places)
  }
}

/** The places where a line begins with a dot, given the two octets before the chunk. */
function placesOfDots(bytes: Buffer, first: number, second: number): number[] {
  const places: number[] = []
  if (bytes[0] === DOT && first === CR && second === LF) places.push(0)
  if (bytes[1] === DOT && second === CR && bytes[0] === LF) places.push(1)
  let at = -1
  for (let looks = 0; looks < SINGLE_LOOKS; looks++) {
    at = bytes.indexOf(DOT, at + 1)
    if (at === -1) return places
    if (at > 1 && bytes[at - 1] === LF && bytes[at - 2] === CR) places.push(at)
  }
  at = bytes.indexOf(LINE_OF_DOT, at - 1)
  for (; at !== -1; at = bytes.indexOf(LINE_OF_DOT, at + 3)) places.push(at + 2)
  return places
}

function withDotsAt(bytes: Buffer, places: readonly number[]): Buffer {
  const out = Buffer.allocUnsafe(bytes.length + places.length)
  let from = 0
  let length = 0
  for (const place of places) {
    length += bytes.copy(out, length, from, place)
    out[length++] = DOT
    from = place
  }
  bytes.copy(out, length, from)
  return out
}
