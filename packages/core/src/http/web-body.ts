import type { BodyLimits } from './node-body.ts'

/** What is needed of a `ReadableStream`. */
interface ByteStream {
  /** Begins to read. */
  getReader(): {
    /** The next octets. */
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
    /** Ends reading. */
    cancel(): Promise<void>
  }
}

/** Reads the body of a request of the web platform, within its limits. @throws what `refuse` returns */
export async function readWebBody(
  stream: ByteStream,
  { maxBytes, timeoutMs, refuse }: BodyLimits,
): Promise<Uint8Array> {
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  let problem: Error | undefined
  const stop = (why: Error): void => {
    problem = why
    // A read that waits then ends.
    reader.cancel().catch(() => {})
  }
  const timer = setTimeout(() => stop(refuse('timeout')), timeoutMs)
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done || !value) break
      length += value.byteLength
      if (length > maxBytes) stop(refuse('too-large'))
      else parts.push(value)
    }
  } catch {
    throw refuse('cut-off')
  } finally {
    clearTimeout(timer)
  }
  if (problem) throw problem
  return Buffer.concat(parts)
}
