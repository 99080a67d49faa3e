import type { Reading } from '@loudmail/core/transport'
import { base64Length, writeBase64 } from '../encoding/base64.ts'

/** Composed content in memory: text (UTF-8), bytes, or bytes that are not yet encoded as base64 lines. */
export type WholePiece = string | Buffer | { readonly base64: Buffer }

/** Composed content that is read while it is sent; each call of `chunks` starts from the beginning. */
interface StreamedPiece {
  chunks(reading: Reading): AsyncIterable<Buffer>
  /** How many octets that will be, if it is known. */
  readonly octets?: number | undefined
}

export type Piece = WholePiece | StreamedPiece

/** The largest chunk of a stream, in octets. */
const CHUNK_OCTETS = 65_536

/** The input that fits {@link CHUNK_OCTETS} as base64: 840 whole lines. */
export const BASE64_CHUNK_INPUT = 840 * 57

export function isWhole(pieces: readonly Piece[]): pieces is readonly WholePiece[] {
  return pieces.every((piece) => !isStreamed(piece))
}

/** All pieces in one allocation. */
export function joined(pieces: readonly WholePiece[]): Buffer {
  const octets = pieces.map(octetsOf)
  const out = Buffer.allocUnsafe(octets.reduce((sum, each) => sum + each, 0))
  let offset = 0
  for (const [index, piece] of pieces.entries()) {
    // A string with one octet per character is ASCII, and writing it as Latin-1 is faster.
    if (typeof piece === 'string')
      offset += out.write(piece, offset, octets[index] === piece.length ? 'latin1' : 'utf8')
    else if (Buffer.isBuffer(piece)) offset += piece.copy(out, offset)
    else offset = writeBase64(piece.base64, out, offset)
  }
  return out
}

/**
 * All pieces as a stream with back-pressure. A piece that is a stream is opened in its turn, but before the pieces in
 * front of it are passed on: if it cannot be opened, that fails first.
 */
export async function* streamed(pieces: readonly Piece[], reading: Reading = {}): AsyncGenerator<Buffer> {
  let small: WholePiece[] = []
  let octets = 0
  for (const piece of pieces) {
    if (isStreamed(piece)) {
      yield* behind(small, piece.chunks(reading))
      small = []
      octets = 0
      continue
    }
    const more = octetsOf(piece)
    if (octets + more > CHUNK_OCTETS) {
      if (octets > 0) yield joined(small)
      small = []
      octets = 0
    }
    if (more > CHUNK_OCTETS) yield* inChunks(piece)
    else {
      small.push(piece)
      octets += more
    }
  }
  if (octets > 0) yield joined(small)
}

/** A stream with some pieces in front of it, which are passed on once the stream is open. */
async function* behind(small: readonly WholePiece[], stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = stream[Symbol.asyncIterator]()
  try {
    let next = await chunks.next()
    const front = joined(small)
    if (!next.done && front.length + next.value.length <= CHUNK_OCTETS) {
      // Such as the header of a part in front of its content: they go out in one write.
      yield Buffer.concat([front, next.value])
      next = await chunks.next()
    } else if (front.length > 0) yield front
    for (; !next.done; next = await chunks.next()) yield next.value
  } finally {
    await chunks.return?.()
  }
}

function inChunks(piece: WholePiece): Iterable<Buffer> {
  if (typeof piece === 'string') return cut(Buffer.from(piece))
  return Buffer.isBuffer(piece) ? cut(piece) : base64Chunks(piece.base64)
}

/** Bytes in chunks of at most {@link CHUNK_OCTETS}, without a copy. */
export function* cut(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_OCTETS) yield bytes.subarray(at, at + CHUNK_OCTETS)
}

function* base64Chunks(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += BASE64_CHUNK_INPUT) {
    yield joined([{ base64: content.subarray(at, at + BASE64_CHUNK_INPUT) }])
  }
}

/** The octets of all pieces together, or undefined if one of them is unknown. */
export function sizeOf(pieces: readonly Piece[]): number | undefined {
  let size = 0
  for (const piece of pieces) {
    const octets = isStreamed(piece) ? piece.octets : octetsOf(piece)
    if (octets === undefined) return undefined
    size += octets
  }
  return size
}

function octetsOf(piece: WholePiece): number {
  if (typeof piece === 'string') return Buffer.byteLength(piece)
  return Buffer.isBuffer(piece) ? piece.length : base64Length(piece.base64.length)
}

function isStreamed(piece: Piece): piece is StreamedPiece {
  return typeof piece === 'object' && 'chunks' in piece
}
