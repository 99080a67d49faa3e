import { gatewayFailures, permanent, transient, unknown } from './expectations.ts'
import type { ExpectedFailure, ProviderAnswers, ProviderFailure } from './provider-answer.ts'

const overview = 'https://postmarkapp.com/developer/api/overview'
const email = 'https://postmarkapp.com/developer/api/email-api'
const headers = { 'Content-Type': 'application/json; charset=utf-8' }

const reason =
  'Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression.'
const inactive = `You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: bob@rcpt.example. ${reason}`
/** The text of a message in a batch has a space at its end. */
const inactiveInBatch = `You tried to send to a recipient that has been marked as inactive. Found inactive addresses: bob@rcpt.example. ${reason} `
const bobSuppressed = {
  scope: 'recipient',
  recipients: [{ address: 'bob@rcpt.example', status: 'rejected', kind: 'suppressed' }],
} as const

const someInactive: ExpectedFailure = {
  ...permanent('suppressed', bobSuppressed),
  delivered: 'some',
  recipients: [...bobSuppressed.recipients, { address: 'carol@rcpt.example', status: 'accepted' }],
}

function accepted(id: string, to: string): Readonly<Record<string, unknown>> {
  return {
    To: to,
    SubmittedAt: '2026-11-27T12:00:00.0000000-05:00',
    MessageID: id,
    ErrorCode: 0,
    Message: 'OK',
  }
}

function refusal(
  code: number,
  message: string,
  expect: ExpectedFailure,
  about: string,
  more: Partial<ProviderFailure> = {},
): ProviderFailure {
  const body = { ErrorCode: code, Message: message }
  return { name: `code-${code}`, about, status: 422, headers, body, source: overview, expect, ...more }
}

