/** What is used of `fetch`. */
export type SnsFetch = (
  url: string,
  init: { readonly redirect: 'error'; readonly signal: AbortSignal },
) => Promise<Response>

/** How Amazon SNS is asked for something. */
export interface SnsAccess {
  readonly fetch: SnsFetch
  readonly timeoutMs: number
}

/** No certificate is longer, in octets. */
const MOST_OCTETS = 32_768

/** An answer of Amazon SNS. */
export interface SnsAnswer {
  readonly status: number
  /** Undefined if it is too long. */
  readonly body: string | undefined
}

/**
 * Asks Amazon SNS, without following a redirect.
 *
 * @throws Error if there is no answer in time
 */
export async function askSns({ fetch, timeoutMs }: SnsAccess, url: string, what: string): Promise<SnsAnswer> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
    return { status: response.status, body: await boundedText(response) }
  } catch (cause) {
    throw new Error(`Amazon SNS could not be asked for ${what}`, { cause })
  }
}

async function boundedText({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    // Leaving the loop cancels the rest.
    if (length > MOST_OCTETS) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
