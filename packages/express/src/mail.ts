import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Mailer } from '@loudmail/core'
import { checkOptions, configError } from '@loudmail/core/transport'
import type { Next } from './next.ts'

declare global {
  namespace Express {
    /** Mailers by name; declare yours here to have them typed: `interface Mailers { marketing: Mailer }`. */
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

export interface MailOptions<Request extends IncomingMessage = IncomingMessage> {
  /** Tells several mailers apart: handlers get `req.mailers.<name>`. @default none: `req.mailer` */
  readonly name?: string | undefined
  /** What observers are told with every event of this request, its id say; asked for when the request sends first. */
  readonly context?: ((request: Request) => Readonly<Record<string, unknown>>) | undefined
  /** What the request sends is ended when its client goes away before the answer. @default false */
  readonly abortOnClose?: boolean | undefined
}

/**
 * Middleware that gives every later handler `req.mailer`. The mailer stays yours to close.
 *
 * @throws MailError `config/invalid-config` where it is given something else than a Mailer
 */
export function mail<Request extends IncomingMessage = IncomingMessage>(
  mailer: Mailer,
  options: MailOptions<Request> = {},
): (request: Request, response: ServerResponse, next: Next) => void {
  if (typeof mailer?.send !== 'function' || typeof mailer.with !== 'function')
    throw configError(
      'mail() needs a Mailer, and makes a middleware: app.use(mail(new Mailer({ transport })))',
    )
  checkOptions(options, 'mail()', ['name', 'context', 'abortOnClose'])
  const { name, context, abortOnClose = false } = options
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw configError('mail() name must be a string, not empty')
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

/** Aborted once the connection is gone before the answer was. */
function whenClosed(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const closed = (): void => {
    if (!response.writableFinished) controller.abort(new Error('The client went away'))
  }
  if (response.closed) closed()
  else response.once('close', closed)
  return controller.signal
}
