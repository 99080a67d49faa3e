import { gatewayFailures, permanent, transient, unknown } from './expectations.ts'
import type { ExpectedFailure, ProviderAnswers, ProviderFailure } from './provider-answer.ts'

const send = 'https://developers.brevo.com/reference/sendtransacemail'
const idempotency = 'https://developers.brevo.com/docs/heterogenous-versions-batch-emails'
const limits = 'https://developers.brevo.com/docs/limit-headers'
const headers = { 'Content-Type': 'application/json' }

function refusal(
  code: string,
  status: number,
  message: string,
  expect: ExpectedFailure,
  about: string,
  more: Partial<ProviderFailure> = {},
): ProviderFailure {
  const name = code.replaceAll('_', '-')
  return { name, about, status, headers, body: { code, message }, source: send, expect, ...more }
}

/** What Brevo documents for POST /v3/smtp/email. The code in the body names the failure. */
export const brevo: ProviderAnswers = {
  successes: [
    {
      name: 'accepted',
      about: 'The message is accepted.',
      request: { method: 'POST', path: '/v3/smtp/email' },
      status: 201,
      headers,
      body: { messageId: '<202611271200.00000000001@smtp-relay.mailin.fr>' },
      source: send,
      ids: ['<202611271200.00000000001@smtp-relay.mailin.fr>'],
    },
    {
      name: 'batch-accepted',
      about: 'Both versions of a message (messageVersions) are accepted.',
      batch: true,
      request: { method: 'POST', path: '/v3/smtp/email' },
      status: 201,
      headers,
      body: {
        messageIds: [
          '<202611271200.00000000002.1@smtp-relay.mailin.fr>',
          '<202611271200.00000000002.2@smtp-relay.mailin.fr>',
        ],
      },
      source: send,
      ids: [
        '<202611271200.00000000002.1@smtp-relay.mailin.fr>',
        '<202611271200.00000000002.2@smtp-relay.mailin.fr>',
      ],
    },
    {
      name: 'scheduled',
      about: 'The message is accepted, and sent at the time that the request says.',
      request: { method: 'POST', path: '/v3/smtp/email' },
      status: 202,
      headers,
      body: {
        messageId: '<202611271200.00000000003@smtp-relay.mailin.fr>',
        batchId: '8d3e4f5a-0001-4c5d-8e9f-a0b1c2d3e4f5',
      },
      source: send,
      ids: ['<202611271200.00000000003@smtp-relay.mailin.fr>'],
    },
  ],
  failures: [
    refusal(
      'invalid_parameter',
      400,
      'email is not valid in to',
      permanent('invalid-message'),
      'A parameter is not valid.',
    ),
    refusal(
      'invalid_parameter',
      400,
      'Sending has been rejected because the sender you used alice@sender.example is not valid. Validate your sender or authenticate your domain',
      permanent('sender-not-owned'),
      'The sender is not verified.',
      { name: 'sender-not-valid' },
    ),
    refusal(
      'missing_parameter',
      400,
      'sender is missing',
      permanent('invalid-message'),
      'A parameter is missing.',
    ),
    refusal(
      'out_of_range',
      400,
      'A value is out of range',
      permanent('invalid-message'),
      'A value is too large or too small.',
    ),
    refusal(
      'bad_request',
      400,
      'Input must be a valid JSON object',
      permanent('invalid-message'),
      'The body is not JSON.',
    ),
    refusal(
      'duplicate_parameter',
      400,
      'The idempotencyKey was used already',
      unknown('rejected'),
      'A request with the same idempotencyKey was accepted less than 30 minutes ago. If it was this message, it is on its way.',
      { source: idempotency },
    ),
    refusal('unauthorized', 401, 'Key not found', permanent('bad-credentials'), 'The key is wrong.'),
    refusal(
      'duplicate_request',
      400,
      'The request was sent already',
      unknown('rejected'),
      'The same request was made a moment ago. If it was for this message, it is on its way.',
    ),
    refusal(
      'unauthorized',
      401,
      'authentication not found in headers',
      permanent('missing-credentials'),
      'The request has no api-key header.',
      { name: 'no-key' },
    ),
    refusal(
      'unauthorized',
      401,
      'We have detected you are using an unrecognised IP address 192.0.2.1. If you performed this action make sure to add the new IP address in this link: https://app.brevo.com/security/authorised_ips',
      permanent('policy'),
      'The IP address of the client is not allowed.',
      { name: 'unrecognised-ip' },
    ),
    refusal(
      'not_enough_credits',
      402,
      'Not enough credits to send',
      permanent('account-blocked'),
      'The account has no credits left.',
    ),
    refusal('permission_denied', 403, 'Permission denied', permanent('policy'), 'The key may not do that.'),
    refusal(
      'permission_denied',
      403,
      'Unable to send email. Your SMTP account is not yet activated. Please contact us to request activation',
      permanent('account-blocked'),
      'The account is not activated.',
      { name: 'not-activated' },
    ),
    refusal(
      'account_under_validation',
      402,
      'Your account is under validation',
      permanent('account-blocked'),
      'The account waits for approval.',
    ),
    refusal(
      'reseller_permission_denied',
      403,
      'Permission denied',
      permanent('policy'),
      'The account of the reseller does not allow that.',
    ),
    refusal(
      'document_not_found',
      404,
      'The template does not exist',
      permanent('invalid-message'),
      'The template, or another object that the message names, does not exist.',
    ),
    refusal(
      'method_not_allowed',
      405,
      'Method not allowed',
      permanent('invalid-config'),
      'The path does not take this method.',
    ),
    refusal(
      'not_acceptable',
      406,
      'Not acceptable',
      permanent('rejected'),
      'The Accept header names a type that Brevo does not have.',
    ),
    refusal(
      'too_many_requests',
      429,
      'Too many requests',
      transient('rate-limited', { retryAfterMs: 4000 }),
      'There were too many requests. The header x-sib-ratelimit-reset counts seconds.',
      {
        headers: {
          ...headers,
          'x-sib-ratelimit-limit': '1000',
          'x-sib-ratelimit-remaining': '0',
          'x-sib-ratelimit-reset': '4',
        },
        source: limits,
      },
    ),
    refusal(
      'internal_server_error',
      500,
      'Internal Server Error',
      unknown('server-error'),
      'An unexpected error on the side of Brevo.',
    ),
    ...gatewayFailures,
  ],
}
