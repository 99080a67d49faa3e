import type { WebhookError } from '../webhook-error.ts'

/** What the provider is answered. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const COMMON = { 'cache-control': 'no-store' }

/** It was heard. */
export function heard(): Answer {
  return { status: 200, headers: { ...COMMON, 'content-type': 'text/plain; charset=utf-8' }, body: 'OK\n' }
}

/** It was refused: a problem (RFC 9457) with what is wrong and what to do, and nothing of the request. */
export function refused({ status, message, hint, problem }: WebhookError): Answer {
  const allow = problem === 'method' ? { allow: 'POST' } : {}
  return problemAnswer(status, message, hint, allow)
}

/** It could not be handled. Why is told to `onProblem` alone. */
export function failed(): Answer {
  return problemAnswer(500, 'the request could not be handled', 'Send it again later.')
}

function problemAnswer(
  status: number,
  title: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const type = { 'content-type': 'application/problem+json' }
  return {
    status,
    headers: { ...COMMON, ...type, ...headers },
    body: JSON.stringify({ title, status, detail }),
  }
}
