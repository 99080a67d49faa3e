import { configError } from '@loudmail/core/transport'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

/**
 * Wraps an async handler, so that an error that it rejects with reaches the error middleware on Express 4 and 5 and never
 * ends the process.
 */
export function handler<Params = Request['params']>(
  handle: (request: Request<Params>, response: Response, next: NextFunction) => unknown,
): RequestHandler<Params> {
  if (typeof handle !== 'function')
    throw configError('handler() needs a function: handler(async (req, res) => …)')
  return async function asyncHandler(request, response, next) {
    try {
      await handle(request, response, next)
    } catch (error) {
      // Express treats a falsy error as "continue".
      next(error || new Error('The handler rejected without an error', { cause: error }))
    }
  }
}
