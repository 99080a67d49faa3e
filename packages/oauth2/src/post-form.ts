import type { Endpoint } from './options.ts'

/** The parameters of a token request, as RFC 6749 names them. */
export type Form = Readonly<Record<string, string | undefined>>

/** What a token server said, of any kind. */
export interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  /** The JSON object of the answer; undefined if it is something else, or too large for a token. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

const MOST_BYTES = 65_536

/** Posts a form and reads the whole answer within the time-out. */
export async function postForm({ url, timeoutMs }: Endpoint, form: Form): Promise<Answer> {
  const given = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const response = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(given),
    // The form contains secrets: it goes nowhere else.
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  })
  const { status, headers } = response
  return { status, retryAfter: headers.get('retry-after'), body: jsonObject(await textOf(response)) }
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop cancels the rest.
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > MOST_BYTES) return ''
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function jsonObject(text: string): Answer['body'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    // The error shows a part of the text.
    return undefined
  }
}
