import type { HttpAnswer } from '@loudmail/core/transport'
import type { UnsubscribeError } from './unsubscribe-error.ts'

/** The address of the page contains the token: no copy of it is kept, and no other site is told. */
const COMMON = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
}
/** No script, no frame, and its form goes nowhere else. A page of one's own may have styles and pictures. */
const PAGE = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}

/** A page. */
export function shown(status: number, html: string): HttpAnswer {
  return { status, headers: { ...COMMON, ...PAGE }, body: html }
}

/** A problem (RFC 9457) with what is wrong and what to do, and nothing of the request. */
export function refused({ status, message, hint, problem }: UnsubscribeError): HttpAnswer {
  return {
    status,
    headers: {
      ...COMMON,
      'content-type': 'application/problem+json',
      ...(problem === 'method' && { allow: 'GET, HEAD, POST' }),
    },
    body: JSON.stringify({ title: message, status, detail: hint }),
  }
}
