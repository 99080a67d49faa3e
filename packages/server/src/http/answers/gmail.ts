import { gatewayFailures, permanent, transient, unknown } from './expectations.ts'
import type { ExpectedFailure, ProviderAnswers, ProviderFailure } from './provider-answer.ts'

const errors = 'https://developers.google.com/workspace/gmail/api/guides/handle-errors'
const send = 'https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send'
const headers = { 'Content-Type': 'application/json; charset=UTF-8' }

function refusal(
  reason: string,
  status: number,
  message: string,
  expect: ExpectedFailure,
  about: string,
  more: Partial<ProviderFailure> & { domain?: string } = {},
): ProviderFailure {
  const { domain = 'global', ...rest } = more
  const body = { error: { code: status, message, errors: [{ domain, reason, message }] } }
  return { name: reason, about, status, headers, body, source: errors, expect, ...rest }
}

const usage = { domain: 'usageLimits' }

/** What Gmail documents for POST /gmail/v1/users/me/messages/send. The first reason in the body names the failure. */
export const gmail: ProviderAnswers = {
  successes: [
    {
      name: 'accepted',
      about: 'The message is accepted.',
      request: { method: 'POST', path: '/gmail/v1/users/me/messages/send' },
      status: 200,
      headers,
      body: { id: '19a0b1c2d3e40001', threadId: '19a0b1c2d3e40001', labelIds: ['SENT'] },
      source: send,
      ids: ['19a0b1c2d3e40001'],
    },
  ],
  failures: [
    refusal(
      'badRequest',
      400,
      'The field raw is not valid.',
      permanent('invalid-message'),
      'A field is missing or not valid.',
    ),
    refusal(
      'invalidArgument',
      400,
      'Invalid To header',
      permanent('invalid-message'),
      'A header of the message is not valid.',
    ),
    refusal(
      'failedPrecondition',
      400,
      'Mail service not enabled',
      permanent('account-blocked'),
      'The account has no Gmail.',
    ),
    refusal(
      'authError',
      401,
      'Invalid Credentials',
      permanent('oauth-token'),
      'The access token is expired or wrong.',
    ),
    refusal(
      'dailyLimitExceeded',
      403,
      'Daily Limit Exceeded',
      transient('rate-limited'),
      'The daily limit of the project is reached.',
      usage,
    ),
    refusal(
      'userRateLimitExceeded',
      403,
      'User Rate Limit Exceeded',
      transient('rate-limited'),
      'The limit of the user is reached.',
      usage,
    ),
    refusal(
      'rateLimitExceeded',
      403,
      'Rate Limit Exceeded',
      transient('rate-limited'),
      'The limit of the project is reached.',
      usage,
    ),
    refusal(
      'domainPolicy',
      403,
      'The domain administrators have disabled Gmail apps.',
      permanent('policy'),
      'The administrator does not allow the application.',
    ),
    refusal(
      'insufficientPermissions',
      403,
      'Request had insufficient authentication scopes.',
      permanent('oauth-token'),
      'The token does not have the scope gmail.send.',
    ),
    {
      name: 'scope-insufficient',
      about: 'The same in the form of newer Google APIs, whose details have a reason of their own.',
      status: 403,
      headers,
      body: {
        error: {
          code: 403,
          message: 'Request had insufficient authentication scopes.',
          errors: [
            { message: 'Insufficient Permission', domain: 'global', reason: 'insufficientPermissions' },
          ],
          status: 'PERMISSION_DENIED',
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
              domain: 'googleapis.com',
              metadata: { service: 'gmail.googleapis.com' },
            },
          ],
        },
      },
      source: 'https://docs.cloud.google.com/apis/design/errors',
      expect: permanent('oauth-token'),
    },
    {
      name: 'resource-exhausted',
      about: 'A limit is reached, in the form of newer Google APIs, without a list of errors.',
      status: 429,
      headers,
      body: {
        error: {
          code: 429,
          message: 'Resource has been exhausted (e.g. check quota).',
          status: 'RESOURCE_EXHAUSTED',
        },
      },
      source: 'https://docs.cloud.google.com/apis/design/errors',
      expect: transient('rate-limited'),
    },
    refusal(
      'accessNotConfigured',
      403,
      'Gmail API has not been used in project 000000000000 before or it is disabled.',
      permanent('invalid-config'),
      'The project has not enabled the Gmail API.',
      usage,
    ),
    refusal(
      'notFound',
      404,
      'Requested entity was not found.',
      permanent('invalid-config'),
      'The path or the user does not exist.',
    ),
    refusal(
      'uploadTooLarge',
      413,
      'The request is too large.',
      permanent('message-too-large'),
      'The message is too large.',
    ),
    refusal(
      'userRateLimitExceeded',
      429,
      'User-rate limit exceeded.',
      transient('rate-limited'),
      'The user sent too much, or too much at once.',
      { ...usage, name: 'userRateLimitExceeded-429' },
    ),
    refusal(
      'rateLimitExceeded',
      429,
      'Too many concurrent requests for user',
      transient('rate-limited', { retryAfterMs: 6000 }),
      'There were too many requests at once.',
      { ...usage, name: 'rateLimitExceeded-429', headers: { ...headers, 'Retry-After': '6' } },
    ),
    refusal(
      'backendError',
      500,
      'Backend Error',
      unknown('server-error'),
      'An unexpected error on the side of Google.',
    ),
    refusal('backendError', 502, 'Bad Gateway', unknown('server-error'), 'A server behind the API failed.', {
      name: 'backendError-502',
    }),
    refusal(
      'backendError',
      503,
      'Service Unavailable',
      transient('service-unavailable'),
      'The service is down or overloaded.',
      { name: 'backendError-503' },
    ),
    refusal(
      'backendError',
      504,
      'Gateway Timeout',
      unknown('timeout'),
      'A server behind the API did not answer in time.',
      { name: 'backendError-504' },
    ),
    ...gatewayFailures,
  ],
}
