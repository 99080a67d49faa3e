import { isUtf8 } from 'node:buffer'

const longestLine = 16_384
const nothing = Buffer.alloc(0)

/** Bytes that have arrived and are read as lines or as chunks. */
export class Incoming {
  #bytes: Buffer = nothing
  #skipping = false

  get length(): number {
    return this.#bytes.length
  }

  /** Adds bytes at the end. */
  add(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
  }

  /** The next line without its end. `undefined` if no line is complete yet, `null` for a line that was too long. */
  takeLine(): string | null | undefined {
    const end = this.#bytes.indexOf(10)
    if (end < 0) {
      if (this.#bytes.length > longestLine) {
        this.#bytes = nothing
        this.#skipping = true
      }
      return undefined
    }
    const line = this.#bytes.subarray(0, this.#bytes[end - 1] === 13 ? end - 1 : end)
    this.#bytes = this.#bytes.subarray(end + 1)
    const tooLong = this.#skipping || line.length > longestLine
    this.#skipping = false
    return tooLong ? null : line.toString(isUtf8(line) ? 'utf8' : 'latin1')
  }

  /** Everything that has arrived, or its first `most` octets. */
  takeBytes(most = Infinity): Buffer {
    const bytes = this.#bytes.subarray(0, most)
    this.#bytes = this.#bytes.subarray(bytes.length)
    return bytes
  }

  /** Puts back bytes that were not needed. */
  putBack(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([bytes, this.#bytes])
  }
}
