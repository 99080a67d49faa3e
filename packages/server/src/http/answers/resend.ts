import { gatewayFailures, permanent, transient, unknown } from './expectations.ts'
import type { ExpectedFailure, ProviderAnswers, ProviderFailure } from './provider-answer.ts'

const errors = 'https://resend.com/docs/api-reference/errors'
const send = 'https://resend.com/docs/api-reference/emails/send-email'
const sendBatch = 'https://resend.com/docs/api-reference/emails/send-batch-emails'

/** The headers that every answer has: at most 2 requests a second. */
const headers = { 'ratelimit-limit': '2', 'ratelimit-remaining': '1', 'ratelimit-reset': '1' }

function refusal(
  status: number,
  name: string,
  message: string,
  expect: ExpectedFailure,
  about: string,
  more: Partial<ProviderFailure> = {},
): ProviderFailure {
  const body = { statusCode: status, name, message }
  return { name: name.replaceAll('_', '-'), about, status, headers, body, source: errors, expect, ...more }
}

/** What Resend documents for POST /emails and POST /emails/batch. */
export const resend: ProviderAnswers = {
  successes: [
    {
      name: 'accepted',
      about: 'The message is accepted.',
      request: { method: 'POST', path: '/emails' },
      status: 200,
      headers,
      body: { id: '6b1c2d3e-0001-4a5b-8c9d-e0f1a2b3c4d5' },
      source: send,
      ids: ['6b1c2d3e-0001-4a5b-8c9d-e0f1a2b3c4d5'],
    },
    {
      name: 'batch-accepted',
      about: 'Both messages of a batch are accepted.',
      batch: true,
      request: { method: 'POST', path: '/emails/batch' },
      status: 200,
      headers,
      body: {
        data: [
          { id: '6b1c2d3e-0002-4a5b-8c9d-e0f1a2b3c4d5' },
          { id: '6b1c2d3e-0003-4a5b-8c9d-e0f1a2b3c4d5' },
        ],
      },
      source: sendBatch,
      ids: ['6b1c2d3e-0002-4a5b-8c9d-e0f1a2b3c4d5', '6b1c2d3e-0003-4a5b-8c9d-e0f1a2b3c4d5'],
    },
  ],
  failures: [
    refusal(
      400,
      'invalid_idempotency_key',
      'The idempotency key has 300 characters; 256 are allowed.',
      permanent('invalid-message'),
      'The idempotency key is empty or has more than 256 characters.',
    ),
    refusal(
      400,
      'validation_error',
      'The field `to` is not valid.',
      permanent('invalid-message'),
      'A field of the request is not valid.',
    ),
    refusal(
      400,
      'validation_error',
      'API key is invalid',
      permanent('bad-credentials'),
      'The Authorization header does not contain a key.',
      { name: 'key-invalid-400' },
    ),
    refusal(
      401,
      'missing_api_key',
      'Missing API Key',
      permanent('missing-credentials'),
      'The request has no Authorization header.',
    ),
    refusal(
      401,
      'restricted_api_key',
      'This API key is restricted to only send emails.',
      permanent('policy'),
      'The key may not do what was asked.',
    ),
    refusal(
      401,
      'validation_error',
      'API key is invalid',
      permanent('bad-credentials'),
      'The key does not exist or was deleted.',
      { name: 'key-invalid-401' },
    ),
    refusal(
      403,
      'invalid_api_key',
      'API key is invalid',
      permanent('bad-credentials'),
      'The key is not valid. Older pages give this status.',
    ),
    refusal(
      403,
      'validation_error',
      'You can only send testing emails to your own email address (owner@sender.example).',
      permanent('sender-not-owned'),
      'The sender is the test domain of Resend, which reaches only the owner of the account.',
      { name: 'testing-domain' },
    ),
    refusal(
      403,
      'validation_error',
      'The sender.example domain is not verified. Please, add and verify your domain.',
      permanent('sender-not-owned'),
      'The domain of the sender is not verified.',
      { name: 'domain-not-verified' },
    ),
    refusal(
      403,
      'suspended_api_key',
      'This API key is suspended.',
      permanent('bad-credentials'),
      'The key is suspended.',
    ),
    {
      name: 'no-user-agent',
      about: 'A firewall in front of the API refuses a request without a User-Agent header.',
      status: 403,
      headers: { 'Content-Type': 'text/plain' },
      body: 'error code: 1010',
      source: 'https://resend.com/docs/api-reference/introduction',
      expect: permanent('policy'),
    },
    refusal(
      404,
      'not_found',
      'The requested endpoint does not exist.',
      permanent('invalid-config'),
      'The path of the request does not exist.',
    ),
    refusal(
      405,
      'method_not_allowed',
      'Method is not allowed for the requested path.',
      permanent('invalid-config'),
      'The path does not take this method.',
    ),
    refusal(
      409,
      'invalid_idempotent_request',
      'Same idempotency key used with a different request payload.',
      permanent('invalid-message'),
      'The key was used for a request with another body.',
    ),
    refusal(
      409,
      'concurrent_idempotent_requests',
      'Same idempotency key used while original request is still in progress.',
      unknown('rejected'),
      'A request with the same key is in progress, and may be accepted.',
    ),
    refusal(
      422,
      'invalid_attachment',
      'Attachment must have either a `content` or `path`.',
      permanent('invalid-message'),
      'An attachment has neither content nor a path.',
    ),
    refusal(
      422,
      'invalid_from_address',
      'Invalid `from` field.',
      permanent('invalid-message'),
      'The sender is not an address.',
    ),
    refusal(
      422,
      'invalid_access',
      'Access must be "full_access" | "sending_access".',
      permanent('invalid-message'),
      'The value of a field is not one of those that exist.',
    ),
    refusal(
      422,
      'invalid_parameter',
      'The `parameter` must be a valid UUID.',
      permanent('invalid-message'),
      'A parameter is not a UUID.',
    ),
    refusal(
      422,
      'invalid_region',
      'Region must be "us-east-1" | "eu-west-1" | "sa-east-1".',
      permanent('invalid-config'),
      'The region does not exist.',
    ),
    refusal(
      422,
      'missing_required_field',
      'The request body is missing one or more required fields.',
      permanent('invalid-message'),
      'A required field is missing.',
    ),
    refusal(
      429,
      'rate_limit_exceeded',
      'Too many requests. You can only make 2 requests per second.',
      transient('rate-limited', { retryAfterMs: 1000 }),
      'There were too many requests in this second.',
      { headers: { ...headers, 'ratelimit-remaining': '0', 'retry-after': '1' } },
    ),
    refusal(
      429,
      'daily_quota_exceeded',
      'You have reached your daily email sending quota.',
      transient('rate-limited'),
      'The daily quota is used up.',
    ),
    refusal(
      429,
      'monthly_quota_exceeded',
      'You have reached your monthly email sending quota.',
      transient('rate-limited'),
      'The monthly quota is used up.',
    ),
    refusal(
      451,
      'security_error',
      'We may have found a security issue with the request.',
      permanent('policy'),
      'The request looks dangerous to Resend.',
    ),
    refusal(
      500,
      'application_error',
      'An unexpected error occurred.',
      unknown('server-error'),
      'An unexpected error on the side of Resend.',
    ),
    refusal(
      500,
      'internal_server_error',
      'An unexpected error occurred.',
      unknown('server-error'),
      'An unexpected error on the side of Resend.',
    ),
    {
      name: 'batch-permissive',
      about:
        'A batch with x-batch-validation: permissive: the first message is accepted, the second refused.',
      batch: true,
      status: 200,
      headers,
      body: {
        data: [{ id: '6b1c2d3e-0004-4a5b-8c9d-e0f1a2b3c4d5' }],
        errors: [{ index: 1, message: 'The `to` field is missing.' }],
      },
      source: sendBatch,
      expect: { ...permanent('invalid-message'), messages: ['accepted', permanent('invalid-message')] },
    },
    ...gatewayFailures,
  ],
}
