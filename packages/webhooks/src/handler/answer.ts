import type { HttpAnswer } from '@loudmail/core/transport'
import type { WebhookError } from '../webhook-error.ts'

const COMMON = { 'cache-control': 'no-store' }

/** It was heard. */
export function heard(): HttpAnswer {
  return { status: 200, headers: { ...COMMON, 'content-type': 'text/plain; charset=utf-8' }, body: 'OK\n' }
}

/** It was refused: a problem (RFC 9457) with what is wrong and what to do, and nothing of the request. */
export function refused({ status, message, hint, problem }: WebhookError): HttpAnswer {
  const allow = problem === 'method' ? { allow: 'POST' } : {}
  return problemAnswer(status, message, hint, allow)
}

/** It could not be handled. Why is told to `onProblem` alone. */
export function failed(): HttpAnswer {
  return problemAnswer(500, 'the request could not be handled', 'Send it again later.')
}

function problemAnswer(
  status: number,
  title: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const type = { 'content-type': 'application/problem+json' }
  return {
    status,
    headers: { ...COMMON, ...type, ...headers },
    body: JSON.stringify({ title, status, detail }),
  }
}
