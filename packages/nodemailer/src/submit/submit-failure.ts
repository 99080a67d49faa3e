import type { Kind, Reply, Scope } from '@loudmail/core'
import {
  parseReply,
  diagnoseConnectionError,
  diagnoseReply,
  parseRetryAfter,
  type MailErrorInit,
} from '@loudmail/core/transport'

/** The outcome of a message that was handed over as a whole. */
export type SubmitFacts = Pick<
  MailErrorInit,
  'kind' | 'summary' | 'scope' | 'permanence' | 'reply' | 'retryAfterMs'
> & {
  readonly stage: 'submit'
  /** `unknown` if it ended without an answer. */
  readonly status: 'rejected' | 'not-attempted' | 'unknown'
}

/** The kinds for the names of AWS errors, those of SES and of request signing. */
const AWS: Readonly<Record<string, Kind>> = {
  TooManyRequestsException: 'rate-limited',
  ThrottlingException: 'rate-limited',
  Throttling: 'rate-limited',
  LimitExceededException: 'rate-limited',
  AccountSuspendedException: 'account-blocked',
  SendingPausedException: 'account-blocked',
  AccessDeniedException: 'bad-credentials',
  AccessDenied: 'bad-credentials',
  UnrecognizedClientException: 'bad-credentials',
  InvalidClientTokenId: 'bad-credentials',
  InvalidSignatureException: 'bad-credentials',
  SignatureDoesNotMatch: 'bad-credentials',
  IncompleteSignature: 'bad-credentials',
  MissingAuthenticationToken: 'bad-credentials',
  ExpiredToken: 'oauth-token',
  ExpiredTokenException: 'oauth-token',
  CredentialsProviderError: 'missing-credentials',
  MailFromDomainNotVerifiedException: 'sender-not-owned',
  MessageRejected: 'rejected',
  BadRequestException: 'rejected',
  NotFoundException: 'invalid-config',
  InternalServiceErrorException: 'server-error',
  ServiceUnavailable: 'service-unavailable',
  ServiceUnavailableException: 'service-unavailable',
}

/** The kinds for the exit statuses of sendmail and compatible programs (sysexits.h). */
const EXIT_CODES: Readonly<Record<number, Kind>> = {
  64: 'invalid-config',
  65: 'content-rejected',
  66: 'rejected',
  67: 'mailbox-unknown',
  68: 'domain-unknown',
  69: 'service-unavailable',
  70: 'server-error',
  71: 'server-error',
  72: 'server-error',
  73: 'server-storage',
  74: 'server-error',
  75: 'server-error',
  76: 'protocol',
  77: 'policy',
  78: 'invalid-config',
  126: 'invalid-config',
  127: 'invalid-config',
}

/** From Sendmail it means that the message is in its queue, from other programs that it is not. */
const EX_TEMPFAIL = 75

/** How sendmail ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
  /** What it wrote to standard error. */
  readonly words: string
}

/** Reads an exit status. It does not say which of several recipients was refused, so the outcome of each is unknown. */
export function exitFailure({ code, signal, words }: Exit, recipientCount: number): SubmitFacts {
  const kind = (code !== null && EXIT_CODES[code]) || 'unexpected'
  const isOfOne = kind === 'mailbox-unknown' || kind === 'domain-unknown'
  const isUncertain = kind === 'unexpected' || code === EX_TEMPFAIL || (isOfOne && recipientCount > 1)
  const how = signal ? `sendmail was killed by ${signal}` : `sendmail ended with exit status ${code}`
  return {
    stage: 'submit',
    kind,
    summary: words === '' ? how : `${how}: ${words}`,
    permanence: permanenceOf(kind),
    status: isUncertain ? 'unknown' : 'rejected',
  }
}

const TRANSIENT: readonly Kind[] = ['rate-limited', 'server-error', 'server-storage', 'service-unavailable']

function permanenceOf(kind: Kind): 'permanent' | 'transient' | undefined {
  if (kind === 'unexpected') return undefined
  return TRANSIENT.includes(kind) ? 'transient' : 'permanent'
}

