import type { IncomingMessage, ServerResponse } from 'node:http'
import { MailError, problemDetails, type ProblemOptions } from '@loudmail/core'
import { callSafely, checkOptions, configError } from '@loudmail/core/transport'
import type { Next } from './next.ts'

/** The options of {@link mailErrors}. */
export interface MailErrorsOptions extends ProblemOptions {
  /**
   * Called with every failure that is answered, because the response does not say why it failed. If it throws or rejects,
   * a process warning says so and the response stays the same.
   * @default console.error, with one line for an address or a message that is not valid (422)
   */
  readonly log?: ((error: MailError) => unknown) | undefined
}

/**
 * Error middleware that answers failed sends with problem details (RFC 9457) and logs why they failed. Put it after the
 * routes. Other errors go on to the next error middleware.
 *
 * @throws MailError `config/invalid-config`
 */
export function mailErrors(
  options: MailErrorsOptions = {},
): (error: unknown, request: IncomingMessage, response: ServerResponse, next: Next) => void {
  if (isRequest(options)) throw configError('mailErrors() returns a middleware: app.use(mailErrors())')
  checkOptions(options, 'mailErrors()', { exposeCode: true, log: true })
  const { exposeCode = false, log = logToConsole } = options
  if (typeof exposeCode !== 'boolean') throw configError('exposeCode must be true or false')
  if (typeof log !== 'function') throw configError('log must be a function')
  return function mailErrorsMiddleware(error, _request, response, next) {
    // If the response has begun, Express ends the connection.
    if (!MailError.is(error) || response.headersSent) return next(error)
    void callSafely('log() of mailErrors()', () => log(error))
    const { status, headers, body } = problemDetails(error, { exposeCode })
    for (const name of response.getHeaderNames()) if (isOfTheContent(name)) response.removeHeader(name)
    response.writeHead(status, headers).end(JSON.stringify(body))
  }
}

/** A mistyped address is everyday business: one line. Anything else is printed with its stack and its facts. */
function logToConsole(error: MailError): void {
  console.error(problemDetails(error).status === 422 ? `${error.message} - ${error.hint}` : error)
}

/** Whether Express called `mailErrors` itself as the middleware. */
function isRequest(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'socket' in options
}

/** Whether a header describes the content that the handler wanted to send. */
function isOfTheContent(name: string): boolean {
  return name.startsWith('content-') || name === 'etag' || name === 'last-modified'
}
