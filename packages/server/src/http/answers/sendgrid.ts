import { gatewayFailures, permanent, transient, unknown } from './expectations.ts'
import type { ExpectedFailure, ProviderAnswers, ProviderFailure } from './provider-answer.ts'

const errors = 'https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/errors'
const send = 'https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send'
const troubleshooting =
  'https://support.sendgrid.com/hc/en-us/articles/18322114821403-4XX-API-Errors-and-Troubleshooting-Suggestions'
const headers = { 'Content-Type': 'application/json' }

function refusal(
  name: string,
  status: number,
  message: string,
  expect: ExpectedFailure,
  about: string,
  more: Partial<ProviderFailure> & { field?: string } = {},
): ProviderFailure {
  const { field = null, ...rest } = more
  const body = { errors: [{ message, field, help: null }] }
  return { name, about, status, headers, body, source: errors, expect, ...rest }
}

/** What SendGrid documents for POST /v3/mail/send. Its failures have free text and no codes. */
export const sendgrid: ProviderAnswers = {
  successes: [
    {
      name: 'accepted',
      about: 'The message is accepted, for all its personalizations.',
      request: { method: 'POST', path: '/v3/mail/send' },
      status: 202,
      headers: { 'X-Message-Id': 'sg0001AbCdEfGhIjKlMnOp' },
      body: undefined,
      source: send,
      ids: ['sg0001AbCdEfGhIjKlMnOp'],
    },
  ],
  failures: [
    refusal(
      'invalid-address',
      400,
      'Does not contain a valid address.',
      permanent('invalid-message'),
      'A field does not contain an address.',
      { field: 'personalizations.0.to.0.email' },
    ),
    refusal(
      'missing-content',
      400,
      'The content value must be a string at least one character in length.',
      permanent('invalid-message'),
      'A field is empty or missing.',
      { field: 'content.0.value' },
    ),
    refusal('bad-json', 400, 'Bad Request', permanent('invalid-message'), 'The body is not JSON.'),
    refusal(
      'unauthorized',
      401,
      'The provided authorization grant is invalid, expired, or revoked',
      permanent('bad-credentials'),
      'The key is missing, wrong or deleted.',
    ),
    refusal(
      'not-authorized',
      401,
      'authenticated user is not authorized to send mail',
      permanent('policy'),
      'The key may not send mail.',
      { source: 'https://www.twilio.com/docs/api/errors/60604' },
    ),
    refusal(
      'no-credits',
      401,
      'Maximum credits exceeded',
      permanent('account-blocked'),
      'The account has no credits left. No page has it, but many users report it.',
      { source: troubleshooting },
    ),
    refusal('forbidden', 403, 'access forbidden', permanent('policy'), 'The key may not send.', {
      source: troubleshooting,
    }),
    refusal(
      'sender-identity',
      403,
      'The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
      permanent('sender-not-owned'),
      'The sender is not verified.',
      { field: 'from', source: 'https://www.twilio.com/docs/api/errors/60222' },
    ),
    refusal(
      'temporary-block',
      403,
      'Too many bad requests. Temporary block',
      transient('policy'),
      'The account is blocked for a while, after many wrong requests.',
    ),
    refusal('not-found', 404, 'Not Found', permanent('invalid-config'), 'The path does not exist.'),
    refusal(
      'method-not-allowed',
      405,
      'Method Not Allowed',
      permanent('invalid-config'),
      'The path does not take this method.',
    ),
    refusal(
      'not-acceptable',
      406,
      'Missing Accept header',
      permanent('rejected'),
      'The request has no Accept header.',
    ),
    refusal(
      'payload-too-large',
      413,
      'The JSON payload you have included in your request is too large.',
      permanent('message-too-large'),
      'The message is too large.',
    ),
    refusal(
      'unsupported-media-type',
      415,
      'Unsupported Media Type',
      permanent('rejected'),
      'The body does not have the type that its header says.',
    ),
    refusal(
      'too-many-requests',
      429,
      'too many requests',
      transient('rate-limited'),
      'There were too many requests. The header X-RateLimit-Reset is a time in seconds since 1970, here one that is over.',
      {
        source:
          'https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits',
        headers: {
          ...headers,
          'X-RateLimit-Limit': '600',
          'X-RateLimit-Remaining': '0',
          'X-RateLimit-Reset': '1764244800',
        },
      },
    ),
    refusal(
      'data-residency',
      451,
      'Unavailable due to data residency restrictions',
      permanent('policy'),
      'The account belongs to another region.',
    ),
    refusal(
      'internal-server-error',
      500,
      'Internal Server Error',
      unknown('server-error'),
      'An unexpected error on the side of SendGrid.',
    ),
    refusal(
      'not-available',
      503,
      'Service Not Available',
      transient('service-unavailable'),
      'The API is not available.',
    ),
    ...gatewayFailures,
  ],
}
