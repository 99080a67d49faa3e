import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { MailError } from '../src/index.ts'

const KEY = 'Secret9876'

function shownAs(text: string): string {
  const cause = Object.assign(new Error(text), { code: text, cause: text })
  const error = new MailError({ stage: 'auth', kind: 'oauth-token', summary: text, cause })
  const { cause: copy } = error as { cause: Error & { code: string } }
  expect(copy.message).toBe(error.summary)
  expect(copy.code).toBe(error.summary)
  expect(copy.cause).toBe(error.summary)
  expect(inspect(error, { depth: Infinity, showHidden: true }).includes(KEY)).toBe(
    error.summary.includes(KEY),
  )
  return error.summary
}

describe('what looks like a credential is taken out, and the rest stays:', () => {
  it.each([
    ['GET https://ghp_Secret9876@auth.test/token failed', 'GET https://<redacted>@auth.test/token failed'],
    ['through http://Secret9876@proxy:3128', 'through http://<redacted>@proxy:3128'],
    ['through http://Secret9876:@proxy:3128/', 'through http://<redacted>@proxy:3128/'],
    ['connect smtp://tea:pa/Secret9876@host failed', 'connect smtp://<redacted>@host failed'],
    ['connect smtp://tea:12/Secret9876@host failed', 'connect smtp://<redacted>@host failed'],
    [
      'connect smtp://tea:p@Secret9876@mail.test:587 failed',
      'connect smtp://<redacted>@mail.test:587 failed',
    ],
    ['connect smtp://tea:p@/Secret9876@mail.test failed', 'connect smtp://<redacted>@mail.test failed'],
    ['connect smtp://tea:p?Secret9876@mail.test failed', 'connect smtp://<redacted>@mail.test failed'],
    ['connect smtp://tea:p#Secret9876@mail.test failed', 'connect smtp://<redacted>@mail.test failed'],
    ['connect smtp://tea@mail.test:Secret9876@localhost', 'connect smtp://<redacted>@localhost'],
    ['connect smtp://tea:Secret9876@[::1]:2525/a@b', 'connect smtp://<redacted>@[::1]:2525/a@b'],
    ['connect https://tea:Secret9876@mail.test/@scope/a', 'connect https://<redacted>@mail.test/@scope/a'],
    [
      'failover(smtp://a:Secret9876@one.test,smtp://b:Secret9876@two.test)',
      'failover(smtp://<redacted>@one.test,smtp://<redacted>@two.test)',
    ],
    [
      '{"url":"smtp://a:Secret9876@one.test","to":"b@c.test"}',
      '{"url":"smtp://<redacted>@one.test","to":"b@c.test"}',
    ],
    [
      'POST https://a.test/t?client_secret=Secret9876 failed',
      'POST https://a.test/t?client_secret=<redacted> failed',
    ],
    [
      'grant_type=refresh_token&refresh_token=Secret9876&scope=a%20b',
      'grant_type=refresh_token&refresh_token=<redacted>&scope=a%20b',
    ],
    ['access_token=Secret9876&token_type=Bearer', 'access_token=<redacted>&token_type=Bearer'],
    ['user=ann&password=Secret9876', 'user=ann&password=<redacted>'],
    ['sv=2024&sig=Secret9876%3D&se=1', 'sv=2024&sig=<redacted>&se=1'],
    ['?key=Secret9876&alt=json', '?key=<redacted>&alt=json'],
    ['X-Amz-Date=1&X-Amz-Signature=Secret9876', 'X-Amz-Date=1&X-Amz-Signature=<redacted>'],
    ['api_key=Secret9876, retry=1', 'api_key=<redacted>, retry=1'],
    ['assertion=Secret9876.a.b&x=1', 'assertion=<redacted>&x=1'],
    ['{"client_id":"me","client_secret":"Secret9876"}', '{"client_id":"me","client_secret":"<redacted>"}'],
    ['{"refresh_token": "Secret9876", "scope": "a"}', '{"refresh_token": "<redacted>", "scope": "a"}'],
    [String.raw`{\"password\":\"Secret9876\",\"a\":1}`, String.raw`{\"password\":\"<redacted>\",\"a\":1}`],
    [String.raw`{"password":"a\"Secret9876","a":1}`, '{"password":"<redacted>","a":1}'],
    ["{ user: 'ann', pass: 'Secret9876' }", "{ user: 'ann', pass: '<redacted>' }"],
    ["{ apiKey: 'Secret9876', port: 25 }", "{ apiKey: '<redacted>', port: 25 }"],
    ['x-api-key: Secret9876', 'x-api-key: <redacted>'],
    ['SMTP_PASS=hunter', 'SMTP_PASS=<redacted>'],
    ['client_secret: Secret9876 was refused', 'client_secret: <redacted> was refused'],
    ['headers: Authorization: Bearer Secret9876', 'headers: Authorization: Bearer <redacted>'],
    [
      'Proxy-Authorization: Basic U2VjcmV0OTg3Ng==, Host: a',
      'Proxy-Authorization: Basic <redacted>, Host: a',
    ],
    [
      "{ authorization: 'Bearer Secret9876', accept: '*/*' }",
      "{ authorization: 'Bearer <redacted>', accept: '*/*' }",
    ],
    ['{"authorization":"Basic Secret9876"}', '{"authorization":"Basic <redacted>"}'],
    ['sent Bearer eyJSecret9876.eyJ.abc to it', 'sent Bearer <redacted> to it'],
  ])('%s', (text, shown) => {
    expect(shownAs(text)).toBe(shown)
  })
})

describe('innocent text stays as it is:', () => {
  it.each([
    'see https://medium.test/@user and https://a.test/?email=a@b.test',
    'GET http://registry.test:4873/@scope/pkg 404',
    'GET http://[::1]:8080/a@b failed',
    'connect ECONNREFUSED 127.0.0.1:25, to ann@sender.example',
    'cannot reach smtp://mail.test:587 (smtps://mail.test)',
    '535 5.7.8 Username and Password not accepted: check your password: it is wrong',
    'Basic authentication is disabled; use Bearer tokens. Bearer authentication required',
    'AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value',
    '{"error":"invalid_grant","error_description":"Token has been expired or revoked.","error_codes":[700082]}',
    '{"error":"invalid_token","token_type":"Bearer","token_endpoint":"https://a.test/token","expires_in":3599}',
    `Unexpected token '<', "<!DOCTYPE "... is not valid JSON`,
    'the access token: not fetched in time',
    'max_tokens=100 pageToken: none',
    'Authorization: required',
    'error:1E08010C:DECODER routines::unsupported, passphrase: missing',
    'bypass: 8 of 10 signals; a passing key=value',
  ])('%s', (text) => {
    expect(shownAs(text)).toBe(text)
  })
})

describe('a megabyte that is meant to keep a program busy is read in time:', () => {
  it.each([
    'token',
    'token=',
    'token: ',
    'token:"',
    String.raw`token:\\"`,
    'bearer ',
    'bearer a',
    'authorization:',
    'authorization: basic ',
    '\\',
    '"',
    '@',
    '://',
    '://a:',
    '://a:@',
    'pwd',
  ])(
    '%j',
    (part) => {
      const error = new MailError({
        stage: 'auth',
        kind: 'oauth-token',
        summary: 'x',
        cause: `smtp://a:${KEY}@b.test ${part.repeat(1_000_000 / part.length)}`,
      })
      expect(error.cause).toMatch(/^smtp:\/\/<redacted>@/)
    },
    5_000,
  )
})
