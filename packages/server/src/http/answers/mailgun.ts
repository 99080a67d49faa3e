import { gatewayFailures, permanent, transient, unknown } from './expectations.ts'
import type { ExpectedFailure, ProviderAnswers, ProviderFailure, ProviderSuccess } from './provider-answer.ts'

const responses = 'https://documentation.mailgun.com/docs/mailgun/quickstart-guide/responses'
const messages = 'https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages'
const headers = { 'Content-Type': 'application/json' }

function refusal(
  name: string,
  status: number,
  message: string,
  expect: ExpectedFailure,
  about: string,
  more: Partial<ProviderFailure> = {},
): ProviderFailure {
  return { name, about, status, headers, body: { message }, source: responses, expect, ...more }
}

function success(name: string, about: string, path: string): ProviderSuccess {
  const id = `<20261127120000.${name}@sender.example>`
  const body = { id, message: 'Queued. Thank you.' }
  const request = { method: 'POST', path } as const
  return { name, about, request, status: 200, headers, body, source: messages, ids: [id] }
}

/** What Mailgun documents for POST /v3/{domain}/messages and messages.mime. Its failures have free text and no codes. */
export const mailgun: ProviderAnswers = {
  successes: [
    success('accepted', 'The message is accepted.', '/v3/sender.example/messages'),
    success('mime-accepted', 'The message in MIME form is accepted.', '/v3/sender.example/messages.mime'),
  ],
  failures: [
    refusal(
      'missing-parameter',
      400,
      'to parameter is missing',
      permanent('invalid-message'),
      'A parameter is missing.',
    ),
    refusal(
      'invalid-address',
      400,
      "'to' parameter is not a valid address. please check documentation",
      permanent('invalid-message'),
      'A parameter is not an address.',
    ),
    refusal('unauthorized', 401, 'Invalid private key', permanent('bad-credentials'), 'The key is wrong.', {
      source: messages,
    }),
    {
      name: 'unauthorized-text',
      about: 'The key is missing or wrong, and the body is not JSON.',
      status: 401,
      headers: { 'Content-Type': 'text/plain', 'WWW-Authenticate': 'Basic realm="MG API"' },
      body: 'Forbidden',
      source: messages,
      expect: permanent('bad-credentials'),
    },
    refusal(
      'forbidden',
      403,
      'Forbidden',
      permanent('bad-credentials'),
      'The key is wrong, or does not belong to this domain.',
    ),
    refusal(
      'domain-not-allowed',
      403,
      'Domain sender.example is not allowed to send: The domain is unverified and requires DNS configuration. Log in to your control panel to view required DNS records.',
      permanent('policy'),
      'The domain may not send.',
    ),
    refusal(
      'sandbox',
      403,
      'Domain sandbox0001.mailgun.org is not allowed to send: Free accounts are for test purposes only. Please upgrade or add the address to your authorized recipients in Account Settings.',
      permanent('policy'),
      'A sandbox domain may send only to its own recipients.',
    ),
    refusal(
      'domain-not-found',
      404,
      'Domain not found: sender.example',
      transient('invalid-config'),
      'The domain does not exist, or is too new to be known everywhere.',
    ),
    refusal(
      'payload-too-large',
      413,
      'Request Entity Too Large',
      permanent('message-too-large'),
      'The message is too large.',
    ),
    refusal(
      'too-many-requests',
      429,
      'Too many requests',
      transient('rate-limited', { retryAfterMs: 3000 }),
      'There were too many requests.',
      { headers: { ...headers, 'Retry-After': '3' } },
    ),
    refusal(
      'internal-error',
      500,
      'Internal Server Error',
      unknown('server-error'),
      'An unexpected error on the side of Mailgun. Its page says to try again, but the message may have been accepted.',
    ),
    ...gatewayFailures,
  ],
}
