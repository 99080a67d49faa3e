import type { LookupFunction } from 'node:net'
import type { Action, ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import type { SmtpOptions } from '../src/index.ts'
import { everything, failure, failureOf, message, scene, thrownBy } from './scene.ts'
import { smtp } from '../src/index.ts'

const AUTH = { user: 'ann@sender.example', pass: 'open sesame' }
const TOKEN = { user: 'ann@sender.example', accessToken: 'ya29.token' }

/** Any host name is this machine. */
const here: LookupFunction = (_, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)

/** As if the server were at that host, without TLS. */
const at = (host: string): Partial<SmtpOptions> => ({
  host,
  lookup: here,
  tls: 'none',
  allowInsecureAuth: true,
})

type Row = readonly [
  what: string,
  script: ServerScript,
  options: Partial<SmtpOptions>,
  code: RegExp,
  hint: RegExp,
]

const login = ['AUTH PLAIN LOGIN']
const refusing = (
  event: 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'DOT' | 'EHLO' | 'CONNECT',
  action: Action,
): ServerScript => ({
  caps: login,
  on: { [event]: action, ...(event === 'EHLO' && { HELO: action }) },
})
const stars = '220 ***************************0*0*0****0*********2******2002***'
const basic = '535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.OUTLOOK.COM]'

const ROWS: readonly Row[] = [
  [
    'AUTH that is not even offered under TLS',
    { tls: 'implicit' },
    { auth: AUTH },
    /auth-not-offered/,
    /^The server offers no log-in on port/,
  ],
  [
    'tokens only',
    { caps: ['AUTH XOAUTH2 OAUTHBEARER'] },
    { auth: AUTH },
    /^auth\/auth-mechanism/,
    /`auth\.accessToken`/,
  ],
  [
    'tokens only, at Microsoft',
    { caps: ['AUTH XOAUTH2'] },
    { auth: AUTH, ...at('smtp.office365.com') },
    /^auth/,
    /microsoft\(/,
  ],
  [
    'tokens only, at Google',
    { caps: ['AUTH XOAUTH2'] },
    { auth: AUTH, ...at('smtp.gmail.com') },
    /^auth/,
    /google\(/,
  ],
  [
    'basic authentication is off',
    refusing('AUTH', basic),
    { auth: AUTH },
    /^auth\//,
    /`auth\.accessToken`: `microsoft\(/,
  ],
  ['passwords only', { caps: login }, { auth: TOKEN }, /^auth\/auth-mechanism/, /`auth\.pass`/],
  [
    'a wrong password at Google',
    refusing('AUTH', '535 5.7.8 Username and Password not accepted'),
    { auth: AUTH, ...at('smtp.gmail.com') },
    /^auth\/bad/,
    /app passwords/,
  ],
  [
    'a wrong password at Amazon',
    refusing('AUTH', '535 Authentication Credentials Invalid'),
    { auth: AUTH, ...at('email-smtp.eu-west-1.amazonaws.com') },
    /^auth\/bad/,
    /access keys of IAM/,
  ],
  [
    'a wrong password at SendGrid',
    refusing('AUTH', '535 Authentication failed: Bad username / password'),
    { auth: AUTH, ...at('smtp.sendgrid.net') },
    /^auth\/bad/,
    /`apikey`/,
  ],
  [
    'a password with a space behind it',
    refusing('AUTH', '535 5.7.8 No'),
    { auth: { ...AUTH, pass: 'open sesame ' } },
    /^auth\/bad/,
    /^The password begins or ends/,
  ],
  [
    'a password with a tab before it',
    refusing('AUTH', '535 5.7.8 No'),
    { auth: { ...AUTH, pass: '\topen sesame' } },
    /^auth\/bad/,
    /^The password begins or ends/,
  ],
  [
    'a password with spaces inside',
    refusing('AUTH', '535 5.7.8 No'),
    { auth: { ...AUTH, pass: 'abcd efgh ijkl mnop' } },
    /^auth\/bad/,
    /^Check the user name/,
  ],
  [
    'a user name with a space behind it',
    refusing('AUTH', '535 5.7.8 No'),
    { auth: { ...AUTH, user: 'ann ' } },
    /^auth\/bad/,
    /^The user name begins or ends/,
  ],
  [
    'relaying refused after a log-in',
    refusing('RCPT', '554 5.7.1 Relay access denied'),
    { auth: AUTH },
    /relay-denied/,
    /this account may not send to other domains/,
  ],
  [
    'relaying refused without one',
    refusing('RCPT', '554 5.7.1 Relay access denied'),
    {},
    /relay-denied/,
    /set `auth`/,
  ],
  [
    'a log-in that is lost',
    refusing('MAIL', '530 5.7.0 Authentication required'),
    { auth: AUTH },
    /auth-required/,
    /took the log-in, but now it asks for one/,
  ],
  [
    'a log-in that is missing',
    refusing('MAIL', '530 5.7.0 Authentication required'),
    {},
    /auth-required/,
    /^Set `auth`/,
  ],
  [
    'AUTH that is offered under TLS alone',
    {},
    { auth: AUTH },
    /auth-not-offered/,
    /only once the connection is encrypted/,
  ],
  [
    'a name refused at EHLO',
    refusing('EHLO', '501 5.5.4 Invalid domain name'),
    { name: 'crm' },
    /^ehlo/,
    /`crm`.*`name`/,
  ],
  [
    'a name refused at RCPT',
    refusing('RCPT', '504 5.5.2 <crm>: Helo command rejected: need fully-qualified hostname'),
    { name: 'crm' },
    /^rcpt-to/,
    /`crm`.*`name`/,
  ],
  [
    'a name that Google does not like',
    refusing('EHLO', '421 4.7.0 Try again later, closing connection. (EHLO) f10sm1 - gsmtp'),
    {},
    /^ehlo/,
    /`name`/,
  ],
  [
    'too many connections at the greeting',
    refusing('CONNECT', '421 4.7.0 Too many connections from your IP'),
    { pool: { connections: 7 } },
    /^greeting/,
    /`pool\.connections`.*7 now/,
  ],
  [
    'too many connections at the end',
    refusing('DOT', '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded'),
    {},
    /^body/,
    /`pool\.connections` to 3 or less \(it is 5 now\)/,
  ],
  [
    'too many connections although there is one',
    refusing('DOT', '432 4.3.2 Concurrent connections limit exceeded.'),
    { pool: { connections: 1 } },
    /^body/,
    /only one connection/,
  ],
  [
    'a firewall that masks STARTTLS',
    refusing('EHLO', '250-mx.example\n250-8BITMIME\n250 XXXXXXXA'),
    { tls: 'starttls' },
    /starttls-not-offered/,
    /^A firewall/,
  ],
  [
    'a firewall that masks the greeting',
    { on: { CONNECT: stars, EHLO: "500 5.5.1 Command unrecognized: 'XXXX app.example'" } },
    { tls: 'starttls' },
    /starttls-not-offered/,
    /^A firewall/,
  ],
  [
    'a firewall that masks AUTH',
    refusing('EHLO', '250-mx.example\n250 XXXXXXXA'),
    { auth: AUTH },
    /auth-not-offered/,
    /^A firewall/,
  ],
  [
    'no STARTTLS and no firewall',
    { caps: ['XCLIENT NAME'] },
    { tls: 'starttls' },
    /starttls-not-offered/,
    /^Use a port that offers TLS/,
  ],
  [
    'silence at EHLO',
    refusing('EHLO', { stall: true }),
    { timeoutMs: 150 },
    /^ehlo\/timeout/,
    /too slow.*`timeouts\.ehlo`/,
  ],
  [
    'silence at AUTH',
    refusing('AUTH', { stall: true }),
    { auth: AUTH, timeoutMs: 150 },
    /^auth\/timeout/,
    /too slow.*`timeouts\.auth`/,
  ],
  [
    'silence at MAIL',
    refusing('MAIL', { stall: true }),
    { timeoutMs: 150 },
    /^mail-from\/timeout/,
    /too slow.*`timeouts\['mail-from'\]`/,
  ],
  [
    'silence at RCPT',
    refusing('RCPT', { stall: true }),
    { timeoutMs: 150 },
    /^rcpt-to\/timeout/,
    /too slow.*greylisting.*`timeouts\['rcpt-to'\]`/,
  ],
  [
    'silence at DATA',
    refusing('DATA', { stall: true }),
    { timeoutMs: 150 },
    /^data\/timeout/,
    /too slow.*`timeouts\.data`/,
  ],
  [
    'silence after the final dot',
    refusing('DOT', { stall: true }),
    { timeoutMs: 150 },
    /^body\/timeout/,
    /^The message may have been delivered/,
  ],
  [
    'an error for good',
    refusing('DOT', '554 5.3.0 Internal error'),
    {},
    /server-error/,
    /^Look for the cause/,
  ],
  ['an error for now', refusing('DOT', '451 4.3.0 Internal error'), {}, /server-error/, /^Try again later/],
  [
    'credentials refused for now',
    refusing('AUTH', '454 4.7.8 Bad credentials for now'),
    { auth: AUTH },
    /^auth/,
    /another attempt may succeed|Try again later/,
  ],
  [
    'a page that explains it',
    refusing('RCPT', '550 5.7.1 Blocked, see https://support.example/block?u=1'),
    {},
    /^rcpt-to/,
    /The link in the server's reply explains more\.$/,
  ],
  [
    'a token with a space behind it',
    { ...refusing('AUTH', '535 5.7.8 No'), caps: ['AUTH XOAUTH2'] },
    { auth: { ...TOKEN, accessToken: `${TOKEN.accessToken} ` } },
    /^auth\//,
    /^The access token begins or ends/,
  ],
  [
    'STARTTLS that is not followed by TLS',
    { caps: ['STARTTLS'], on: { STARTTLS: { starttls: { garbage: 'what\r\n' } } } },
    { ...at('mail.example.com'), tls: 'starttls' },
    /^tls\//,
    /agreed to STARTTLS/,
  ],
  [
    'STARTTLS that is followed by silence',
    { caps: ['STARTTLS'], on: { STARTTLS: { starttls: { stall: true } } } },
    { ...at('mail.example.com'), tls: 'starttls', timeoutMs: 150 },
    /^tls\/timeout/,
    /agreed to STARTTLS/,
  ],
  [
    'TLS that is followed by silence',
    { tls: 'implicit', on: { CONNECT: { stall: true } } },
    { timeoutMs: 400 },
    /^greeting\/timeout/,
    /^TLS works/,
  ],
]

describe.concurrent('a hint knows what was configured, and how far the send came', () => {
  it.each(ROWS)('%s', async (_, script, options, code, hint) => {
    await using s = await scene(script, options)
    const error = await failure(s.transport)
    expect(error.code).toMatch(code)
    expect(error.hint).toMatch(hint)
    for (const { pass } of [AUTH, { pass: TOKEN.accessToken }]) {
      expect(error.hint).not.toContain(pass)
      expect(everything(error)).not.toContain(pass)
    }
  })

  it('also where nothing is sent and only the connection is checked', async () => {
    await using s = await scene({ caps: ['AUTH XOAUTH2'] }, { auth: AUTH })
    expect((await failureOf(s.transport.verify!())).hint).toMatch(/`auth\.accessToken`/)
  })

  it('also of a caller who gives up while the server is slow', async () => {
    await using s = await scene({ on: { EHLO: { stall: true } } })
    const giveUp = new AbortController()
    const failed = failure(s.transport, undefined, { signal: giveUp.signal })
    await s.server.waitFor('command', ({ command }) => command === 'EHLO')
    giveUp.abort(new DOMException('too late', 'TimeoutError'))
    expect((await failed).hint).toMatch(/`timeouts\.ehlo`/)
  })

  it('STARTTLS that does not work on this machine: nobody needs it there', async () => {
    const garbage = { starttls: { garbage: 'no TLS here\r\n' } } as const
    await using s = await scene({ caps: ['STARTTLS'], on: { STARTTLS: garbage } }, { tls: undefined })
    const outcome = await s.transport.send(message()).then(
      () => 'sent in the clear',
      (error: unknown) => (error as { hint: string }).hint,
    )
    expect(outcome).toMatch(/sent in the clear|tls=none/)
  })
})

describe('a line break in credentials is found when the transport is made', () => {
  it.each([
    ['auth.pass', { user: 'ann', pass: 'sesame\n' }],
    ['auth.pass', { user: 'ann', pass: 'open\r\nsesame' }],
    ['auth.user', { user: 'ann\n', pass: 'sesame' }],
    ['auth.accessToken', { user: 'ann', accessToken: 'sesame\n' }],
  ])('%s', (name, auth) => {
    const error = thrownBy(() => smtp({ host: 'mail.example.com', auth }))
    expect(error.code).toBe('config/invalid-config')
    expect(error.message).toContain(`${name} contains a line break`)
    expect(everything(error)).not.toContain('sesame')
  })
  it('also in a URL', () => {
    expect(thrownBy(() => smtp('smtp://ann:sesame%0A@mail.example.com')).message).toContain('line break')
  })
  it('white space inside a password is right', () => {
    expect(smtp({ host: 'mail.example.com', auth: { user: 'ann', pass: 'abcd efgh ' } }).name).toContain(
      'smtp(',
    )
  })
})
