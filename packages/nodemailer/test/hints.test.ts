import type { ServerScript } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { describe, expect, it } from 'vitest'
import { nodemailer } from '../src/index.ts'
import { AUTH, failure, PASSWORD, scene } from './setup.ts'

const login = ['AUTH PLAIN LOGIN']
const stars = '220 ***************************0*0*0****0*********2******2002***'
const basic = '535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.OUTLOOK.COM]'
const wrong = '535 5.7.8 Username and Password not accepted. a1 - gsmtp'
const masked = '250-mx.example\n250-8BITMIME\n250 XXXXXXXA'

const ROWS: readonly (readonly [what: string, script: ServerScript, options: object, hint: RegExp])[] = [
  ['tokens only', { caps: ['AUTH XOAUTH2'] }, { auth: AUTH }, /type: 'OAuth2', user, accessToken/],
  [
    'basic authentication is off',
    { caps: login, on: { AUTH: basic } },
    { auth: AUTH },
    /type: 'OAuth2'.*microsoft\(/,
  ],
  [
    'a wrong password at Google',
    { caps: login, on: { AUTH: wrong } },
    { auth: AUTH },
    /app passwords.*type: 'OAuth2'/,
  ],
  [
    'a password with a space behind it',
    { caps: login, on: { AUTH: wrong } },
    { auth: { ...AUTH, pass: `${PASSWORD} ` } },
    /^The password begins or ends/,
  ],
  [
    'relaying refused after a log-in',
    { caps: login, on: { RCPT: '554 5.7.1 Relay access denied' } },
    { auth: AUTH },
    /this account may not send to other domains/,
  ],
  ['relaying refused without one', { on: { RCPT: '554 5.7.1 Relay access denied' } }, {}, /set `auth`/],
  [
    'a log-in that is lost',
    { caps: login, on: { MAIL: '530 5.7.0 Log in' } },
    { auth: AUTH },
    /took the log-in/,
  ],
  [
    'a name refused at RCPT',
    { on: { RCPT: '504 5.5.2 <crm>: Helo command rejected: need fully-qualified hostname' } },
    { name: 'crm' },
    /`crm`.*`name`/,
  ],
  [
    'too many connections, with a pool',
    { on: { DOT: '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded' } },
    { pool: true, maxConnections: 8 },
    /^Set `maxConnections` to 3 or less \(it is 8 now\)/,
  ],
  [
    'too many connections, without a pool',
    { on: { DOT: '432 4.3.2 Concurrent connections limit exceeded.' } },
    {},
    /^Set `pool: true` and `maxConnections` lower/,
  ],
  ['a firewall that masks STARTTLS', { on: { EHLO: masked } }, { requireTLS: true }, /^A firewall/],
  ['a firewall that masks AUTH', { on: { CONNECT: stars, EHLO: masked } }, { auth: AUTH }, /^A firewall/],
  ['a firewall that masks the greeting', { on: { CONNECT: stars } }, { requireTLS: true }, /^A firewall/],
  [
    'AUTH that is not even offered under TLS',
    { tls: 'implicit' },
    { auth: AUTH, secure: true },
    /^The server offers no log-in on port/,
  ],
  ['AUTH that is offered under TLS alone', {}, { auth: AUTH }, /only once the connection is encrypted/],
  ['silence at RCPT', { on: { RCPT: { stall: true } } }, { socketTimeout: 200 }, /too slow.*`socketTimeout`/],
  [
    'silence at EHLO',
    { on: { EHLO: { stall: true } } },
    { greetingTimeout: 200, socketTimeout: 200 },
    /too slow/,
  ],
  [
    'STARTTLS that does not work on this machine',
    { caps: ['STARTTLS'], on: { STARTTLS: { starttls: { garbage: 'no TLS here\r\n' } } } },
    {},
    /`ignoreTLS: true`/,
  ],
]

describe.concurrent('a hint knows what nodemailer was given', () => {
  it.each(ROWS)('%s', async (_, script, options, hint) => {
    await using s = await scene(script, options)
    const error = await failure(s.transport)
    expect(error.hint).toMatch(hint)
    expect(error.hint).not.toContain(PASSWORD)
  })

  const sameForBoth: readonly (readonly [string, ServerScript, object])[] = [
    ['relaying', { caps: login, on: { RCPT: '554 5.7.1 Relay access denied' } }, { auth: AUTH }],
    ['a name', { on: { MAIL: '550 5.7.1 Helo command rejected: Invalid name' } }, { name: 'crm' }],
    ['a limit', { on: { DOT: '550 5.4.5 Daily user sending limit exceeded a1 - gsmtp' } }, {}],
    ['an error for good', { on: { DOT: '554 5.3.0 Internal error' } }, {}],
    ['a firewall', { on: { CONNECT: stars, EHLO: masked } }, { auth: AUTH }],
  ]
  it.each(sameForBoth)('and is the one of smtp(): %s', async (_, script, options) => {
    await using s = await scene(script, options)
    const { port } = s.server
    const own = smtp({ host: 'localhost', port, tls: 'none', timeoutMs: 2_000, ...options })
    expect((await failure(s.transport)).hint).toBe((await failure(own)).hint)
    await own.close!()
  })
})

describe('a line break in credentials is found when the transport is made', () => {
  it.each([
    ['auth.pass', { user: 'ann', pass: 'sesame\n' }],
    ['auth.user', { user: 'ann\r\n', pass: 'sesame' }],
    ['auth.accessToken', { type: 'OAuth2', user: 'ann', accessToken: 'sesame\n' }],
  ])('%s', (name, auth) => {
    expect(() => nodemailer({ host: 'localhost', auth })).toThrow(
      expect.objectContaining({
        code: 'config/invalid-config',
        summary: expect.stringContaining(`${name} contains a line break`),
      }),
    )
  })
})
