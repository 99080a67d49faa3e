import { bytesOf, isBlob, isStream, notContent, type Stream } from './content-forms.ts'
import type { Reading } from './message.ts'

/** Content that is not content, or not any more: another attempt cannot read it either. */
export class ContentError extends TypeError {
  readonly code = 'ERR_CONTENT'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/**
 * The content that a function opens.
 *
 * @throws ContentError if the function returns no content, or a stream of something else than bytes and strings
 */
export async function* contentChunks(
  open: () => unknown,
  field: string,
  { signal }: Reading = {},
): AsyncGenerator<Uint8Array> {
  let opened = await open()
  const whole = typeof opened === 'string' ? Buffer.from(opened) : bytesOf(opened)
  if (whole) {
    yield whole
    return
  }
  if (isBlob(opened)) opened = opened.stream()
  if (!isStream(opened)) {
    const { summary, hint } = notContent(opened, `what the function in ${field} returns`)
    throw new ContentError(summary, hint)
  }
  const source = closable(opened)
  // It may wait for a chunk that never arrives. Then only closing it from outside ends it.
  if (signal?.aborted) source.close()
  else signal?.addEventListener('abort', source.close)
  let half = ''
  try {
    for await (const chunk of source.chunks) {
      if (typeof chunk === 'string') {
        // A character beyond U+FFFF has two halves, and may be cut between them.
        const text = half + chunk
        half = /[\uD800-\uDBFF]$/.exec(text)?.[0] ?? ''
        yield Buffer.from(half === '' ? text : text.slice(0, -1))
        continue
      }
      const bytes = bytesOf(chunk)
      if (!bytes)
        throw new ContentError(
          `${field} returned a chunk that is neither bytes nor a string`,
          'A stream of objects cannot be attached: turn each of them into text or bytes first.',
        )
      yield bytes
    }
    if (half !== '') yield Buffer.from(half)
  } finally {
    signal?.removeEventListener('abort', source.close)
  }
}

interface Closable {
  readonly chunks: AsyncIterable<unknown>
  readonly close: () => void
}

/** A stream that can be closed while somebody waits for its next chunk. */
function closable(opened: Stream): Closable {
  const { destroy } = opened as { destroy?: unknown }
  if (typeof destroy === 'function' && Symbol.asyncIterator in opened)
    return { chunks: opened as AsyncIterable<unknown>, close: () => void destroy.call(opened) }
  if ('getReader' in opened) {
    const reader = opened.getReader() as ReadableStreamDefaultReader
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
