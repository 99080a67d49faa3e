import { describe, expect, it } from 'vitest'
import { MailError, type Kind, type Reply, type Stage } from '../src/index.ts'
import { PROVIDERS } from '../src/failure/providers.ts'
import { KINDS, type Situation } from '../src/transport.ts'

const PLACE: Situation = {
  host: 'mail.example.com',
  port: 587,
  tls: 'starttls',
  auth: 'password',
  name: 'app.example.com',
  connections: 5,
  options: {
    connections: '`pool.connections`',
    token: '`auth.accessToken`',
    plain: '`tls=none`',
    timeout: (stage) => `the time-out of ${stage}`,
  },
  greeting: '220 mail.example.com ESMTP',
  hello: ['250-mail.example.com', '250 AUTH PLAIN'],
  encrypted: true,
}

interface Case {
  readonly stage?: Stage
  readonly kind: Kind
  readonly reply?: string | undefined
  readonly delivered?: 'none' | 'some' | undefined
  readonly situation?: Partial<Situation> | null
}

function hintOf({ stage = 'auth', kind, reply, delivered, situation = {} }: Case): string {
  return new MailError({
    stage,
    kind,
    delivered,
    reply: reply === undefined ? undefined : replyOf(reply),
    situation: situation === null ? undefined : { ...PLACE, ...situation },
  }).hint
}

function replyOf(line: string): Reply {
  const [, code, enhanced, text] = /^(\d{3}) (?:(\d\.\d+\.\d+) )?([^]*)$/.exec(line)!
  return { protocol: 'smtp', code: Number(code), enhanced, text: text! }
}

const sentences = (text: string): number => text.split(/[.:?!](?: |$)/).filter(Boolean).length

describe('a provider', () => {
  it.each(PROVIDERS)(
    '$name is found by its host, below it too, and not by a name that only ends like it',
    (provider) => {
      for (const host of provider.hosts) {
        for (const name of [host, `smtp.${host}`, `SMTP.${host.toUpperCase()}`])
          expect(hintOf({ kind: 'bad-credentials', situation: { host: name } })).toBe(
            provider.password!.replaceAll('{token}', '`auth.accessToken`'),
          )
        const stranger = hintOf({ kind: 'bad-credentials', situation: { host: `not${host}.example` } })
        expect(stranger).toMatch(/^Check the user name/)
      }
    },
  )

  it.each(PROVIDERS)(
    '$name is spoken of in short advice',
    ({ password, token, refusedToken, limit, sender, connections }) => {
      for (const text of [password, token, refusedToken, limit, sender]) {
        if (text === undefined) continue
        expect(text).toMatch(/^[A-Za-z].*\.$/)
        expect(text.length).toBeLessThan(330)
        expect(text).not.toMatch(/again later/)
      }
      expect(connections?.rule ?? 'accepts').toMatch(/accepts(?!.*\.$)/)
    },
  )

  it.each([
    ['its greeting', { greeting: '220 smtp.gmail.com ESMTP a1 - gsmtp' }, '535 5.7.8 No', /app passwords/],
    ['its reply', {}, '535 5.7.8 Username and Password not accepted. a1 - gsmtp', /app passwords/],
    [
      'its greeting',
      { greeting: '220 x.outlook.com Microsoft ESMTP MAIL Service ready' },
      '535 5.7.3 No',
      /Microsoft/,
    ],
    [
      'its reply',
      {},
      '535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.outlook.com]',
      /Microsoft/,
    ],
  ] as const)('is known by %s', (_, situation, reply, hint) => {
    expect(hintOf({ kind: 'bad-credentials', reply, situation })).toMatch(hint)
  })
})

