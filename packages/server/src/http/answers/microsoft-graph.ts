import { gatewayFailures, permanent, transient, unknown } from './expectations.ts'
import type { ExpectedFailure, ProviderAnswers, ProviderFailure, ProviderSuccess } from './provider-answer.ts'

const errors = 'https://learn.microsoft.com/en-us/graph/errors'
const send = 'https://learn.microsoft.com/en-us/graph/api/user-sendmail'
const throttling = 'https://learn.microsoft.com/en-us/graph/throttling'
const exchange =
  'https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/responsecode'
const requestId = '9e4f5a6b-0001-4d5e-8f9a-b0c1d2e3f4a5'
const headers = {
  'Content-Type': 'application/json',
  'request-id': requestId,
  'client-request-id': requestId,
}

function refusal(
  code: string,
  status: number,
  message: string,
  expect: ExpectedFailure,
  about: string,
  more: Partial<ProviderFailure> = {},
): ProviderFailure {
  const innerError = { date: '2026-11-27T12:00:00', 'request-id': requestId, 'client-request-id': requestId }
  const body = { error: { code, message, innerError } }
  return { name: code, about, status, headers, body, source: errors, expect, ...more }
}

function success(name: string, about: string, path: string): ProviderSuccess {
  const request = { method: 'POST', path } as const
  const { 'Content-Type': _, ...ids } = headers
  return { name, about, request, status: 202, headers: ids, body: undefined, source: send, ids: [] }
}

/** What Microsoft Graph documents for POST /v1.0/me/sendMail and POST /v1.0/users/{id}/sendMail. */
export const microsoftGraph: ProviderAnswers = {
  successes: [
    success('accepted', 'The message of the user who logged in is accepted.', '/v1.0/me/sendMail'),
    success(
      'user-accepted',
      'The message of a named user is accepted.',
      '/v1.0/users/alice@sender.example/sendMail',
    ),
  ],
  failures: [
    refusal(
      'BadRequest',
      400,
      'Unable to read JSON request payload.',
      permanent('invalid-message'),
      'The body is not valid.',
    ),
    refusal(
      'ErrorInvalidRecipients',
      400,
      "At least one recipient isn't valid., A message can't be sent because it contains no recipients.",
      permanent('invalid-address'),
      'A recipient is not valid.',
      { source: send },
    ),
    refusal(
      'ErrorMimeContentInvalidBase64String',
      400,
      'Invalid base64 string for MIME content.',
      permanent('invalid-message'),
      'The message in MIME form is not base64.',
      { source: send },
    ),
    refusal(
      'InvalidAuthenticationToken',
      401,
      'Access token has expired or is not yet valid.',
      permanent('oauth-token'),
      'The access token is missing, wrong or expired.',
    ),
    refusal(
      'PaymentRequired',
      402,
      'The payment requirements for the API are not met.',
      permanent('account-blocked'),
      'The API has to be paid for first.',
    ),
    refusal(
      'ErrorAccessDenied',
      403,
      'Access is denied. Check credentials and try again.',
      permanent('policy'),
      'The application does not have the permission Mail.Send, or a policy forbids it.',
    ),
    refusal(
      'ErrorSendAsDenied',
      403,
      'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.',
      permanent('sender-not-owned'),
      'The user may not send from this address.',
      { source: 'https://learn.microsoft.com/en-us/graph/outlook-send-mail-from-other-user' },
    ),
    refusal(
      'ErrorMessageSubmissionBlocked',
      403,
      'Cannot send mail. The account is blocked from sending.',
      permanent('account-blocked'),
      'Microsoft has stopped mail from this account. The page does not say with which status.',
      { source: exchange },
    ),
    refusal(
      'ErrorQuotaExceeded',
      403,
      'The mailbox quota has been exceeded.',
      permanent('server-storage'),
      'The mailbox of the sender is full. The page does not say with which status.',
      { source: exchange },
    ),
    refusal(
      'ErrorInvalidUser',
      404,
      "The requested user 'alice@sender.example' is invalid.",
      permanent('invalid-config'),
      'The user in the path does not exist.',
    ),
    refusal(
      'MailboxNotEnabledForRESTAPI',
      404,
      'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
      permanent('invalid-config'),
      'The mailbox of the user is not in Exchange Online.',
    ),
    refusal(
      'MethodNotAllowed',
      405,
      'The method is not allowed.',
      permanent('invalid-config'),
      'The path does not take this method.',
    ),
    refusal(
      'NotAcceptable',
      406,
      'The format in the Accept header is not supported.',
      permanent('rejected'),
      'Graph does not have the type that the Accept header names.',
    ),
    refusal(
      'RequestEntityTooLarge',
      413,
      'The request size exceeds the maximum limit.',
      permanent('message-too-large'),
      'The request is larger than about 4 MB.',
    ),
    refusal(
      'ErrorMessageSizeExceeded',
      413,
      'The message exceeds the maximum supported size.',
      permanent('message-too-large'),
      'The message is larger than the mailbox allows.',
      { source: exchange },
    ),
    refusal(
      'UnsupportedMediaType',
      415,
      'The content type is not supported.',
      permanent('rejected'),
      'Graph does not read the type of the body.',
    ),
    refusal(
      'UnprocessableEntity',
      422,
      'The request cannot be processed.',
      permanent('invalid-message'),
      'The request does not make sense.',
    ),
    refusal(
      'TooManyRequests',
      429,
      'Please retry again later.',
      transient('rate-limited', { retryAfterMs: 10_000 }),
      'There were too many requests.',
      { headers: { ...headers, 'Retry-After': '10' }, source: throttling },
    ),
    refusal(
      'ApplicationThrottled',
      429,
      'Application is over its MailboxConcurrency limit.',
      transient('rate-limited', { retryAfterMs: 10_000 }),
      'There were more than 4 requests at once for this mailbox.',
      { headers: { ...headers, 'Retry-After': '10' }, source: throttling },
    ),
    refusal(
      'ErrorExceededMessageLimit',
      429,
      'Cannot send mail. Daily message or recipient limit exceeded.',
      transient('rate-limited'),
      'The mailbox has sent as much as it may in a day.',
      { source: exchange },
    ),
    refusal(
      'InternalServerError',
      500,
      'An internal server error occurred.',
      unknown('server-error'),
      'An unexpected error on the side of Microsoft.',
    ),
    refusal(
      'ServiceUnavailable',
      503,
      'The service is temporarily unavailable.',
      transient('service-unavailable', { retryAfterMs: 20_000 }),
      'The service is down or overloaded.',
      { headers: { ...headers, 'Retry-After': '20' } },
    ),
    refusal(
      'GatewayTimeout',
      504,
      'The upstream server did not answer in time.',
      unknown('timeout'),
      'A server behind Graph did not answer in time.',
    ),
    refusal(
      'InsufficientStorage',
      507,
      'The maximum storage quota has been reached.',
      unknown('server-storage'),
      'The mailbox of the sender is full.',
    ),
    ...gatewayFailures,
  ],
}
