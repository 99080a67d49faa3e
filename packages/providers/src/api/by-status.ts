import type { Kind } from '@loudmail/core'

/** What an HTTP status says, where the provider says no more (RFC 9110 section 15). */
export function kindOfStatus(status: number): Kind {
  if (status < 400) return 'protocol'
  if (status === 401) return 'bad-credentials'
  if (status === 402) return 'account-blocked'
  if (status === 403 || status === 407) return 'policy'
  if (status === 404 || status === 405 || status === 410) return 'invalid-config'
  if (status === 408) return 'timeout'
  if (status === 413) return 'message-too-large'
  if (status === 425 || status === 503) return 'service-unavailable'
  if (status === 429) return 'rate-limited'
  if (status < 500) return status === 400 || status === 422 ? 'invalid-message' : 'rejected'
  return status === 504 ? 'timeout' : 'server-error'
}

/** The server says that it did not do what was asked: its other statuses from 500 say only that something went wrong. */
const DONE_NOTHING: readonly number[] = [501, 503, 505, 511]

/** Whether the provider may have taken the message although it answered with an error. */
export function isInDoubt(status: number): boolean {
  return status >= 500 && !DONE_NOTHING.includes(status)
}
