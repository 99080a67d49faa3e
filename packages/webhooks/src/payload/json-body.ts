import { headerOf } from '../signing/header.ts'
import { WebhookError } from '../webhook-error.ts'
import type { WebhookRequest } from '../webhook-source.ts'

/**
 * The body as JSON in UTF-8 (RFC 8259).
 *
 * @throws WebhookError `content-type` if the request says that it is something else, `malformed` if it is not JSON
 */
export function jsonBody(request: WebhookRequest): unknown {
  const type = headerOf(request, 'content-type')
  if (type !== undefined && !/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type))
    throw new WebhookError('content-type', 'the body is not JSON', 'Have the provider send application/json.')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body))
  } catch {
    throw malformed('the body is not JSON in UTF-8')
  }
}

/** A body that is not as the provider documents it. */
export function malformed(summary: string): WebhookError {
  return new WebhookError(
    'malformed',
    summary,
    'Nothing was believed of it. If the provider really sends this, this package has to learn it: please report it.',
  )
}
