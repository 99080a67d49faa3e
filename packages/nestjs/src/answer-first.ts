import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpAdapterHost } from '@nestjs/core'

/** A request, as Express and Fastify give it to middleware. */
interface Routed extends IncomingMessage {
  readonly originalUrl?: string
}

/** Whether a path can be given to {@link answerFirst}. */
export function isPlainPath(path: unknown): path is string {
  return typeof path === 'string' && /^(?:\/[\w.-]+)+$/.test(path)
}

/**
 * Answers at a path before everything else: as soon as there is an adapter, which in tests is after the modules are made.
 * What is below the path belongs to others.
 */
export function answerFirst(
  adapterHost: HttpAdapterHost,
  path: string,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  adapterHost.init$.subscribe(() => {
    // An application without HTTP has none.
    const adapter = adapterHost.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined | null
    adapter?.use(path, function answerMail(request: Routed, response: ServerResponse, next: () => void) {
      const [called] = (request.originalUrl ?? request.url ?? '').split('?', 1)
      if (called === path || called === `${path}/`) answer(request, response)
      else next()
    })
  })
}
