import type { IncomingMessage, ServerResponse } from 'node:http'
import { configError } from '@loudmail/core/transport'
import type { HttpAdapterHost } from '@nestjs/core'

/** A request, as Express and Fastify give it to middleware. */
interface Routed extends IncomingMessage {
  readonly originalUrl?: string
}

/**
 * A path with a slash in front and none at its end, as a request has it; empty for `/`.
 *
 * @throws MailError `config/invalid-config`
 */
export function plainPath(path: unknown, owner: string, example: string): string {
  const found = typeof path === 'string' ? /^(?:\/?([\w.-]+(?:\/[\w.-]+)*)\/?|\/)$/.exec(path) : undefined
  if (!found) throw configError(`${owner} path must look like '${example}', or be '/'`)
  return found[1] === undefined ? '' : `/${found[1]}`
}

/**
 * Answers at a path before everything else, also with a slash at its end: as soon as there is an adapter, which in tests is
 * after the modules are made. What is below the path belongs to others.
 */
export function answerFirst(
  adapterHost: HttpAdapterHost,
  path: string,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  adapterHost.init$.subscribe(() => {
    // An application without HTTP has none.
    const adapter = adapterHost.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined | null
    adapter?.use(function answerMail(request: Routed, response: ServerResponse, next: () => void) {
      const [called] = (request.originalUrl ?? request.url ?? '').split('?', 1)
      if (called === path || called === `${path}/`) answer(request, response)
      else next()
    })
  })
}
