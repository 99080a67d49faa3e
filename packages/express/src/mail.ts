import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Mailer } from '@loudmail/core'
import { checkOptions, configError } from '@loudmail/core/transport'
import type { Next } from './next.ts'

declare global {
  namespace Express {
    /** Mailers by name. Declare yours here to give them a type: `interface Mailers { marketing: Mailer }`. */
    interface Mailers {
      readonly [name: string]: Mailer
    }

    interface Request {
      /** Sends mail; set by `app.use(mail(mailer))`. */
      mailer: Mailer
      /** Set by `app.use(mail(marketing, { name: 'marketing' }))`. */
      mailers: Mailers
    }
  }
}

/** The options of {@link mail}. */
export interface MailOptions<Request extends IncomingMessage = IncomingMessage> {
  /** For more than one mailer: handlers use `req.mailers.<name>`. @default none: `req.mailer` */
  readonly name?: string | undefined
  /** Context for the observers of this request's events, such as its id. Called once, when the request first sends. */
  readonly context?: ((request: Request) => Readonly<Record<string, unknown>>) | undefined
  /** Abort the sends of a request if its client disconnects before the response. @default false */
  readonly abortOnClose?: boolean | undefined
}

/**
 * Middleware that gives every later handler `req.mailer`. Closing the mailer is up to you.
 *
 * @throws MailError `config/invalid-config` if `mailer` is not a Mailer or an option is not valid
 */
export function mail<Request extends IncomingMessage = IncomingMessage>(
  mailer: Mailer,
  options: MailOptions<Request> = {},
): (request: Request, response: ServerResponse, next: Next) => void {
  if (typeof mailer?.send !== 'function' || typeof mailer.with !== 'function')
    throw configError(
      'mail() needs a Mailer and returns a middleware: app.use(mail(new Mailer({ transport })))',
    )
  checkOptions(options, 'mail()', { name: true, context: true, abortOnClose: true })
  const { name, context, abortOnClose = false } = options
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw configError('mail() name must be a string that is not empty')
  if (context !== undefined && typeof context !== 'function')
    throw configError('mail() context must be a function of the request')
  if (typeof abortOnClose !== 'boolean') throw configError('mail() abortOnClose must be true or false')
  return function mailMiddleware(request, response, next) {
    let own: Mailer | undefined
    const get = (): Mailer =>
      (own ??=
        context || abortOnClose
          ? mailer.with({
              context: context?.(request),
              signal: abortOnClose ? whenClosed(response) : undefined,
            })
          : mailer)
    const holder = request as Request & { mailers?: object }
    if (name === undefined) Object.defineProperty(request, 'mailer', { get, configurable: true })
    else Object.defineProperty((holder.mailers ??= {}), name, { get, configurable: true, enumerable: true })
    next()
  }
}

/** A signal that aborts if the connection closes before the response is complete. */
function whenClosed(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const closed = (): void => {
    if (!response.writableFinished) controller.abort(new Error('The client disconnected'))
  }
  if (response.closed) closed()
  else response.once('close', closed)
  return controller.signal
}