describe('a server that takes no password', () => {
  const basic = '535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.OUTLOOK.COM]'
  it.each([
    ['auth-mechanism', undefined, { hello: ['250-x', '250 AUTH XOAUTH2 OAUTHBEARER'] }, /auth\.accessToken/],
    [
      'auth-mechanism',
      undefined,
      { host: 'smtp.office365.com', hello: ['250-x', '250 AUTH XOAUTH2'] },
      /microsoft\(/,
    ],
    [
      'auth-mechanism',
      undefined,
      { host: 'smtp.gmail.com', hello: ['250-x', '250 AUTH XOAUTH2'] },
      /google\(/,
    ],
    ['auth-mechanism', basic, {}, /microsoft\(/],
    ['bad-credentials', basic, {}, /microsoft\(/],
    ['policy', basic, {}, /microsoft\(/],
    [
      'auth-mechanism',
      '550 5.7.30 Basic authentication is not supported for Client Submission.',
      {},
      /accessToken/,
    ],
    ['bad-credentials', '535 5.7.0 Basic authentication is blocked for this user', {}, /accessToken/],
    [
      'app-password-required',
      '534 5.7.9 Application-specific password required',
      { host: 'smtp.gmail.com' },
      /google\(/,
    ],
    [
      'web-login-required',
      '534 5.7.14 Please log in through your browser',
      { host: 'smtp.gmail.com' },
      /google\(/,
    ],
    ['app-password-required', '534 5.7.9 Application-specific password required', {}, /app password/],
    [
      'policy',
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
      {},
      /SMTP AUTH is switched off/,
    ],
  ] as const)('%s: %s', (kind, reply, situation, hint) => {
    expect(hintOf({ kind, reply, situation })).toMatch(hint)
  })

  it('is not told apart by mechanisms where a password is possible, too', () => {
    const hello = ['250-x', '250 AUTH XOAUTH2 GSSAPI']
    expect(hintOf({ kind: 'auth-mechanism', situation: { hello } })).toMatch(/auth\.method/)
  })

  it('is not meant where a token was given', () => {
    const hint = hintOf({ kind: 'bad-credentials', reply: basic, situation: { auth: 'token' } })
    expect(hint).toMatch(/The token must/)
    expect(hint).not.toMatch(/password/)
  })
})

describe('a token', () => {
  it.each([
    ['oauth-token', '535 5.7.8 No', { host: 'smtp.gmail.com' }, /mail\.google\.com/],
    ['oauth-token', '535 5.7.3 No', { host: 'smtp.office365.com' }, /SMTP\.SendAsApp/],
    ['oauth-token', '535 5.7.8 No', {}, /Fetch a new access token/],
    ['oauth-token', undefined, { host: 'smtp.gmail.com' }, /Fetch a new access token/],
    ['bad-credentials', '535 5.7.8 No', {}, /does not accept the access token/],
    ['auth-mechanism', undefined, { hello: ['250-x', '250 AUTH PLAIN LOGIN'] }, /auth\.pass/],
  ] as const)('%s: %s, %o', (kind, reply, situation, hint) => {
    expect(hintOf({ kind, reply, situation: { ...situation, auth: 'token' } })).toMatch(hint)
  })
})

it('credentials that were refused only for now may be right', () => {
  for (const situation of [{ host: 'smtp.gmail.com' }, { padded: 'password' }, { auth: 'token' }] as const)
    expect(hintOf({ kind: 'bad-credentials', reply: '454 4.7.0 Not now', situation })).toMatch(
      /another attempt may succeed/,
    )
})

describe('white space around', () => {
  it.each(['password', 'user name', 'access token'] as const)(
    'the %s is named, before what the provider needs',
    (padded) => {
      const hint = hintOf({
        kind: 'bad-credentials',
        reply: '535 5.7.8 No',
        situation: { padded, host: 'smtp.gmail.com' },
      })
      expect(hint).toMatch(new RegExp(`^The ${padded} begins or ends with white space`))
    },
  )
})

describe('where a log-in is configured', () => {
  it.each([
    ['rcpt-to', 'relay-denied', '554 5.7.1 Relay access denied'],
    ['mail-from', 'relay-denied', '550 5.7.1 Unable to relay'],
    ['mail-from', 'auth-required', '530 5.7.0 Authentication required'],
    ['auth', 'auth-required', '530 5.7.0 Authentication required'],
    ['ehlo', 'auth-required', '530 5.7.0 Authentication required'],
    ['rcpt-to', 'auth-required', '550 5.7.1 Client was not authenticated'],
    ['body', 'auth-required', '550 5.7.1 Client was not authenticated'],
  ] as const)('%s/%s does not say to log in', (stage, kind, reply) => {
    for (const auth of ['password', 'token'] as const)
      expect(hintOf({ stage, kind, reply, situation: { auth } })).not.toMatch(/[sS]et `auth`|Log in/)
    for (const situation of [{ auth: undefined }, null])
      expect(hintOf({ stage, kind, reply, situation })).toMatch(/[sS]et `auth`/)
  })

  it.each([
    ['ehlo', /before this one could succeed/],
    ['auth', /before this one could succeed/],
    ['mail-from', /took the log-in/],
  ] as const)('and is asked for at %s all the same', (stage, hint) => {
    expect(hintOf({ stage, kind: 'auth-required', reply: '530 5.7.0 Log in' })).toMatch(hint)
  })

  it('names port 25, where it is used', () => {
    const refused = {
      stage: 'rcpt-to',
      kind: 'relay-denied',
      reply: '554 5.7.1 Relay access denied',
    } as const
    expect(hintOf({ ...refused, situation: { port: 25 } })).toMatch(/587 or 465/)
    expect(hintOf({ ...refused, situation: { port: 587 } })).not.toMatch(/465/)
  })

  it.each([
    [{ encrypted: false, tls: 'none' }, /only once the connection is encrypted.*`tls` is `none`/],
    [{ encrypted: false, tls: 'opportunistic' }, /only once the connection is encrypted/],
    [{ port: 25 }, /^Port 25 is for mail between servers/],
    [{ port: 2525 }, /no log-in on port 2525/],
  ] as const)('and AUTH is not offered, with %o', (situation, hint) => {
    expect(hintOf({ kind: 'auth-not-offered', situation })).toMatch(hint)
  })
})

describe('a name that the server does not like in EHLO', () => {
  it.each([
    ['ehlo', '550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)'],
    ['mail-from', '550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)'],
    ['rcpt-to', '504 5.5.2 <crm>: Helo command rejected: need fully-qualified hostname'],
    ['rcpt-to', '450 4.7.1 <crm>: Helo command rejected: Host not found'],
    ['ehlo', '501 5.5.4 Invalid domain name'],
    ['ehlo', '501 Syntactically invalid EHLO argument(s)'],
    ['ehlo', '504 5.5.2 need fully-qualified hostname'],
    ['ehlo', '421 4.7.0 Try again later, closing connection. (EHLO) f10sm1 - gsmtp'],
    ['ehlo', '550 5.7.506 Access Denied, Bad HELO'],
    ['body', '550 5.7.1 Message rejected: EHLO name does not match your address'],
  ] as const)('%s: %s', (stage, reply) => {
    const hint = hintOf({ stage, kind: 'policy', reply })
    expect(hint).toMatch(/`app\.example\.com`.*`name`/)
    expect(hintOf({ stage, kind: 'policy', reply, situation: null })).toMatch(/`name`/)
  })

  it.each([
    ['mail-from', 'protocol', '503 5.5.1 Send EHLO first'],
    ['mail-from', 'protocol', '503 5.5.1 Error: send HELO/EHLO first'],
    ['ehlo', 'protocol', '500 5.5.1 EHLO: command unrecognized'],
    ['ehlo', 'protocol', '502 5.5.2 EHLO not implemented'],
    ['ehlo', 'service-unavailable', '421 4.4.2 Timed out waiting for EHLO'],
    ['ehlo', 'policy', '554 5.7.1 Your host name is on a blocklist'],
    ['ehlo', 'service-unavailable', '421 4.3.2 System not available'],
    ['rcpt-to', 'mailbox-unknown', '550 5.1.1 No such name in this domain'],
    ['rcpt-to', 'domain-unknown', '550 5.1.2 Invalid domain name'],
  ] as const)('is not meant by %s/%s: %s', (stage, kind, reply) => {
    expect(hintOf({ stage, kind, reply })).not.toMatch(/`name`/)
  })
})

describe('too many connections', () => {
  it.each([
    ['greeting', '421 4.7.0 Too many connections from your IP'],
    ['greeting', '421 4.7.0 mx.example Error: too many connections from 192.0.2.1'],
    ['greeting', '554 5.7.1 Too many concurrent SMTP connections; please try again later.'],
    ['mail-from', '421 4.3.2 The maximum number of concurrent server connections has exceeded a limit'],
    ['body', '432 4.3.2 Concurrent connections limit exceeded.'],
    ['body', '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded'],
    ['auth', '454 4.7.0 Too many simultaneous sessions'],
    ['greeting', '421 4.7.1 Too many SMTP-connections, slow down'],
    ['greeting', '421 4.7.1 Maximum number of connections reached'],
    ['greeting', '554 5.7.1 Only 2 connections per IP, please'],
    ['greeting', '421 4.3.2 Connection rate limit exceeded.'],
  ] as const)('%s: %s', (stage, reply) => {
    const hint = hintOf({ stage, kind: 'rate-limited', reply })
    expect(hint).toMatch(/`pool\.connections`.*it is 5 now/)
    expect(hintOf({ stage, kind: 'rate-limited', reply, situation: null })).toMatch(/connections/)
  })

  it.each([
    ['the number that Exchange Online documents', 5, /to 3 or less \(it is 5 now\).*3 connections at once/],
    ['a lower number than the one that is documented', 3, /lower \(it is 3 now\)/],
    ['no lower number than 1', 1, /only one connection.*other programs/],
    ['no number that is not known', undefined, /to 3 or less:/],
  ])('gives %s', (_, connections, hint) => {
    const reply = '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded'
    expect(hintOf({ stage: 'body', kind: 'rate-limited', reply, situation: { connections } })).toMatch(hint)
  })

  it.each([
    '421 4.7.0 Too many messages',
    '454 4.7.0 Too many login attempts',
    '452 4.5.3 Too many recipients',
  ])('is not meant by %s', (reply) =>
    expect(hintOf({ stage: 'mail-from', kind: 'rate-limited', reply })).not.toMatch(/pool\.connections/),
  )
})

describe('a sending limit', () => {
  it.each([
    ['smtp.gmail.com', '550 5.4.5 Daily user sending limit exceeded', /500 messages.*2,000/],
    ['smtp.office365.com', '554 5.2.0 Sender has exceeded the limit', /30 messages a minute.*10,000/],
    ['email-smtp.eu-west-1.amazonaws.com', '454 Throttling failure', /sandbox.*200 a day/],
  ])('of %s has the number that it documents', (host, reply, hint) => {
    expect(hintOf({ stage: 'body', kind: 'rate-limited', reply, situation: { host } })).toMatch(hint)
  })
})

describe('a limit', () => {
  const host = 'smtp.gmail.com'
  it.each([
    [
      'auth',
      'rate-limited',
      '454 4.7.0 Too many login attempts, please try again later.',
      /how often an account may log in/,
    ],
    [
      'auth',
      'auth-temporary',
      '535 5.7.0 (#AUTH005) Too many bad auth attempts.',
      /how often an account may log in/,
    ],
    ['auth', 'auth-temporary', '454 4.7.0 Temporary authentication failure', /^Try again later/],
    [
      'rcpt-to',
      'rate-limited',
      '450 4.2.1 The user you are trying to contact is receiving mail too quickly',
      /^The recipient gets more/,
    ],
    [
      'rcpt-to',
      'rate-limited',
      "550 5.2.122 Recipient's per hour message receive limit exceeded.",
      /^The recipient gets more/,
    ],
  ] as const)('is told apart at %s/%s: %s', (stage, kind, reply, hint) => {
    expect(hintOf({ stage, kind, reply, situation: { host } })).toMatch(hint)
  })
  it('of an account is not meant where nobody logs in', () => {
    const refused = { stage: 'body', kind: 'rate-limited', reply: '421 4.7.28 Rate limited - gsmtp' } as const
    expect(hintOf({ ...refused, situation: { auth: undefined } })).toMatch(/^Try again later/)
  })
})

describe('a time-out after the greeting', () => {
  it.each(['ehlo', 'auth', 'mail-from', 'rcpt-to', 'data', 'body'] as const)(
    'at %s is no firewall',
    (stage) => {
      for (const situation of [{}, null]) {
        const hint = hintOf({ stage, kind: 'timeout', situation })
        expect(hint).toMatch(/^The server greeted this client.*too slow/)
        expect(hint).not.toMatch(/firewall|Check that the host/)
      }
      expect(hintOf({ stage, kind: 'timeout' })).toContain(`the time-out of ${stage}`)
    },
  )
  it.each(['connect', 'dns'] as const)('but at %s it may be one', (stage) => {
    expect(hintOf({ stage, kind: 'timeout' })).toMatch(/firewall/)
  })
})

describe('a firewall that inspects SMTP', () => {
  const stars = '220 ***************************0*0*0****0*********2******2002***'
  it.each([
    ['tls', 'starttls-not-offered', { hello: ['250-x', '250-8BITMIME', '250 XXXXXXXA'] }],
    ['tls', 'starttls-not-offered', { hello: ['250-x', '250-XXXA', '250 SIZE 100'] }],
    ['tls', 'starttls-not-offered', { greeting: stars }],
    ['tls', 'starttls-not-offered', { hello: ["500 5.5.1 Command unrecognized: 'XXXX app.example'"] }],
    ['auth', 'auth-not-offered', { hello: ['250-x', '250 XXXXXXXB'] }],
    ['mail-from', 'auth-required', { greeting: stars, auth: undefined }],
    ['ehlo', 'protocol', { greeting: stars }],
  ] as const)('is named at %s/%s, with %o', (stage, kind, situation) => {
    expect(hintOf({ stage, kind, situation })).toMatch(/^A firewall.*port 465/)
  })
  it.each([
    ['tls', 'starttls-not-offered', { hello: ['250-x', '250-XCLIENT NAME', '250 XFORWARD'] }],
    ['tls', 'starttls-not-offered', { greeting: '220 *** mail.example.com ***' }],
    ['rcpt-to', 'mailbox-unknown', { greeting: stars }],
  ] as const)('is not seen at %s/%s, with %o', (stage, kind, situation) => {
    expect(hintOf({ stage, kind, situation })).not.toMatch(/^A firewall/)
  })
})

describe('TLS', () => {
  it.each([
    ['not-tls', { tls: 'opportunistic' }, /tls=none/],
    ['connection-lost', { tls: 'opportunistic' }, /tls=none/],
    ['tls-unavailable', { tls: 'opportunistic' }, /tls=none/],
    ['certificate-untrusted', { tls: 'opportunistic' }, /tlsOptions\.ca/],
    ['response-injection', { tls: 'opportunistic' }, /tampering/],
    ['timeout', {}, /agreed to STARTTLS/],
    ['connection-lost', {}, /agreed to STARTTLS/],
    ['not-tls', {}, /agreed to STARTTLS/],
    ['timeout', { tls: 'implicit', greeting: undefined }, /may expect plain SMTP/],
    ['not-tls', { tls: 'implicit', port: 587, greeting: undefined }, /^Port 587 begins without TLS/],
    ['certificate-hostname', { host: '192.0.2.1' }, /IP address/],
    ['certificate-hostname', { host: '2001:db8::1' }, /IP address/],
    ['certificate-hostname', {}, /host name that the certificate is for/],
  ] as const)('%s, with %o', (kind, situation, hint) => {
    expect(hintOf({ stage: 'tls', kind, situation })).toMatch(hint)
  })
  it.each(['timeout', 'connection-lost'] as const)('is what port 465 waits for: %s', (kind) => {
    expect(hintOf({ stage: 'greeting', kind, situation: { port: 465 } })).toMatch(/smtps:/)
    const implicit = hintOf({ stage: 'greeting', kind, situation: { port: 465, tls: 'implicit' } })
    expect(implicit).not.toMatch(/^Port 465/)
  })
  it('is there already, where the server means the way onward', () => {
    const reply = '421 4.7.0 TLS required for RCPT domain, closing connection.'
    expect(hintOf({ stage: 'rcpt-to', kind: 'tls-required', reply })).toMatch(/encrypted already/)
    const plain = hintOf({ stage: 'rcpt-to', kind: 'tls-required', reply, situation: { encrypted: false } })
    expect(plain).toMatch(/Use STARTTLS/)
  })
})

const REPLIES = ['greeting', 'ehlo', 'auth', 'mail-from', 'rcpt-to', 'data', 'body'] as const
const refusals = (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
  REPLIES.filter((stage) => (KINDS[kind].stages as readonly Stage[]).includes(stage)).map(
    (stage) => [stage, kind] as const,
  ),
)

describe.each(refusals)('%s/%s', (stage, kind) => {
  it('does not say to try again where the server refused for good', () => {
    for (const situation of [{}, null]) {
      const hint = hintOf({ stage, kind, reply: '550 5.3.0 No', situation })
      // Of too many recipients, another attempt takes the rest.
      if (kind !== 'too-many-recipients')
        expect(hint).not.toMatch(/Try again|a few (?:minutes|hours)|may succeed/)
    }
  })
  it('does not say that nothing can help where the server refused only for now', () => {
    for (const situation of [{}, null]) {
      const hint = hintOf({ stage, kind, reply: '450 4.3.0 No', situation })
      expect(hint).not.toMatch(/will fail the same way|will fail, too/)
      expect(sentences(hint)).toBeLessThanOrEqual(5)
    }
  })
})

describe("a link in the server's reply", () => {
  const kind = 'policy'
  it('is mentioned and not repeated', () => {
    const hint = hintOf({ stage: 'body', kind, reply: '550 5.7.1 No, see https://evil.example/?p=1' })
    expect(hint).toMatch(/link in the server's reply/)
    expect(hint).not.toMatch(/evil/)
  })
  it.each(['see http://plain.example/', 'see https://', 'see javascript:x', 'no link'])(
    'is not %s',
    (text) => {
      expect(hintOf({ stage: 'body', kind, reply: `550 5.7.1 ${text}` })).not.toMatch(/link/)
    },
  )
})

it('several reasons are not explained by the first of them', () => {
  const reply = '421 4.7.0 Too many connections'
  expect(hintOf({ stage: 'rcpt-to', kind: 'mixed', reply })).toMatch(/^Look at `recipients`/)
})

it('what the server says is never part of a hint', () => {
  for (const kind of Object.keys(KINDS) as Kind[])
    for (const stage of ['ehlo', 'auth', 'rcpt-to', 'tls'] as const) {
      const words = 'evil-words HELO name too many connections basic authentication is disabled'
      const hint = hintOf({
        stage,
        kind,
        reply: `550 5.7.139 ${words}`,
        situation: { greeting: '220 evil-greeting', hello: ['250-evil-hello', '250 AUTH EVIL-MECHANISM'] },
      })
      expect(hint).not.toMatch(/evil/i)
    }
})

it('new recipients do not make a failure forget the situation', () => {
  const error = new MailError({
    stage: 'rcpt-to',
    kind: 'relay-denied',
    reply: replyOf('554 5.7.1 Relay access denied'),
    situation: PLACE,
  })
  const changed = error.with({
    recipients: [{ address: 'a@example.com', status: 'rejected', kind: 'relay-denied' }],
  })
  expect(changed.hint).toBe(error.hint)
  expect(changed.with({ transport: 'x' }).with({ recipients: [] }).hint).toBe(error.hint)
})
