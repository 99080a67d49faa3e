import { MailError } from '../failure/mail-error.ts'
import type { ContentInput } from './message-input.ts'
import type { Content, Reading } from './message.ts'

/** Content, and whether it can be read again. */
export type ContentSource = Content & { replayable: () => boolean }

/** How many octets of a file are read at once. */
const READ_SIZE = 262_144

export const always = (): boolean => true

/** A file that is opened for every attempt. */
export function fileSource(path: string): ContentSource {
  const open = ({ reuse = false }: Reading = {}) => fileChunks(path, reuse)
  const size = (): number | undefined => {
    const found = process.getBuiltinModule('node:fs').statSync(path)
    if (found.isDirectory()) throw new Error(`${path} is a folder`)
    return found.isFile() ? found.size : undefined
  }
  return { open, size, replayable: always }
}

async function* fileChunks(path: string, reuse: boolean): AsyncGenerator<Uint8Array> {
  const file = await process.getBuiltinModule('node:fs').promises.open(path)
  try {
    let buffer: Buffer | undefined
    for (;;) {
      buffer = reuse && buffer ? buffer : Buffer.allocUnsafeSlow(READ_SIZE)
      const { bytesRead } = await file.read(buffer, 0, READ_SIZE)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/**
 * Turns the content that people write into content that can be opened.
 *
 * @throws MailError `compose/invalid-message` if it is not content
 */
export function contentSource(input: ContentInput | undefined, field: string): ContentSource {
  if (typeof input === 'string' || input instanceof Uint8Array) {
    const bytes = typeof input === 'string' ? Buffer.from(input, 'utf8') : input
    return { bytes, replayable: always, open: () => once(bytes) }
  }
  if (typeof input === 'function')
    return { replayable: always, open: (reading) => chunks(input, field, reading) }
  if (typeof input === 'object' && input !== null && Symbol.asyncIterator in input) {
    let read = false
    return {
      replayable: () => !read,
      open(reading) {
        if (read)
          throw new MailError({
            stage: 'compose',
            kind: 'attachment',
            permanence: 'permanent',
            summary: `${field} is a stream that was already read`,
          })
        read = true
        return chunks(() => input, field, reading)
      },
    }
  }
  throw new MailError({
    stage: 'compose',
    kind: 'invalid-message',
    summary: `${field} must be a string, bytes, a stream or a function that opens one`,
  })
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* chunks(
  open: Extract<ContentInput, () => unknown>,
  field: string,
  { signal }: Reading = {},
): AsyncGenerator<Uint8Array> {
  const opened = await open()
  if (typeof opened === 'string' || opened instanceof Uint8Array) {
    yield typeof opened === 'string' ? Buffer.from(opened, 'utf8') : opened
    return
  }
  if (typeof opened !== 'object' || opened === null || !(Symbol.asyncIterator in opened)) {
    throw new TypeError(`the function in ${field} did not return a stream`)
  }
  const source = closable(opened)
  // It may wait for a chunk that never arrives. Then only closing it from outside ends it.
  if (signal?.aborted) source.close()
  else signal?.addEventListener('abort', source.close)
  try {
    for await (const chunk of source.chunks) {
      if (typeof chunk === 'string') yield Buffer.from(chunk, 'utf8')
      else if (chunk instanceof Uint8Array) yield chunk
      else throw new TypeError(`${field} returned a chunk that is neither bytes nor a string`)
    }
  } finally {
    signal?.removeEventListener('abort', source.close)
  }
}

interface Closable {
  readonly chunks: AsyncIterable<unknown>
  readonly close: () => void
}

/** A stream that can be closed while somebody waits for its next chunk. */
function closable(opened: AsyncIterable<unknown>): Closable {
  const { destroy } = opened as { destroy?: unknown }
  if (typeof destroy === 'function') return { chunks: opened, close: () => void destroy.call(opened) }
  if (opened instanceof ReadableStream) {
    const reader = opened.getReader()
    return { chunks: chunksOf(reader), close: () => void reader.cancel().catch(() => {}) }
  }
  const iterator = opened[Symbol.asyncIterator]()
  const close = (): void => void Promise.resolve(iterator.return?.()).catch(() => {})
  return { chunks: { [Symbol.asyncIterator]: () => iterator }, close }
}

async function* chunksOf(reader: ReadableStreamDefaultReader): AsyncGenerator {
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}
