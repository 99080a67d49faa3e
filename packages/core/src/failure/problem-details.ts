import type { MailError } from './mail-error.ts'
import type { FailureCode, Kind } from './vocabulary.ts'

/** The body of an HTTP response to a failure (RFC 9457). It contains nothing from the server or from the message. */
export interface ProblemDetails {
  /** The type of problems that have nothing but a status (RFC 9457 section 4.2.1). */
  readonly type: 'about:blank'
  /** The phrase of the status, as RFC 9457 section 4.2.1 requires. */
  readonly title: string
  /** The HTTP status, once more. */
  readonly status: number
  /** The same text for every failure with this status. */
  readonly detail: string
  /** For finding the failure in the logs; missing if no message could be built. */
  readonly messageId?: string
  /** Only with `exposeCode`. */
  readonly code?: FailureCode
}

/** A complete HTTP response, for any framework. */
export interface ProblemAnswer {
  /** The HTTP status: 422, 502, 503 or 504. */
  readonly status: number
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** To be sent as JSON. */
  readonly body: ProblemDetails
}

/** What an HTTP response may say about a failure. */
export interface ProblemOptions {
  /** Include the `stage/kind` of the failure, which also shows strangers which addresses exist. @default false */
  readonly exposeCode?: boolean | undefined
}

const RETRY_AFTER_SECONDS = 60

const PROBLEMS = {
  422: ['Unprocessable Content', 'The mail was not sent: its address or content is not valid.'],
  502: ['Bad Gateway', 'The mail was not sent, or not to everybody.'],
  503: ['Service Unavailable', 'The mail was not sent. It can be tried again later.'],
  504: ['Gateway Timeout', 'The mail may or may not have been sent.'],
} as const

/** Kinds that mean that the request itself is not valid. */
const INVALID: ReadonlySet<Kind> = new Set<Kind>([
  'invalid-address',
  'invalid-message',
  'no-recipients',
  'header-injection',
])

/** The HTTP response to a failed send: 422, 503 with Retry-After, 504 (which never invites to try again) or 502. */
export function problemDetails(error: MailError, options: ProblemOptions = {}): ProblemAnswer {
  const status = statusOf(error)
  const [title, detail] = PROBLEMS[status]
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(status === 503 && { 'retry-after': String(retryAfterSeconds(error)) }),
    },
    body: {
      type: 'about:blank',
      title,
      status,
      detail,
      ...(error.messageId !== undefined && { messageId: error.messageId }),
      ...(options.exposeCode === true && { code: error.code }),
    },
  }
}

/** As long as the server asks, at most a day, or else a minute. */
function retryAfterSeconds({ retryAfterMs }: MailError): number {
  return retryAfterMs === undefined ? RETRY_AFTER_SECONDS : Math.ceil(retryAfterMs / 1_000)
}

function statusOf(error: MailError): keyof typeof PROBLEMS {
  if (error.delivered === 'unknown') return 504
  if (error.stage === 'compose' && INVALID.has(error.kind)) return 422
  return error.permanence === 'transient' && error.delivered === 'none' ? 503 : 502
}
