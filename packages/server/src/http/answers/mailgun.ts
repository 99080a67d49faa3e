import { gatewayFailures, permanent, transient, unknown } from './expectations.ts'
import type { ExpectedFailure, ProviderAnswers, ProviderFailure, ProviderSuccess } from './provider-answer.ts'

const responses = 'https://documentation.mailgun.com/docs/mailgun/quickstart-guide/responses'
const messages = 'https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages'
/** Texts that a help page of a third party lists with their statuses. */
const texts = 'https://app.modalsupport.com/article/details/ZeRAsZjqowLqb1w85XkX/6gOyYDiJ6VGu3VadmNlu'
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
    refusal(
      'no-content',
      400,
      "Need at least one of 'text' or 'html' parameters specified",
      permanent('invalid-message'),
      'The message has no content.',
      { source: texts },
    ),
    refusal(
      'too-many-options',
      400,
      'Send options (parameters starting with o:, h:, or v:) are limited to 16 kB total',
      permanent('invalid-message'),
      'Headers, variables and options are too long.',
      { source: texts },
    ),
    refusal(
      'too-many-recipients',
      400,
      'Too many recipients; max is 1000',
      permanent('too-many-recipients'),
      'The message has more than 1,000 recipients.',
      { source: texts },
    ),
    refusal(
      'unreadable-form',
      400,
      'malformed multipart/form-data request',
      permanent('invalid-message'),
      'The form cannot be read.',
      { source: texts },
    ),
    refusal(
      'domain-unverified',
      400,
      'Domain sender.example is not allowed to send: The domain is unverified and requires DNS configuration. Log in to your control panel to view required DNS records.',
      permanent('policy'),
      'The domain is not verified.',
      { source: texts },
    ),
    refusal(
      'free-account',
      400,
      'Domain sender.example is not allowed to send: Free accounts are for test purposes only. Please upgrade or add the address to authorized recipients in Account Settings.',
      permanent('policy'),
      'A free account may send only to its own recipients.',
      { source: texts },
    ),
    refusal(
      'account-not-activated',
      400,
      'Domain sender.example is not allowed to send: Please activate your Mailgun account. Check your inbox or log in to your control panel to resend the activation email.',
      permanent('policy'),
      'The account is not activated.',
      { source: texts },
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
      'large-batches',
      403,
      'Domain sender.example is not allowed to send large batches yet',
      permanent('policy'),
      'The domain is too new for large batches.',
      { source: texts },
    ),
    refusal(
      'ip-refused',
      403,
      "Rejected: IP 192.0.2.1 can't be used to send the message",
      permanent('policy'),
      'The account may not use this IP address.',
      { source: texts },
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
      'request size exceeds 52.4MiB limit',
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
      'recipient-limit',
      429,
      'Domain sender.example is not allowed to send: recipient limit exceeded, try again after Mon, 20 Dec 2021 20:33:21 UTC',
      transient('rate-limited'),
      'The domain has sent to too many recipients. The time in the text is over here.',
      { source: texts },
    ),
    refusal(
      'bytes-limit',
      429,
      'Domain sender.example is not allowed to send: bytes limit exceeded, try again after Mon, 20 Dec 2021 20:33:21 UTC',
      transient('rate-limited'),
      'The domain has sent too many octets.',
      { source: texts },
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
