import { base64Length, writeBase64 } from '../encoding/base64.ts'

/** Composed content in memory: text as it is (UTF-8), bytes as they are, or bytes that are still to be base64 lines. */
export type WholePiece = string | Buffer | { readonly base64: Buffer }

/** Composed content that is read while it is sent; `chunks` starts anew each time. */
interface StreamedPiece {
  chunks(reuse: boolean): AsyncIterable<Buffer>
  /** How many octets that will be, where it can be told. */
  readonly octets?: number | undefined
}

export type Piece = WholePiece | StreamedPiece

/** Streams are cut into chunks of at most so many octets. */
const CHUNK_OCTETS = 65_536

/** What {@link CHUNK_OCTETS} hold as base64: 840 whole lines. */
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
    // Latin-1 is the quicker way to write a string that takes one octet a character: it is ASCII.
    if (typeof piece === 'string')
      offset += out.write(piece, offset, octets[index] === piece.length ? 'latin1' : 'utf8')
    else if (Buffer.isBuffer(piece)) offset += piece.copy(out, offset)
    else offset = writeBase64(piece.base64, out, offset)
  }
  return out
}

/**
 * All pieces as a stream with back-pressure. A stream among them is opened when it is its turn, and before what stands
 * in front of it is given: what cannot be opened fails first.
 *
 * @param reuse a chunk need not last longer than until the next is asked for
 */
export async function* streamed(pieces: readonly Piece[], reuse = false): AsyncGenerator<Buffer> {
  let small: WholePiece[] = []
  let octets = 0
  for (const piece of pieces) {
    if (isStreamed(piece)) {
      yield* behind(small, piece.chunks(reuse))
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

/** A stream with something in front of it that is given once the stream is open. */
async function* behind(small: readonly WholePiece[], stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = stream[Symbol.asyncIterator]()
  try {
    let next = await chunks.next()
    if (small.length > 0) yield joined(small)
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

/** The octets of all pieces together; undefined where one of them does not tell. */
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