/** Reads the error of a transport that hands messages to an API or a program. It looks only at names, statuses and codes. */
export function submitFailure(error: unknown): SubmitFacts {
  const { name, code, $metadata, statusCode, status, response, syscall } = (error ?? {}) as Record<
    string,
    unknown
  > & {
    $metadata?: { httpStatusCode?: unknown }
  }
  const aws = [name, code].map((each) => (typeof each === 'string' ? AWS[each] : undefined)).find(Boolean)
  const httpStatus = [$metadata?.httpStatusCode, statusCode, status].find(isStatus)
  const smtp = typeof response === 'string' ? parseReply(response.split(/\r?\n/)) : undefined
  if (smtp && smtp.code >= 400) return { ...answered(diagnoseReply('submit', smtp)), reply: smtp }
  const http = httpStatus === undefined ? {} : httpAnswer(httpStatus, error)
  if (aws) return { ...answered({ kind: aws }), ...http, permanence: permanenceOf(aws) ?? 'permanent' }
  if (httpStatus !== undefined && httpStatus >= 400) {
    // The server failed while it had the request, or its gateway gave up waiting: it may have accepted the message.
    const isInDoubt = httpStatus === 500 || httpStatus === 502 || httpStatus === 504
    const doubt = isInDoubt ? ({ status: 'unknown', permanence: 'unknown' } as const) : {}
    return { ...answered({ kind: httpKind(httpStatus) }), ...http, ...doubt }
  }
  if (typeof syscall === 'string' && syscall.startsWith('spawn'))
    return {
      stage: 'submit',
      kind: 'invalid-config',
      status: 'not-attempted',
      summary: 'the program could not be started',
    }
  return unanswered(error)
}

function answered(facts: { kind: Kind; scope?: Scope; permanence?: 'permanent' | 'transient' }): SubmitFacts {
  return { stage: 'submit', status: 'rejected', ...facts }
}

function unanswered(error: unknown): SubmitFacts {
  const { stage, kind } = diagnoseConnectionError(error) ?? {}
  if (!kind) return { stage: 'submit', kind: 'unexpected', status: 'unknown' }
  // Without a connection nothing can have been delivered.
  const isBefore = stage === 'dns' || stage === 'connect' || stage === 'tls'
  return { stage: 'submit', kind, status: isBefore ? 'not-attempted' : 'unknown' }
}

function httpKind(status: number): Kind {
  if (status === 401 || status === 403) return 'bad-credentials'
  if (status === 404 || status === 405) return 'invalid-config'
  if (status === 408 || status === 504) return 'timeout'
  if (status === 413) return 'message-too-large'
  if (status === 429) return 'rate-limited'
  if (status === 502 || status === 503) return 'service-unavailable'
  return status >= 500 ? 'server-error' : 'rejected'
}

/** In HTTP, unlike in SMTP, 4xx is permanent and 5xx is transient. */
function httpAnswer(
  code: number,
  error: unknown,
): { reply: Reply; permanence: 'permanent' | 'transient'; retryAfterMs: number | undefined } {
  const { message } = error as { message?: unknown }
  const text = typeof message === 'string' ? message.slice(0, 2_000) : ''
  const isTransient = code === 408 || code === 429 || code >= 500
  return {
    reply: { protocol: 'http', code, text },
    permanence: isTransient ? 'transient' : 'permanent',
    retryAfterMs: parseRetryAfter(retryAfterOf(error)),
  }
}

/** The field `Retry-After` of the response that an error of the AWS SDK, of fetch or of an HTTP client has. */
function retryAfterOf(error: unknown): string | undefined {
  const { $response, response, headers } = error as Record<string, { headers?: unknown } | undefined>
  for (const fields of [$response?.headers, response?.headers, headers]) {
    if (typeof fields !== 'object' || fields === null) continue
    const value =
      fields instanceof Headers
        ? fields.get('retry-after')
        : Object.entries(fields).find(([name]) => name.toLowerCase() === 'retry-after')?.[1]
    if (value !== undefined && value !== null) return String(value)
  }
  return undefined
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599
}
