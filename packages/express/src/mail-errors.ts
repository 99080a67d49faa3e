import type { IncomingMessage, ServerResponse } from 'node:http'
import { MailError, problemDetails, type ProblemOptions } from '@loudmail/core'
import { checkOptions, configError } from '@loudmail/core/transport'
import type { Next } from './next.ts'

export interface MailErrorsOptions extends ProblemOptions {
  /** Told of every failure that is answered, since the answer does not say why. @default console.error */
  readonly log?: ((error: MailError) => void) | undefined
}

/**
 * Error middleware that answers failed sends with problem details (RFC 9457) and logs why; it comes after the routes.
 * Other errors go on to the next error middleware.
 *
 * @throws MailError `config/invalid-config`
 */
export function mailErrors(
  options: MailErrorsOptions = {},
): (error: unknown, request: IncomingMessage, response: ServerResponse, next: Next) => void {
  if (isRequest(options)) throw configError('mailErrors makes a middleware: app.use(mailErrors())')
  checkOptions(options, 'mailErrors()', ['exposeCode', 'log'])
  const { exposeCode = false, log = console.error } = options
  if (typeof exposeCode !== 'boolean') throw configError('exposeCode must be true or false')
  if (typeof log !== 'function') throw configError('log must be a function')
  return function mailErrorsMiddleware(error, request, response, next) {
    const failure = isMissingMailer(error, request) ? missingMailer(error) : error
    if (!MailError.is(failure)) return next(error)
    // Express ends the connection of an answer that has begun.
    if (response.headersSent) return next(failure)
    log(failure)
    const { status, headers, body } = problemDetails(failure, { exposeCode })
    for (const name of response.getHeaderNames()) if (isOfTheContent(name)) response.removeHeader(name)
    response.writeHead(status, headers).end(JSON.stringify(body))
  }
}

/** Whether Express called it as if it were the middleware. */
function isRequest(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'socket' in options
}

/** Whether a header was meant for the answer that the handler did not come to give. */
function isOfTheContent(name: string): boolean {
  return name.startsWith('content-') || name === 'etag' || name === 'last-modified'
}

/** Whether a handler used `req.mailer` where there is none: V8 names the property that was read. */
function isMissingMailer(error: unknown, request: IncomingMessage): boolean {
  if ('mailer' in request || 'mailers' in request || !(error instanceof TypeError)) return false
  return /\(reading '(?:send|sendMany|verify)'\)/.test(error.message)
}

function missingMailer(cause: unknown): MailError {
  return new MailError({
    stage: 'config',
    kind: 'invalid-config',
    summary: 'req.mailer is not there: app.use(mail(mailer)) must come before the routes that send',
    cause,
  })
}
