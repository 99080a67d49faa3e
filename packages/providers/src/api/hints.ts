import type { Kind } from '@loudmail/core'

const STATUS_PAGE = 'Try again later. If it keeps failing, look at the status page of the provider.'

/** What to do about an answer, or the want of one. What the usual hints say is about SMTP. */
const HINTS: Partial<Record<Kind, string>> = {
  'bad-credentials':
    'Check the key or the token: that all of it was copied, that it was not deleted, and that it is one of this provider. In a URL, percent-encode it.',
  'missing-credentials':
    'Something between this machine and the provider removes the field with the key: check the option `url`, and the proxy.',
  'invalid-config': 'Check the option `url`: what answers there does not know this request.',
  'invalid-message': 'Read the answer in `reply.text`: it names what the provider does not take.',
  policy:
    'Read the answer in `reply.text`. The usual reasons are a key that may not send, and an account or an IP address from which the provider takes no mail.',
  protocol:
    'Something else may answer in place of the provider: check the option `url` if you set it, and the proxy.',
  timeout: 'Try again later. If the connection is only slow, raise `timeouts`.',
  'connection-lost': STATUS_PAGE,
  'rate-limited':
    'Try again later, and send more slowly: `limit()` keeps to a rate. For a higher limit, ask the provider.',
  'server-error': STATUS_PAGE,
  'service-unavailable': STATUS_PAGE,
}

/** What to do, where the provider documents no more. Undefined for the usual hint of the kind. */
export function apiHint(kind: Kind): string | undefined {
  return HINTS[kind]
}
