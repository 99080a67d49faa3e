import type { Rule } from '../api/rules.ts'

const KEY = 'Check the access key and its secret, and that the key is active in IAM.'
export const CLOCK =
  'AWS takes a request only within some minutes of its time. Set the clock of this machine by NTP.'
const ACCOUNT =
  'Look at "Account dashboard" in the Amazon SES console of this region, and at "Reputation metrics".'
const VERIFY =
  'Verify the address or its domain under "Identities" in the Amazon SES console, in the region of this transport. From, Sender and the reverse-path have to be verified.'
const CONTENT =
  'Read what SES says: it names the header field, the attachment or the address that it does not take.'

const TOO_LARGE = 'A message at Amazon SES has at most 40 MB with its attachments encoded.'
const REJECTED = 'MessageRejected'
const THROTTLED = ['Throttling', 'TooManyRequests', 'LimitExceeded', 'RequestThrottled']
const SIGNATURE = ['InvalidSignature', 'SignatureDoesNotMatch']
const INCOMPLETE = 'IncompleteSignature'

/**
 * Those of SES (API v2), those of its version 1 under their own names, and those that all services of AWS have. AWS writes
 * each of them with `Exception` at its end or without.
 */
export const SES_RULES: readonly Rule[] = [
  // SES
  {
    code: [REJECTED, 'BadRequest', 'AccessDenied'],
    says: /not verified|failed the check in region/i,
    kind: 'sender-not-owned',
    hint: VERIFY,
  },
  {
    code: 'MailFromDomainNotVerified',
    kind: 'sender-not-owned',
    hint: 'Open the identity in the Amazon SES console, and add the MX record that it shows for the MAIL FROM domain.',
  },
  {
    code: 'AccountSuspended',
    kind: 'account-blocked',
    hint: `AWS has ended sending for this account. ${ACCOUNT}`,
  },
  {
    code: ['SendingPaused', 'AccountSendingPaused', 'ConfigurationSetSendingPaused'],
    kind: 'account-blocked',
    hint: `Sending is paused for the account or for the configuration set. ${ACCOUNT}`,
  },
  {
    code: REJECTED,
    says: /(?:account|sending)[^]*(?:paused|suspended)/i,
    kind: 'account-blocked',
    hint: ACCOUNT,
  },
  {
    code: [REJECTED, 'BadRequest'],
    says: /too long|too large|exceeds? (?:the )?max/i,
    kind: 'message-too-large',
    hint: TOO_LARGE,
  },
  { code: REJECTED, kind: 'content-rejected', hint: CONTENT },
  {
    code: ['NotFound', 'ConfigurationSetDoesNotExist'],
    kind: 'invalid-config',
    hint: 'Check the name of the configuration set or of the contact list, and that it is in the region of this transport.',
  },
  { code: ['BadRequest'], kind: 'invalid-message', hint: CONTENT },
  {
    code: THROTTLED,
    says: /daily/i,
    kind: 'rate-limited',
    hint: 'The quota of 24 hours is used up. Send the rest later, or ask for more under "Account dashboard" in the Amazon SES console.',
  },
  {
    code: THROTTLED,
    kind: 'rate-limited',
    hint: 'Send more slowly: `limit()` keeps to a rate. "Account dashboard" in the Amazon SES console shows the rate of the account.',
  },
  // All services
  {
    code: ['ExpiredToken', 'TokenRefreshRequired'],
    kind: 'bad-credentials',
    hint: 'The temporary key has ended. With `credentials: fromNodeProviderChain()` of @aws-sdk/credential-providers, a new one is fetched by itself.',
  },
  {
    code: ['RequestExpired', 'RequestTimeTooSkewed', 'RequestInTheFuture'],
    kind: 'bad-credentials',
    hint: CLOCK,
  },
  {
    code: [...SIGNATURE, INCOMPLETE],
    says: /expired|not yet current|is now (?:earlier|later) than/i,
    kind: 'bad-credentials',
    hint: CLOCK,
  },
  {
    code: SIGNATURE,
    says: /credential should be scoped/i,
    kind: 'invalid-config',
    hint: 'The option `region` is not the region of the option `url`.',
  },
  {
    code: SIGNATURE,
    kind: 'bad-credentials',
    hint: 'The secret does not belong to the access key. In a URL, it has to be percent-encoded: / as %2F and + as %2B.',
  },
  {
    code: ['UnrecognizedClient', 'InvalidClientTokenId', 'InvalidAccessKeyId', INCOMPLETE],
    kind: 'bad-credentials',
    hint: `${KEY} A temporary key (ASIA...) needs its session token.`,
  },
  {
    code: 'MissingAuthenticationToken',
    kind: 'missing-credentials',
    hint: 'Something between this machine and AWS removes the Authorization field, or the option `url` is wrong.',
  },
  {
    code: ['AccessDenied', 'NotAuthorized'],
    kind: 'policy',
    hint: 'Allow `ses:SendEmail` and `ses:SendRawEmail` with this identity in the IAM policy of the key.',
  },
  {
    code: ['OptInRequired', 'SubscriptionRequired'],
    kind: 'policy',
    hint: 'Finish signing up for AWS, or switch on the region in the account settings.',
  },
  {
    code: [
      'Validation',
      'ValidationError',
      'Serialization',
      'InvalidParameterValue',
      'InvalidParameterCombination',
      'MissingParameter',
      'MalformedHttpRequest',
    ],
    kind: 'invalid-message',
    hint: CONTENT,
  },
  {
    code: 'RequestEntityTooLarge',
    kind: 'message-too-large',
    hint: TOO_LARGE,
  },
  {
    code: ['UnknownOperation', 'InvalidAction', 'MalformedQueryString'],
    kind: 'invalid-config',
    hint: 'Check the option `url`: what answers there is not the API of Amazon SES.',
  },
  { code: ['RequestTimeout', 'RequestAborted'], kind: 'timeout' },
  {
    code: ['ServiceUnavailable', 'SlowDown'],
    status: 503,
    kind: 'service-unavailable',
  },
]
