import { describe, expect, it } from 'vitest'
import { google, microsoft, type AccessToken } from '../src/index.ts'
import { maskCredentials } from '../src/mask.ts'
import { everything, failureOf } from './failure-of.ts'
import { rsaCertificate } from './rsa-certificate.ts'
import { startTokenServer, type TokenRequest, type TokenServer } from './token-server.ts'

const SECRET = 'aB3~x/Y+z=9"é-Q8'
const REFRESH = 'r3fresh/"x'
const SECRET_FIELDS = ['client_secret', 'refresh_token', 'assertion', 'client_assertion']

const account = { client_email: 'mail@tea.iam.example', private_key: rsaCertificate.key }
const app = { tenant: 'tea.example', clientId: 'app' }

const WAYS: [string, (server: TokenServer) => AccessToken][] = [
  ['a client secret', ({ url }) => microsoft({ ...app, clientSecret: SECRET, authority: url })],
  ['a certificate', ({ url }) => microsoft({ ...app, certificate: rsaCertificate, authority: url })],
  [
    'a refresh token',
    ({ url }) => microsoft({ ...app, clientSecret: SECRET, refreshToken: REFRESH, authority: url }),
  ],
  [
    'a service account',
    ({ tokenUrl }) => google({ serviceAccount: account, subject: 'ann@tea.example', tokenUrl }),
  ],
]

const FORMS: [string, (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['percent-encoded', encodeURIComponent],
  ['in JSON', (secret) => JSON.stringify(secret)],
  ['in base64', (secret) => Buffer.from(secret).toString('base64')],
  ['in base64url, behind something', (secret) => Buffer.from(`client:${secret}`).toString('base64url')],
  ['in hex', (secret) => Buffer.from(secret).toString('hex')],
]

function secretsOf({ form }: TokenRequest): string[] {
  return SECRET_FIELDS.map((name) => form[name]).filter((value) => value !== undefined)
}

describe.each(WAYS)('a provider that repeats %s', (_way, make) => {
  it.each(FORMS)('%s: it is in no error', async (_form, encode) => {
    await using server = await startTokenServer((response, request) => {
      const words = secretsOf(request).map((secret) => `before ${encode(secret)} after`)
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({ error: 'invalid_request', error_description: `wrong: ${words.join(' and ')}` }),
      )
    })
    const error = await failureOf(make(server)())
    expect(error.summary).toContain('invalid_request: wrong')
    const secrets = secretsOf(server.requests[0]!)
    expect(secrets).not.toEqual([])
    const printed = everything(error)
    for (const secret of secrets) {
      expect(printed).not.toContain(secret)
      expect(printed).not.toContain(encode(secret))
      expect(printed).not.toContain(encode(secret).slice(0, 24))
    }
  })
})

it.each([470, 475, 480, 484])(
  'a secret where the words are cut, after %d characters, is not half shown',
  async (length) => {
    const words = `${'word '.repeat(100).slice(0, length)} ${SECRET}`
    await using server = await startTokenServer({
      status: 400,
      body: { error: 'invalid_grant', error_description: words },
    })
    const error = await failureOf(microsoft({ ...app, clientSecret: SECRET, authority: server.url })())
    expect(everything(error)).not.toContain(SECRET.slice(0, 3))
  },
)

it('a token that a provider puts into an error is in no error', async () => {
  const token = 'ya29.a0AfH6SMBx1Y2_abc-DEF'
  await using server = await startTokenServer({
    status: 400,
    body: {
      error: 'invalid_grant',
      error_description: `${'word '.repeat(40)}${token} is too old`,
      hint: token,
    },
  })
  const error = await failureOf(microsoft({ ...app, clientSecret: SECRET, authority: server.url })())
  expect(error.summary).toContain('invalid_grant')
  expect(everything(error)).not.toContain('ya29')
})

describe('what looks like a credential is masked in the words of a provider', () => {
  it.each([
    'eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL291dGxvb2sifQ.c2lnbmF0dXJl',
    'ya29.a0AfH6SMBx1Y2_abc-DEF',
    '1//0gFoq7Zx1-abcDEF_ghi',
    'GOCSPX-1a2B3c4D5e6F7g8H9i0J',
    'ApZ8Q~2mlBG7.x-y_zABCDEF12345',
    '0.AXoA1234567890abcdef',
    '9f61b0fc17ec4d1e8b0a9f61b0fc17ec',
    'QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
    'refresh_token=short1',
    'client_secret: "p4ss"',
    'assertion=abc',
    'https://login.example/?code=M.C5_BAY.2.U.1a2b3c4d',
  ])('%s', (credential) => {
    const masked = maskCredentials(`The value '${credential}' is wrong`)
    expect(masked).toContain('<redacted>')
    for (const part of credential.split(/[=: "?]+/).filter((each) => /\d/.test(each)))
      expect(masked).not.toContain(part)
  })

  it.each([
    'AADSTS7000215: Invalid client secret provided.',
    'Trace ID: 3ce379e4-441f-4eae-9730-fc0220183001 Timestamp: 2026-06-18 03:16:39Z',
    "for a secret added to app '396c2760-2fa5-4948-b9d5-9839a7440836'.",
    'The scope https://outlook.office365.com/.default is not valid',
    'https://outlook.office.com/SMTP.Send offline_access',
    'issued on 2026-01-09T09:21:18.1234567Z and inactive for 90.00:00:00',
    "The account 'ann.tea2024@tea.onmicrosoft.com' does not exist",
    'unsupported_grant_type, temporarily_unavailable',
    'https://support.google.com/a/answer/9368756',
    "the following parameter: 'client_assertion' or 'client_secret'.",
    'client_secret or client_assertion is required',
  ])('and this is not: %s', (words) => {
    expect(maskCredentials(words)).toBe(words)
  })
})
