import { isAscii } from 'node:buffer'

const dotLine = Buffer.from('\r\n.')
const endOfContent = Buffer.from('\r\n.\r\n')

/** Reads the content of DATA as it arrives: finds its end (only CRLF.CRLF) and removes dot-stuffing. */
export class ContentReader {
  /** Octets of content so far, without stuffing. */
  octets = 0
  /** Whether any of them is above 127. */
  eightBit = false
  /** Whether the end has been seen. */
  ended = false
  readonly #keep: boolean
  #parts: Buffer[] = []
  // The line end of DATA itself is put before the content, so that a dot on the first line is like any other.
  #carry: Buffer = Buffer.from('\r\n')
  #toDrop: number

  constructor(keep: boolean, sentWith: 'DATA' | 'BDAT') {
    this.#keep = keep
    this.#toDrop = sentWith === 'DATA' ? this.#carry.length : 0
  }

  /** Takes a chunk of DATA and returns what comes after the end of the content. */
  takeLines(chunk: Buffer): Buffer {
    // Copies only what can be content: many pipelined messages may arrive in one chunk.
    const end = chunk.indexOf(endOfContent)
    const part = end < 0 ? chunk : chunk.subarray(0, end + endOfContent.length)
    const bytes = Buffer.concat([this.#carry, part])
    let from = 0
    for (;;) {
      const at = bytes.indexOf(dotLine, from)
      if (at < 0) return this.#holdBack(bytes, from, partialLineEnd(bytes, from))
      if (bytes[at + 3] === 13 && bytes[at + 4] === 10) {
        this.add(bytes.subarray(from, at + 2))
        this.ended = true
        const unused = bytes.length - at - endOfContent.length
        return chunk.subarray(part.length - unused)
      }
      if (at + 3 >= bytes.length || (bytes[at + 3] === 13 && at + 4 >= bytes.length)) {
        return this.#holdBack(bytes, from, bytes.length - at)
      }
      this.add(bytes.subarray(from, at + 2))
      from = at + 3
    }
  }

  /** Takes octets that are all content. */
  add(bytes: Buffer): void {
    const content = bytes.subarray(this.#toDrop)
    this.#toDrop = Math.max(0, this.#toDrop - bytes.length)
    this.octets += content.length
    this.eightBit ||= !isAscii(content)
    if (this.#keep && content.length > 0) this.#parts.push(content)
  }

  /** The content, if it was kept. */
  content(): Buffer {
    const content = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    this.#parts = [content]
    return content
  }

  #holdBack(bytes: Buffer, from: number, count: number): Buffer {
    const end = bytes.length - count
    this.add(bytes.subarray(from, end))
    this.#carry = bytes.subarray(end)
    return bytes.subarray(bytes.length)
  }
}

/** How many octets at the end may be the beginning of a dot line. */
function partialLineEnd(bytes: Buffer, from: number): number {
  const length = bytes.length
  if (length - 2 >= from && bytes[length - 2] === 13 && bytes[length - 1] === 10) return 2
  return length > from && bytes[length - 1] === 13 ? 1 : 0
}