/** What Postmark documents for POST /email and POST /email/batch. The code in the body decides, whatever the status is. */
export const postmark: ProviderAnswers = {
  successes: [
    {
      name: 'accepted',
      about: 'The message is accepted.',
      request: { method: 'POST', path: '/email' },
      status: 200,
      headers,
      body: accepted('7c2d3e4f-0001-4b5c-8d9e-f0a1b2c3d4e5', 'bob@rcpt.example'),
      source: email,
      ids: ['7c2d3e4f-0001-4b5c-8d9e-f0a1b2c3d4e5'],
    },
    {
      name: 'batch-accepted',
      about: 'Both messages of a batch are accepted.',
      batch: true,
      request: { method: 'POST', path: '/email/batch' },
      status: 200,
      headers,
      body: [
        accepted('7c2d3e4f-0002-4b5c-8d9e-f0a1b2c3d4e5', 'bob@rcpt.example'),
        accepted('7c2d3e4f-0003-4b5c-8d9e-f0a1b2c3d4e5', 'carol@rcpt.example'),
      ],
      source: email,
      ids: ['7c2d3e4f-0002-4b5c-8d9e-f0a1b2c3d4e5', '7c2d3e4f-0003-4b5c-8d9e-f0a1b2c3d4e5'],
    },
  ],
  failures: [
    refusal(
      10,
      'The Server Token you provided in the X-Postmark-Server-Token request header was invalid.',
      permanent('bad-credentials'),
      'The token is missing or wrong.',
      { status: 401 },
    ),
    refusal(
      100,
      'The Postmark API is offline for maintenance.',
      transient('service-unavailable'),
      'The API is down for maintenance.',
      { status: 503 },
    ),
    refusal(
      100,
      'The Postmark API is offline for maintenance.',
      transient('service-unavailable'),
      'The API is down for maintenance, with the status of an invalid request.',
      { name: 'code-100-status-422' },
    ),
    refusal(300, "Invalid 'To' address: 'bob'.", permanent('invalid-address'), 'An address is not valid.', {
      name: 'code-300-address',
    }),
    refusal(
      300,
      "Error parsing 'To': Illegal email address 'bob'. It must contain the '@' symbol.",
      permanent('invalid-address'),
      'An address cannot be read.',
      { name: 'code-300-illegal-address' },
    ),
    refusal(
      300,
      "Invalid 'From' address: 'alice@sender.example' is not a verified sender signature.",
      permanent('sender-not-owned'),
      'The sender is not verified, with the code of an invalid address.',
      {
        name: 'code-300-sender-signature',
        source: 'https://postmarkapp.com/support/article/troubleshooting-422-unprocessable-entity-errors',
      },
    ),
    refusal(
      300,
      'Provide either email TextBody or HtmlBody or both.',
      permanent('invalid-message'),
      'The message has no content.',
      { name: 'code-300-no-content' },
    ),
    refusal(
      400,
      "The 'From' address you supplied (alice@sender.example) is not a Sender Signature on your account.",
      permanent('sender-not-owned'),
      'The sender is not a sender signature of this account.',
    ),
    refusal(
      401,
      'The Sender Signature for alice@sender.example is not confirmed.',
      permanent('sender-not-owned'),
      'The sender signature is not confirmed yet.',
    ),
    refusal(
      402,
      'The JSON that you sent is not valid.',
      permanent('invalid-message'),
      'The body is not JSON.',
    ),
    refusal(
      403,
      "Invalid request field(s): 'From'.",
      permanent('invalid-message'),
      'A field does not exist, or has a wrong type.',
    ),
    refusal(
      405,
      'Not allowed to send: you ran out of credits.',
      permanent('policy'),
      'The account is out of credits.',
    ),
    refusal(406, inactive, permanent('suppressed', bobSuppressed), 'All recipients are inactive.'),
    refusal(
      409,
      'The Accept and Content-Type headers must be application/json.',
      permanent('rejected'),
      'The headers do not say that the request is JSON.',
    ),
    refusal(
      410,
      'You may only send up to 500 messages in a single batched request.',
      permanent('invalid-message'),
      'The batch has too many messages.',
    ),
    refusal(
      411,
      'Attachment file type not allowed.',
      permanent('content-rejected'),
      'An attachment has a forbidden type.',
    ),
    refusal(
      412,
      "While your account is pending approval, all recipient addresses must share the same domain as the 'From' address.",
      permanent('policy'),
      'The account waits for approval.',
    ),
    refusal(
      413,
      'This account is not approved to send email.',
      permanent('policy'),
      'The account may not send.',
    ),
    refusal(
      429,
      'Rate limit exceeded.',
      transient('rate-limited', { retryAfterMs: 2000 }),
      'There were too many requests.',
      { status: 429, headers: { ...headers, 'Retry-After': '2' } },
    ),
    refusal(
      422,
      'Invalid Server or Account.',
      permanent('account-blocked'),
      'The server or the account is not valid any more.',
    ),
    refusal(
      1101,
      "The Template's 'Alias' associated with this request is not valid or was not found.",
      permanent('invalid-message'),
      'The template does not exist.',
    ),
    refusal(
      1235,
      "The stream provided: 'news' does not exist on this server.",
      permanent('invalid-config'),
      'The message stream does not exist.',
    ),
    refusal(
      1236,
      'Sending is not supported for this stream type.',
      permanent('invalid-config'),
      'The message stream does not send.',
    ),
    refusal(
      1480,
      "You are not authorized to send emails from your current IP address: '192.0.2.1'.",
      permanent('policy'),
      'The IP address of the client is not allowed.',
    ),
    {
      name: 'some-inactive',
      about: 'The message is accepted, but not for the inactive recipients that the text names.',
      status: 200,
      headers,
      body: {
        ...accepted('7c2d3e4f-0004-4b5c-8d9e-f0a1b2c3d4e5', 'bob@rcpt.example,carol@rcpt.example'),
        Message: 'Message OK, but will not deliver to these inactive addresses: bob@rcpt.example.',
      },
      source: email,
      expect: someInactive,
    },
    {
      name: 'some-inactive-with-reason',
      about: 'The same with the longer text, as it was for years.',
      status: 200,
      headers,
      body: {
        ...accepted('7c2d3e4f-0006-4b5c-8d9e-f0a1b2c3d4e5', 'Bob@rcpt.example,carol@rcpt.example'),
        Message: `Message OK, but will not deliver to these inactive addresses: bob@rcpt.example. ${reason}`,
      },
      source: email,
      expect: someInactive,
    },
    {
      name: 'batch-second-inactive',
      about: 'A batch: the first message is accepted, the recipient of the second is inactive.',
      batch: true,
      status: 200,
      headers,
      body: [
        accepted('7c2d3e4f-0005-4b5c-8d9e-f0a1b2c3d4e5', 'carol@rcpt.example'),
        { ErrorCode: 406, Message: inactiveInBatch },
      ],
      source: email,
      expect: {
        ...permanent('suppressed', bobSuppressed),
        messages: ['accepted', permanent('suppressed', bobSuppressed)],
      },
    },
    {
      name: 'forbidden-page',
      about: 'A firewall in front of the API refuses the request with an HTML page, which has no code.',
      status: 403,
      headers: { 'Content-Type': 'text/html' },
      body: '<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>',
      source: overview,
      expect: permanent('policy'),
    },
    {
      name: 'payload-too-large',
      about: 'The request is larger than 10 MB, or 50 MB for a batch.',
      status: 413,
      headers,
      body: { ErrorCode: 0, Message: 'Payload too large.' },
      source: overview,
      expect: permanent('message-too-large'),
    },
    {
      name: 'internal-server-error',
      about: 'An unexpected error on the side of Postmark.',
      status: 500,
      headers,
      body: { ErrorCode: 0, Message: 'Internal Server Error' },
      source: overview,
      expect: unknown('server-error'),
    },
    ...gatewayFailures,
  ],
}
