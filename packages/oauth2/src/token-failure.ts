import { MailError } from '@loudmail/core'
import { diagnoseConnectionError, parseRetryAfter, type Redact } from '@loudmail/core/transport'
import { maskCredentials } from './mask.ts'
import type { Endpoint } from './options.ts'
import { isPassing, remedyFor } from './remedies.ts'
import type { Answer } from './post-form.ts'

const MOST_WORDS = 500

const UNREACHABLE =
  'Check that this machine can connect to the token server over HTTPS. Node uses a proxy only with NODE_USE_ENV_PROXY=1 and HTTPS_PROXY. Then try again.'
const UNTRUSTED =
  'Add the authority that signed the certificate to NODE_EXTRA_CA_CERTS: many companies read HTTPS with an authority of their own. Do not switch verification off.'

function failure(init: {
  summary: string
  hint: string
  isTransient: boolean
  redact: Redact
  retryAfterMs?: number | undefined
  cause?: unknown
}): MailError {
  const { isTransient, ...facts } = init
  const permanence = isTransient ? 'transient' : 'permanent'
  return new MailError({ stage: 'auth', kind: 'oauth-token', permanence, ...facts })
}

/** No complete answer came: the time ran out, or the connection failed. */
export function noAnswer({ url, timeoutMs }: Endpoint, error: unknown, redact: Redact): MailError {
  const { name, cause = error } = error as Error
  if (name === 'TimeoutError') {
    const summary = `the token server ${url.host} did not answer within ${timeoutMs} ms`
    return failure({ summary, hint: UNREACHABLE, isTransient: true, redact })
  }
  const isUntrusted = diagnoseConnectionError(cause)?.kind.startsWith('certificate-') === true
  const { code, message } = cause as { code?: unknown; message?: string }
  const why = typeof code === 'string' ? code : message
  return failure({
    summary: `the connection to the token server ${url.host} failed${why ? `: ${why}` : ''}`,
    hint: isUntrusted ? UNTRUSTED : UNREACHABLE,
    isTransient: !isUntrusted,
    redact,
    cause,
  })
}

/** The token server answered, and gave no token. */
export function refusal({ url }: Endpoint, { status, retryAfter, body }: Answer, redact: Redact): MailError {
  const said = body && wordsOf(body)
  const isTransient = status >= 500 || status === 429 || status === 408 || isPassing(said)
  const retryAfterMs = parseRetryAfter(retryAfter)
  const hint = remedyFor(said, isTransient) + waitOf(retryAfterMs)
  const what =
    said === undefined ? withoutWords(status) : `refused: ${shortened(maskCredentials(redact(said)))}`
  return failure({ summary: `the token server ${url.host} ${what}`, hint, isTransient, retryAfterMs, redact })
}

function withoutWords(status: number): string {
  if (status >= 200 && status < 300) return 'answered without an access token'
  const isRedirect = status >= 300 && status < 400
  return `answered with HTTP status ${status}${isRedirect ? ', a redirect, which is not followed' : ''}`
}

/** For a text without secrets: a part of one would no longer be recognised. */
function shortened(text: string): string {
  return text.length > MOST_WORDS ? `${text.slice(0, MOST_WORDS)}...` : text
}

/** The error code of RFC 6749 section 5.2, the provider's own code, and the description; undefined without any. */
function wordsOf(body: NonNullable<Answer['body']>): string | undefined {
  const { error, error_subtype: subtype, suberror, error_codes: codes, error_description: description } = body
  // Google's other APIs send an object.
  const { status, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >
  const said = description ?? message
  // Microsoft's description begins with the code.
  const code = Array.isArray(codes) && !String(said).includes('AADSTS') ? `AADSTS${codes[0]}` : undefined
  const words = [error, status, subtype ?? suberror, code, said]
  return words.filter((each) => typeof each === 'string' && each !== '').join(': ') || undefined
}

/** The wait as a sentence. */
function waitOf(retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined) return ''
  return ` The token server asks to wait ${Math.ceil(retryAfterMs / 1_000)} seconds.`
}
