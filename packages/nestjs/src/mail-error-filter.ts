import { MailError, problemDetails, type ProblemAnswer, type ProblemOptions } from '@loudmail/core'
import { callSafely, checkOptions, configError } from '@loudmail/core/transport'
import { Catch, Injectable, Logger, Optional, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import { throwError, type Observable } from 'rxjs'

/** The options of {@link MailErrorFilter}. */
export interface MailErrorFilterOptions extends ProblemOptions {}

/**
 * Exception filter that answers failed sends over HTTP with problem details (RFC 9457) and logs why they failed. Other
 * exceptions go to the next filter. The client of a microservice gets only the text of the problem, and the client of a
 * socket gets nothing. In other contexts the failure is thrown again.
 *
 * @throws MailError `config/invalid-config`
 */
@Injectable()
@Catch(MailError)
export class MailErrorFilter implements ExceptionFilter<MailError> {
  readonly #adapterHost: HttpAdapterHost
  readonly #options: MailErrorFilterOptions
  readonly #logger = new Logger('MailErrorFilter')

  constructor(adapterHost: HttpAdapterHost, @Optional() options: MailErrorFilterOptions = {}) {
    checkOptions(options, 'MailErrorFilter', { exposeCode: true })
    if (options.exposeCode !== undefined && typeof options.exposeCode !== 'boolean')
      throw configError('exposeCode must be true or false')
    this.#adapterHost = adapterHost
    this.#options = options
  }

  /** Called by Nest with every MailError that a handler throws. */
  catch(error: MailError, host: ArgumentsHost): void | Observable<never> {
    const context = host.getType<string>()
    // In GraphQL and on the command line, Nest itself reports what is thrown.
    if (context !== 'http' && context !== 'rpc' && context !== 'ws') throw error
    const answer = problemDetails(error, this.#options)
    void callSafely('the logger of MailErrorFilter', () => this.#log(error, answer))
    if (context === 'http') return this.#reply(host.switchToHttp().getResponse(), answer)
    // For a microservice or a socket, nothing catches what a filter throws: it would end the process.
    if (context === 'rpc') return throwError(() => ({ status: 'error', message: answer.body.detail }))
  }

  /** A mistyped address is everyday business: one line, as a warning. */
  #log(error: MailError, { status }: ProblemAnswer): void {
    const line = `${error.message} - ${error.hint}`
    if (status === 422) this.#logger.warn(line)
    else this.#logger.error(line, error.stack)
  }

  #reply(response: unknown, { status, headers, body }: ProblemAnswer): void {
    const { httpAdapter } = this.#adapterHost
    if (httpAdapter.isHeadersSent(response)) return void httpAdapter.end(response)
    for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value)
    httpAdapter.reply(response, JSON.stringify(body), status)
  }
}
