import { WebhookError } from '../webhook-error.ts'
import type { WebhookRequest } from '../webhook-source.ts'

/** The value of a header; undefined if it is missing, empty, or there is more than one. */
export function headerOf({ headers }: WebhookRequest, name: string): string | undefined {
  if (!Object.hasOwn(headers, name)) return undefined
  const value = headers[name]
  const only = typeof value === 'string' ? value : value?.length === 1 ? value[0] : undefined
  return only === undefined || only.trim() === '' ? undefined : only.trim()
}

/** @throws WebhookError `unsigned` if one of them is missing */
export function unsigned(provider: string, headers: string): WebhookError {
  return new WebhookError(
    'unsigned',
    `the request does not have what ${provider} signs with: ${headers}`,
    `Only ${provider} may call this address. If this was ${provider}, check that signing is switched on there, and that no proxy removes headers.`,
  )
}

/** @throws WebhookError `signature` */
export function wrongSignature(provider: string, option: string): WebhookError {
  return new WebhookError(
    'signature',
    `the signature is not of ${provider}`,
    `If this was ${provider}, check ${option}: it belongs to one webhook. The body must reach the handler as it was sent.`,
  )
}
