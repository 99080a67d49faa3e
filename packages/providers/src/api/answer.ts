/** What a provider answered. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number
  /** The header fields, by name in small letters. */
  readonly headers: Headers
  /** The body, at most {@link MOST_OCTETS} of it, without secrets. */
  readonly text: string
  /** The body as JSON; undefined if it is something else. */
  readonly json: unknown
  /** The body came to its end. Otherwise only the status and the header fields count. */
  readonly isWhole: boolean
}

/** The most octets of an answer that are read. */
const MOST_OCTETS = 1_048_576

/** The fields of a JSON object; those of nothing if it is none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}

/** A text; undefined if it is something else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Reads the body of a response, as far as it comes. */
export async function readBody(
  response: Response,
): Promise<{ text: string; isWhole: boolean; cause?: unknown }> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    // Leaving the loop cancels the rest.
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      if (size > MOST_OCTETS) return { text: decode(chunks), isWhole: false }
      chunks.push(chunk)
    }
    return { text: decode(chunks), isWhole: true }
  } catch (cause) {
    return { text: decode(chunks), isWhole: false, cause }
  }
}

function decode(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString('utf8')
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // The error shows a part of the text.
    return undefined
  }
}
