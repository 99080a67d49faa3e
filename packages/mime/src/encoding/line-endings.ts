const LF = 0x0a
const CR = 0x0d
const BARE = /\r(?!\n)|(?<!\r)\n/

/** A text with every CR, LF and CRLF as CRLF. */
export function withCrlf(text: string): string {
  if (!text.includes('\r')) return text.replaceAll('\n', '\r\n')
  return BARE.test(text) ? text.replace(/\r\n|\r|\n/g, '\r\n') : text
}

/** Bytes with every bare CR and bare LF as CRLF, ended by CRLF. Returns the same bytes if nothing has to change. */
export function withCrlfBytes(bytes: Uint8Array): Buffer {
  const endings = lineEndings()
  const parts = [endings.push(bytes), endings.end()].filter((part) => part.length > 0)
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** Turns every bare CR and bare LF of a stream into CRLF. */
export interface LineEndings {
  /** The repaired chunk, or the same chunk if nothing has to change. */
  push(chunk: Uint8Array): Buffer
  /** After the last chunk: what is missing for the content to end with CRLF. Empty if nothing is. */
  end(): Buffer
}

/** {@link LineEndings} for one stream, so that no bare line end can smuggle a second message into a conversation. */
export function lineEndings(): LineEndings {
  let previous = 0
  return {
    push(chunk) {
      if (chunk.length === 0) return asBuffer(chunk)
      const bare = countBare(chunk, previous)
      const result = bare === 0 ? asBuffer(chunk) : repaired(chunk, previous, bare)
      // A CR at the end of a chunk is passed on. Whether an LF is missing shows with the next octet.
      previous = chunk[chunk.length - 1]!
      return result
    },
    end() {
      if (previous === LF) return Buffer.alloc(0)
      return Buffer.from(previous === CR ? '\n' : '\r\n')
    },
  }
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function countBare(chunk: Uint8Array, previous: number): number {
  let bare = 0
  for (let index = 0; index < chunk.length; index++) {
    const octet = chunk[index]!
    if ((octet === LF) !== (previous === CR)) bare++
    previous = octet
  }
  return bare
}

function repaired(chunk: Uint8Array, previous: number, bare: number): Buffer {
  const out = Buffer.allocUnsafe(chunk.length + bare)
  let length = 0
  for (const octet of chunk) {
    if (octet === LF && previous !== CR) out[length++] = CR
    if (octet !== LF && previous === CR) out[length++] = LF
    out[length++] = octet
    previous = octet
  }
  return out
}
