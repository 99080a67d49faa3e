import type { BodyLimits } from '@loudmail/core/transport'

/** Why a request is refused, and the status of the answer. */
const STATUSES = {
  token: 400,
  method: 405,
  timeout: 408,
  'too-large': 413,
  'content-type': 415,
  'read-before': 400,
  malformed: 400,
  'not-confirmed': 400,
} as const

/** Why a request is refused: `token` is a link that does not work, `not-confirmed` a POST that does not say to unsubscribe. */
export type UnsubscribeProblem = keyof typeof STATUSES

/** A request that unsubscribes nobody. */
export class UnsubscribeError extends Error {
  /** Always `UnsubscribeError`. */
  override readonly name = 'UnsubscribeError'
  /** Why. */
  readonly problem: UnsubscribeProblem
  /** The HTTP status of the answer. */
  readonly status: number
  /** What to do about it. */
  readonly hint: string

  /** @param summary what is wrong, without the words of the request */
  constructor(problem: UnsubscribeProblem, summary: string, hint: string) {
    super(summary)
    this.problem = problem
    this.status = STATUSES[problem]
    this.hint = hint
  }
}

/** @throws UnsubscribeError `too-large` */
export function tooLarge(maxBytes: number): UnsubscribeError {
  return new UnsubscribeError(
    'too-large',
    `the body is longer than ${maxBytes} octets`,
    'A request to unsubscribe has less than 300. Raise maxBytes if a mail program needs more.',
  )
}

/** How a body is read, and what is thrown. */
export function limitsOf(maxBytes: number, timeoutMs: number): BodyLimits {
  const refuse: BodyLimits['refuse'] = (why) =>
    why === 'too-large' ? tooLarge(maxBytes) : why === 'timeout' ? tooSlow(timeoutMs) : cutOff()
  return { maxBytes, timeoutMs, refuse }
}

function tooSlow(timeoutMs: number): UnsubscribeError {
  return new UnsubscribeError(
    'timeout',
    `the body did not arrive within ${timeoutMs} ms`,
    'Send it again, or raise bodyTimeoutMs.',
  )
}

function cutOff(): UnsubscribeError {
  return new UnsubscribeError(
    'malformed',
    'the connection ended before the whole body arrived',
    'Send it again.',
  )
}

/** @throws UnsubscribeError `read-before` */
export function readBefore(): UnsubscribeError {
  return new UnsubscribeError(
    'read-before',
    'the body was read before the handler got it, and nobody left what was in it',
    'Mount the handler before what reads the body, or let express.urlencoded() read it, which leaves it in request.body.',
  )
}
