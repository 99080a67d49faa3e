import type { BlobInput } from './message-input.ts'

export type Stream = AsyncIterable<unknown> | ReadableStream

/** What content may be, for errors. */
const FORMS =
  'Use a string, bytes (a Buffer, a typed array or an ArrayBuffer), a Blob or File, a stream, or a function that returns one of these.'

/** Bytes of any kind, without a copy where that is possible; undefined if it is something else. */
export function bytesOf(input: unknown): Uint8Array | undefined {
  if (input instanceof Uint8Array) return input
  if (typeof input !== 'object' || input === null) return undefined
  // Bytes of another realm, as in tests with Jest, are no instance of this one's classes.
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
  if (process.getBuiltinModule('node:util').types.isAnyArrayBuffer(input)) return new Uint8Array(input)
  return bytesInJson(input)
}

/** Whether the memory of bytes was transferred to somebody else, which leaves nothing of them. */
export function isTransferred({ buffer }: Uint8Array): boolean {
  return 'detached' in buffer && buffer.detached
}

/** What `JSON.stringify` makes of a Buffer, as a queue of jobs passes it on. */
function bytesInJson(input: { type?: unknown; data?: unknown }): Uint8Array | undefined {
  const { type, data } = input
  if (type !== 'Buffer' || !Array.isArray(data)) return undefined
  return data.every(isOctet) ? Buffer.from(data) : undefined
}

function isOctet(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255
}

/** A `Blob` or `File`, also of another library. */
export function isBlob(input: unknown): input is BlobInput & { readonly name?: unknown } {
  const { size, type, stream, arrayBuffer } = (input ?? {}) as Record<string, unknown>
  return (
    typeof size === 'number' &&
    typeof type === 'string' &&
    typeof stream === 'function' &&
    typeof arrayBuffer === 'function'
  )
}

/** A Node stream, a web stream or any other async iterable. */
export function isStream(input: unknown): input is Stream {
  return (
    typeof input === 'object' &&
    input !== null &&
    (Symbol.asyncIterator in input || typeof (input as { getReader?: unknown }).getReader === 'function')
  )
}

/** Why something is not content, and what to pass instead. It never says what is in it. */
export function notContent(input: unknown, what: string): { summary: string; hint: string } {
  const is = (name: string, hint: string) => ({ summary: `${what} is ${name}, not content`, hint })
  if (input === null || input === undefined) return is(String(input), FORMS)
  if (typeof input !== 'object') return is(`a ${typeof input}`, FORMS)
  const { then, href, body, arrayBuffer, type, path } = input as Record<string, unknown>
  if (typeof then === 'function')
    return is(
      'a promise',
      'Await it first, or pass a function that returns it, which is called for every attempt.',
    )
  if (typeof href === 'string') return is('a URL', 'Pass the URL of a file as `path`.')
  if (typeof arrayBuffer === 'function' && 'body' in input)
    return is(
      'a response',
      `Pass its body: ${body === null ? 'this one has none. ' : ''}\`content: async () => { const response = await fetch(url); if (!response.ok) throw new Error(\`HTTP \${response.status}\`); return response.body }\`.`,
    )
  if (type === 'Buffer') return is('a Buffer that was turned into JSON, and is broken', FORMS)
  if (typeof path === 'string')
    return is(
      'an object with a path',
      'Pass the path beside it: `{ path }` instead of `{ content: { path } }`.',
    )
  if (Array.isArray(input)) return is('a list', 'Join its parts first, such as with `Buffer.concat(list)`.')
  return is(
    'an object',
    `${FORMS} Turn other objects into text first, such as with \`JSON.stringify(value)\`.`,
  )
}
