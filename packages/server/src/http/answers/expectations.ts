import type { ExpectedFailure, ProviderFailure, ProviderFailureKind } from './provider-answer.ts'

type More = Partial<ExpectedFailure>

/** Somebody has to change something first. */
export function permanent(kind: ProviderFailureKind, more: More = {}): ExpectedFailure {
  return { kind, permanence: 'permanent', delivered: 'none', ...more }
}

/** Nobody has the message, and another attempt may succeed. */
export function transient(kind: ProviderFailureKind, more: More = {}): ExpectedFailure {
  return { kind, permanence: 'transient', delivered: 'none', ...more }
}

/** The message may have been accepted. */
export function unknown(kind: ProviderFailureKind, more: More = {}): ExpectedFailure {
  return { kind, permanence: 'unknown', delivered: 'unknown', ...more }
}

function fromGateway(name: string, about: string, status: number, expect: ExpectedFailure): ProviderFailure {
  const title = `${status} ${about.split(':', 1)[0]!}`
  return {
    name,
    about: `A gateway in front of the API answers with a page of its own. ${about}`,
    status,
    headers: { 'Content-Type': 'text/html' },
    body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
    source: 'RFC 9110 section 15.6',
    expect,
  }
}

/** What any API can answer, because a gateway in front of it does: HTML instead of the API's own form. */
export const gatewayFailures: readonly ProviderFailure[] = [
  fromGateway('gateway-502', 'Bad Gateway: the API gave it no valid answer.', 502, unknown('server-error')),
  fromGateway(
    'gateway-503',
    'Service Unavailable: nothing was passed on.',
    503,
    transient('service-unavailable'),
  ),
  fromGateway('gateway-504', 'Gateway Timeout: the API did not answer in time.', 504, unknown('timeout')),
]
