/** The answer to a request. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** The page may use its own script, style and frame, and nothing from elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join('; ')

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-frame-options': 'SAMEORIGIN',
} as const

/** An answer that is safe to open in a browser. */
export function answer(
  status: number,
  type: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers: { ...HEADERS, 'content-type': type, ...headers }, body }
}

export function textAnswer(status: number, text: string, headers?: Readonly<Record<string, string>>): Answer {
  return answer(status, 'text/plain; charset=utf-8', `${text}\n`, headers)
}

export function jsonAnswer(body: object): Answer {
  return answer(200, 'application/json', `${JSON.stringify(body, undefined, 2)}\n`)
}

/** Sends the browser to another page. */
export function redirect(location: string): Answer {
  return textAnswer(303, location, { location })
}
