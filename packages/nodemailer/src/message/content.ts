import { Readable } from 'node:stream'
import type { Content } from '@loudmail/core/transport'

/** Content for nodemailer: bytes if they are in memory, otherwise a stream that opens the content when it is first read. */
export function contentOf(
  content: Content,
  signal: AbortSignal,
  failed: (cause: unknown) => void,
): Buffer | Readable {
  const { bytes } = content
  if (bytes) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Readable.from(read(content, signal, failed), { objectMode: false })
}

async function* read(
  content: Content,
  signal: AbortSignal,
  failed: (cause: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* content.open({ signal })
  } catch (error) {
    failed(error)
    throw error
  }
}

/** Bytes as a stream, so that a long message is sent piece by piece. */
export function streamOf(bytes: Buffer): Readable {
  return Readable.from(pieces(bytes), { objectMode: false })
}

const PIECE = 65_536

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += PIECE) yield bytes.subarray(from, from + PIECE)
}
