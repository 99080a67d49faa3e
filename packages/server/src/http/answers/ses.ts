import { gatewayFailures, permanent, transient, unknown } from './expectations.ts'
import type { ExpectedFailure, ProviderAnswers, ProviderFailure } from './provider-answer.ts'

const send = 'https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html'
const common = 'https://docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html'
const sendingErrors = 'https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html'
const requestId = 'd0e1f2a3-0001-4b5c-8d9e-0a1b2c3d4e5f'

function refusal(
  type: string,
  status: number,
  message: string,
  expect: ExpectedFailure,
  about: string,
  more: Partial<ProviderFailure> = {},
): ProviderFailure {
  return {
    name: type,
    about,
    status,
    headers: { 'Content-Type': 'application/json', 'x-amzn-ErrorType': type, 'x-amzn-RequestId': requestId },
    body: { message },
    source: send,
    expect,
    ...more,
  }
}

const fromAll = { source: common }

/** What Amazon SES documents for POST /v2/email/outbound-emails. The header x-amzn-ErrorType names the failure. */
export const ses: ProviderAnswers = {
  successes: [
    {
      name: 'accepted',
      about: 'The message is accepted.',
      request: { method: 'POST', path: '/v2/email/outbound-emails' },
      status: 200,
      headers: { 'Content-Type': 'application/json', 'x-amzn-RequestId': requestId },
      body: { MessageId: '0102018d00010001-e1f2a3b4-0001-4c5d-8e9f-1a2b3c4d5e6f-000000' },
      source: send,
      ids: ['0102018d00010001-e1f2a3b4-0001-4c5d-8e9f-1a2b3c4d5e6f-000000'],
    },
  ],
  failures: [
    refusal(
      'AccountSuspendedException',
      400,
      "The account's ability to send email has been permanently restricted.",
      permanent('account-blocked'),
      'The account may never send again.',
    ),
    refusal(
      'BadRequestException',
      400,
      'Missing final @domain',
      permanent('invalid-message'),
      'The request is not valid.',
    ),
    refusal(
      'LimitExceededException',
      400,
      'Too many resources of this type.',
      transient('rate-limited'),
      'A limit of the account is reached.',
    ),
    refusal(
      'MailFromDomainNotVerifiedException',
      400,
      'The MAIL FROM domain sender.example is not verified.',
      permanent('sender-not-owned'),
      'The domain of the envelope sender is not verified.',
    ),
    refusal(
      'MessageRejected',
      400,
      'The message was rejected because of its content.',
      permanent('content-rejected'),
      'The content is refused.',
    ),
    refusal(
      'MessageRejected',
      400,
      'Email address is not verified. The following identities failed the check in region EU-WEST-1: alice@sender.example',
      permanent('sender-not-owned'),
      'The sender is not verified in this region.',
      { name: 'MessageRejected-not-verified', source: sendingErrors },
    ),
    refusal(
      'NotFoundException',
      404,
      'Configuration set <news> does not exist.',
      permanent('invalid-config'),
      'A configuration set, a template or another resource does not exist.',
    ),
    refusal(
      'SendingPausedException',
      400,
      "The account's ability to send email is currently paused.",
      permanent('account-blocked'),
      'Sending is paused for the account or the configuration set.',
    ),
    refusal(
      'TooManyRequestsException',
      429,
      'Too many requests have been made to the operation.',
      transient('rate-limited'),
      'There were too many requests.',
    ),
    refusal(
      'ThrottlingException',
      400,
      'Maximum sending rate exceeded.',
      transient('rate-limited'),
      'The sending rate of the account is exceeded.',
      fromAll,
    ),
    refusal(
      'AccessDeniedException',
      403,
      "User 'arn:aws:iam::000000000000:user/mailer' is not authorized to perform 'ses:SendEmail' on resource 'arn:aws:ses:eu-west-1:000000000000:identity/sender.example'",
      permanent('policy'),
      'The user of the key may not send with this identity.',
      fromAll,
    ),
    refusal(
      'ExpiredTokenException',
      403,
      'The security token included in the request is expired',
      permanent('bad-credentials'),
      'The session token is expired.',
      fromAll,
    ),
    refusal(
      'IncompleteSignatureException',
      403,
      'Authorization header requires a Signature parameter.',
      permanent('bad-credentials'),
      'The signature is not complete.',
      fromAll,
    ),
    refusal(
      'InvalidSignatureException',
      403,
      'The request signature we calculated does not match the signature you provided.',
      permanent('bad-credentials'),
      'The secret key is wrong.',
      fromAll,
    ),
    refusal(
      'UnrecognizedClientException',
      403,
      'The security token included in the request is invalid.',
      permanent('bad-credentials'),
      'The access key does not exist.',
      fromAll,
    ),
    refusal(
      'InvalidClientTokenId',
      403,
      'The security token included in the request is invalid.',
      permanent('bad-credentials'),
      'The access key does not exist.',
      fromAll,
    ),
    refusal(
      'MissingAuthenticationTokenException',
      403,
      'Missing Authentication Token',
      permanent('missing-credentials'),
      'The request is not signed.',
      fromAll,
    ),
    refusal(
      'OptInRequired',
      403,
      'The AWS access key ID needs a subscription for the service.',
      permanent('policy'),
      'The account does not have this service.',
      fromAll,
    ),
    refusal(
      'RequestExpired',
      400,
      'Signature expired: the clock of the client is wrong.',
      permanent('bad-credentials'),
      'The request is more than 15 minutes old: mostly, a clock is wrong.',
      fromAll,
    ),
    refusal(
      'ValidationException',
      400,
      'One value does not satisfy its constraint.',
      permanent('invalid-message'),
      'A field does not fit its rules.',
      fromAll,
    ),
    refusal(
      'RequestEntityTooLargeException',
      413,
      'The request is too large.',
      permanent('message-too-large'),
      'The message is too large.',
      fromAll,
    ),
    refusal(
      'InternalFailure',
      500,
      'An internal failure occurred.',
      unknown('server-error'),
      'An unexpected error on the side of SES.',
      fromAll,
    ),
    refusal(
      'ServiceUnavailable',
      503,
      'The service is temporarily unavailable.',
      transient('service-unavailable'),
      'The API is not available for the moment.',
      fromAll,
    ),
    ...gatewayFailures,
  ],
}
