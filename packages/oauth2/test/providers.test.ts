import { describe, expect, it } from 'vitest'
import { clientCredentials } from '../src/index.ts'
import { everything, failureOf } from './failure-of.ts'
import { startTokenServer } from './token-server.ts'

const TRACE =
  '\r\nTrace ID: 3ce379e4-441f-4eae-9730-fc0220183001\r\nCorrelation ID: 54752956-bf4f-48f1-b808-6ecae2522f59\r\nTimestamp: 2026-06-18 03:16:39Z'
const APP = '396c2760-2fa5-4948-b9d5-9839a7440836'

function microsoftSays(error: string, code: number, words: string, more: object = {}): object {
  return {
    error,
    error_description: `AADSTS${code}: ${words}${TRACE}`,
    error_codes: [code],
    timestamp: '2026-06-18 03:16:39Z',
    trace_id: '3ce379e4-441f-4eae-9730-fc0220183001',
    correlation_id: '54752956-bf4f-48f1-b808-6ecae2522f59',
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    ...more,
  }
}

/** What to answer; words of the summary; words of the hint; whether it passes by itself. */
type Case = [
  name: string,
  status: number,
  body: unknown,
  shown: string,
  hint: string,
  permanence: 'permanent' | 'transient',
]

const MICROSOFT: Case[] = (
  [
    [
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${APP}' was not found in the directory 'Tea Shop'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
      'Check clientId',
    ],
    [
      401,
      'invalid_client',
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${APP}'.`,
      'use its Value',
    ],
    [
      401,
      'invalid_client',
      7000222,
      `The provided client secret keys for app '${APP}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
      'has expired. Create a new one',
    ],
    [
      400,
      'invalid_request',
      90002,
      "Tenant 'tea.example' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
      'Check tenant',
    ],
    [
      400,
      'invalid_request',
      900023,
      "Specified tenant identifier 'tea shop' is neither a valid DNS name, nor a valid external domain.",
      'Check tenant',
    ],
    [
      400,
      'invalid_grant',
      65001,
      `The user or administrator has not consented to use the application with ID '${APP}' named 'Tea'. Send an interactive authorization request for this user and resource.`,
      'Grant admin consent',
    ],
    [
      400,
      'invalid_resource',
      650057,
      "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration.",
      'SMTP.SendAsApp',
    ],
    [
      400,
      'invalid_grant',
      50076,
      'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
      'multifactor',
    ],
    [
      400,
      'interaction_required',
      50079,
      'Due to a configuration change made by your administrator, you must enroll in multi-factor authentication to access the resource.',
      'multifactor',
    ],
    [
      400,
      'invalid_grant',
      700082,
      'The refresh token has expired due to inactivity. The token was issued on 2026-01-09T09:21:18.1234567Z and was inactive for 90.00:00:00.',
      'sign in again',
    ],
    [
      400,
      'invalid_grant',
      50173,
      'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.',
      'sign in again',
    ],
    [
      400,
      'invalid_grant',
      53003,
      'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
      'Conditional Access',
    ],
    [
      400,
      'invalid_scope',
      70011,
      "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope https://outlook.office365.com is not valid.",
      'Check scope',
    ],
    [
      400,
      'invalid_scope',
      1002012,
      'The provided value for scope https://outlook.office.com/SMTP.Send is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
      '.default',
    ],
    [
      401,
      'invalid_client',
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      'give clientSecret',
    ],
    [
      401,
      'invalid_client',
      700025,
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
      'leave out clientSecret',
    ],
    [401, 'invalid_client', 700027, 'Client assertion failed signature validation.', 'Upload the same one'],
    [401, 'invalid_client', 700024, 'Client assertion is not within its valid time range.', 'clock'],
    [401, 'unauthorized_client', 7000112, `Application '${APP}'(Tea) is disabled.`, 'disabled'],
    [
      400,
      'invalid_grant',
      50034,
      'The user account {EmailHidden} does not exist in the tea.example directory.',
      'does not know the account',
    ],
    [400, 'invalid_grant', 70000, 'Provided grant is invalid or malformed.', 'belongs to another app'],
  ] as const
).map(([status, error, code, words, hint]) => [
  `AADSTS${code}`,
  status,
  microsoftSays(error, code, words),
  `${error}: AADSTS${code}: `,
  hint,
  'permanent',
])

const GOOGLE: Case[] = (
  [
    [
      400,
      { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
      'publish the app',
    ],
    [
      400,
      {
        error: 'invalid_grant',
        error_description: 'reauth related error (invalid_rapt)',
        error_uri: 'https://support.google.com/a/answer/9368756',
        error_subtype: 'invalid_rapt',
      },
      'session policy',
    ],
    [
      401,
      {
        error: 'unauthorized_client',
        error_description:
          'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
      },
      'Domain-wide delegation',
    ],
    [
      403,
      { error: 'access_denied', error_description: 'Requested client not authorized.' },
      'Domain-wide delegation',
    ],
    [400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }, 'create a new key'],
    [
      400,
      {
        error: 'invalid_grant',
        error_description:
          'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      },
      'clock',
    ],
    [400, { error: 'invalid_grant', error_description: 'Invalid email or User ID' }, 'Check subject'],
    [400, { error: 'invalid_grant', error_description: 'Invalid grant: account not found' }, 'client_email'],
    [403, { error: 'org_internal' }, 'Internal'],
    [400, { error: 'admin_policy_enforced' }, 'App access control'],
    [
      401,
      { error: 'deleted_client', error_description: 'The OAuth client was deleted.' },
      'deleted or disabled',
    ],
    [
      401,
      { error: 'invalid_client', error_description: 'The OAuth client was not found.' },
      'Check clientId',
    ],
    [401, { error: 'invalid_client', error_description: 'Unauthorized' }, 'Check clientId'],
    [400, { error: 'invalid_grant', error_description: 'Bad Request' }, 'no longer valid'],
    [
      400,
      { error: 'invalid_scope', error_description: 'Some requested scopes were invalid. {invalid=[mail]}' },
      'Check scope',
    ],
    [400, { error: 'unsupported_grant_type' }, 'address of the token server'],
    [
      403,
      { error: { code: 403, message: 'The caller does not have permission', status: 'PERMISSION_DENIED' } },
      'Look up the error',
    ],
  ] as const
).map(([status, body, hint]) => {
  const { error } = body
  const code = typeof error === 'string' ? error : error.status
  const said = 'error_description' in body ? body.error_description : ''
  return [`${code} ${said}`, status, body, `refused: ${code}`, hint, 'permanent']
})

const OTHERS: Case[] = [
  [
    'an unknown error',
    400,
    { error: 'tea_is_cold' },
    'refused: tea_is_cold',
    'Look up the error',
    'permanent',
  ],
  [
    "Microsoft's code without words",
    401,
    { error: 'invalid_client', error_codes: [7000222] },
    'invalid_client: AADSTS7000222',
    'has expired',
    'permanent',
  ],
  ['access_denied', 403, { error: 'access_denied' }, 'access_denied', 'denied the access', 'permanent'],
  [
    'an error with status 200',
    200,
    { error: 'bad_refresh_token', error_description: 'The refresh token is wrong.' },
    'bad_refresh_token',
    'Look up',
    'permanent',
  ],
  [
    'temporarily_unavailable',
    400,
    { error: 'temporarily_unavailable' },
    'temporarily_unavailable',
    'Try again later',
    'transient',
  ],
  [
    'AADSTS90033 with status 400',
    400,
    microsoftSays('temporarily_unavailable', 90033, 'A transient error has occurred. Please try again.'),
    'AADSTS90033',
    'Try again later',
    'transient',
  ],
  [
    'AADSTS50196',
    400,
    microsoftSays(
      'invalid_grant',
      50196,
      'The server terminated an operation because it encountered a client request loop.',
    ),
    'AADSTS50196',
    'Try again later',
    'transient',
  ],
  ['429', 429, { error: 'rate_limit_exceeded' }, 'rate_limit_exceeded', 'Try again later', 'transient'],
  ['500', 500, { error: 'internal_failure' }, 'internal_failure', 'Try again later', 'transient'],
  ['503 without words', 503, {}, 'answered with HTTP status 503', 'Try again later', 'transient'],
  ['404 without words', 404, {}, 'answered with HTTP status 404', 'Check the address', 'permanent'],
  ['no token', 200, { token_type: 'Bearer' }, 'without an access token', 'Check the address', 'permanent'],
  ['an empty token', 200, { access_token: '' }, 'without an access token', 'Check the address', 'permanent'],
  [
    'a token with a line break',
    200,
    { access_token: 'a\r\nMAIL FROM:<x@y.example>' },
    'without an access token',
    'Check the address',
    'permanent',
  ],
  [
    'a token with a control character',
    200,
    { access_token: 'a\u0001auth=b' },
    'without an access token',
    'Check the address',
    'permanent',
  ],
  [
    'a token that is a number',
    200,
    { access_token: 7 },
    'without an access token',
    'Check the address',
    'permanent',
  ],
  ['a list', 200, ['token'], 'without an access token', 'Check the address', 'permanent'],
  ['null', 200, null, 'without an access token', 'Check the address', 'permanent'],
]

describe.each([
  ['Microsoft', MICROSOFT],
  ['Google', GOOGLE],
  ['any provider', OTHERS],
])('what %s says', (_provider, cases) => {
  it.each(cases)('%s', async (_name, status, body, shown, hint, permanence) => {
    await using server = await startTokenServer({ status, body })
    const error = await failureOf(
      clientCredentials({ tokenUrl: server.tokenUrl, clientId: APP, clientSecret: 's3cret' })(),
    )
    expect(error).toMatchObject({
      code: 'auth/oauth-token',
      permanence,
      delivered: 'none',
      scope: 'transport',
    })
    expect(error.summary).toContain(shown)
    expect(error.summary).toContain(new URL(server.url).host)
    expect(error.hint).toContain(hint)
    expect(error.hint).toMatch(/\.$/)
    expect(error.summary).not.toContain('<redacted>')
  })
})

describe('Retry-After', () => {
  it.each([
    ['30', 'asks to wait 30 seconds', 30_000],
    [
      new Date(Date.now() + 3_600_000).toUTCString(),
      /asks to wait 3[56]\d\d seconds/,
      expect.closeTo(3_600_000, -5),
    ],
    ['9'.repeat(9), 'asks to wait 86400 seconds', 86_400_000],
  ])('%s is told', async (value, words, retryAfterMs) => {
    await using server = await startTokenServer({ status: 429, headers: { 'retry-after': value }, body: {} })
    const error = await failureOf(
      clientCredentials({ tokenUrl: server.tokenUrl, clientId: APP, clientSecret: 's3cret' })(),
    )
    expect(error).toMatchObject({ permanence: 'transient', hint: expect.stringMatching(words), retryAfterMs })
  })

  it.each(['soon', '-5', '0', '', '9'.repeat(400), 'Thu, 01 Jan 1970 00:00:00 GMT'])(
    '%j is not',
    async (value) => {
      await using server = await startTokenServer({
        status: 429,
        headers: { 'retry-after': value },
        body: {},
      })
      const error = await failureOf(
        clientCredentials({ tokenUrl: server.tokenUrl, clientId: APP, clientSecret: 's3cret' })(),
      )
      expect(error.hint).not.toContain('wait')
      expect(error.retryAfterMs).toBeUndefined()
    },
  )
})

describe('a long answer', () => {
  it('is cut in the summary', async () => {
    const body = { error: 'invalid_request', error_description: 'word '.repeat(5_000) }
    await using server = await startTokenServer({ status: 400, body })
    const error = await failureOf(
      clientCredentials({ tokenUrl: server.tokenUrl, clientId: APP, clientSecret: 's3cret' })(),
    )
    expect(error.summary.length).toBeLessThan(700)
    expect(everything(error).length).toBeLessThan(20_000)
  })

  it('is one line', async () => {
    await using server = await startTokenServer({
      status: 400,
      body: { error: 'a\r\nb', error_description: '\u001B[31mred' },
    })
    const error = await failureOf(
      clientCredentials({ tokenUrl: server.tokenUrl, clientId: APP, clientSecret: 's3cret' })(),
    )
    // oxlint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\x00-\x1F]/)
  })
})
