import type { IncomingMessage, ServerResponse } from 'node:http'
import { configError, type Mailer } from '@loudmail/core'
import type { Next } from './next.ts'

declare global {
  namespace Express {
    interface Request {
      /** Sends mail; set by `app.use(mail(mailer))`. */
      mailer: Mailer
    }
  }
}

/**
 * Middleware that gives every later handler `req.mailer`. The mailer stays yours to close.
 *
 * @throws MailError `config/invalid-config` where it is given something else than a Mailer
 */
export function mail(
  mailer: Mailer,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  if (typeof mailer?.send !== 'function' || typeof mailer.sendMany !== 'function')
    throw configError('mail() needs a Mailer: mail(new Mailer({ transport }))')
  return function mailMiddleware(request, _response, next) {
    Object.assign(request, { mailer })
    next()
  }
}
