import type { ServerScript } from '@loudmail/server'
import type { RealName, SetUp } from './set-up.ts'
import { certificate } from './world.ts'

/** The user of the scripted servers. */
const USER = 'ann@example.test'

const good = certificate('good')
const caps = ['PIPELINING', 'SIZE 10485760', 'ENHANCEDSTATUSCODES', '8BITMIME']
/** STARTTLS first, then a log-in, as providers have it on port 587. */
const submission = {
  tlsOpts: good,
  caps: [...caps, 'STARTTLS'],
  capsTls: [...caps, 'AUTH PLAIN LOGIN'],
  requireAuth: true,
} satisfies ServerScript
const implicit = { ...submission, tls: 'implicit', caps: submission.capsTls } satisfies ServerScript
const relay = { caps } satisfies ServerScript
const provider = { 587: submission, 465: implicit } as const
const shows = (name: string): ServerScript => ({ ...submission, tlsOpts: certificate(name) })
const on = (events: NonNullable<ServerScript['on']>, base: ServerScript = submission): ServerScript => ({
  ...base,
  on: events,
})
const logInAnswers = (reply: string): ServerScript => on({ AUTH: reply })
/** With SMTP inspection, as old firewalls do it. */
const masked: ServerScript = {
  caps: ['XXXXXXXA', 'XXXXXXXB', '8BITMIME'],
  on: { CONNECT: `220 ${'*'.repeat(40)}` },
}
const isChunked = ({ entries }: { entries: readonly { text: string }[] }): boolean =>
  entries.some(({ text }) => text.startsWith('BDAT'))
const mail = 'mail.example.test'
const user = encodeURIComponent(USER)
const url = `smtp://${user}:SECRET@${mail}:587`
const real: readonly RealName[] = ['Postfix', 'Exim', 'OpenSMTPD']
const inbox = 'smtp://ann:ann-s3cret@mail.inbox.test'
const realLogIn = { password: 'ann-s3cret', from: 'ann@inbox.test' } as const
const REFUSED_SENDER = {
  Postfix: 'rcpt-to/policy',
  Exim: 'mail-from/sender-rejected',
  OpenSMTPD: 'mail-from/policy',
} as const

/** The set-ups in the order of the table. */
export const setUps: readonly SetUp[] = [
  {
    title: 'nothing is wrong',
    servers: provider,
    asks: [url],
    finds: 'works',
    fix: 'none needed',
  },
  ...real.map((server): SetUp => ({
    title: 'nothing is wrong',
    servers: server,
    asks: [`${inbox}:587`],
    finds: 'works',
    fix: 'none needed',
    ...realLogIn,
  })),

  // Ports and TLS
  {
    title: 'STARTTLS on port 465, which begins with TLS',
    servers: provider,
    asks: [`smtp://${user}:SECRET@${mail}:465?tls=starttls&timeoutMs=1500`],
    finds: 'greeting/timeout',
    fix: 'tried',
  },
  {
    title: 'TLS from the start on port 587',
    servers: provider,
    asks: [`smtps://${user}:SECRET@${mail}:587`],
    finds: 'tls/not-tls',
    fix: 'tried',
  },
  ...real.flatMap((server): SetUp[] => [
    {
      title: 'STARTTLS on port 465, which begins with TLS',
      servers: server,
      asks: [`${inbox}:465?tls=starttls&timeoutMs=1500`],
      // Exim and OpenSMTPD close when they are not spoken to.
      finds: 'greeting/timeout',
      fix: 'tried',
      ...realLogIn,
    },
    {
      title: 'TLS from the start on port 587',
      servers: server,
      asks: [`smtps${inbox.slice(4)}:587`],
      finds: 'tls/not-tls',
      fix: 'tried',
      ...realLogIn,
    },
  ]),
  {
    title: 'a firewall that drops what goes to port 25',
    servers: { ...provider, 25: 'silent' },
    asks: [`smtp://${user}:SECRET@${mail}:25?timeoutMs=1500`],
    finds: 'connect/timeout',
    fix: 'tried',
  },
  {
    title: 'nothing listens on the port',
    servers: provider,
    asks: [`smtp://${user}:SECRET@${mail}:588`],
    finds: 'connect/connection-refused',
    fix: 'tried',
  },
  {
    title: 'the port is that of a web server',
    servers: { ...provider, 80: 'http' },
    asks: [`smtp://${user}:SECRET@${mail}:80?timeoutMs=1500`],
    finds: 'greeting/timeout',
    fix: 'tried',
  },
  {
    title: 'the port is that of an IMAP server',
    servers: { ...provider, 143: 'imap' },
    asks: [`smtp://${user}:SECRET@${mail}:143`],
    finds: 'greeting/not-smtp',
    fix: 'tried',
  },
  {
    title: 'lmtp:// to an SMTP server',
    servers: { 25: relay },
    asks: [`lmtp://${mail}:25?tls=none`],
    finds: 'ehlo/protocol',
    fix: 'tried',
  },
  {
    title: 'the server has no TLS',
    servers: { 25: relay },
    asks: [`smtp://${mail}:25`],
    finds: 'tls/starttls-not-offered',
    fix: 'tried',
  },
  {
    title: 'STARTTLS was taken away on the way; port 465 works',
    servers: { 587: { ...submission, caps }, 465: implicit },
    asks: [url],
    finds: 'tls/starttls-not-offered',
    fix: 'tried',
  },
  {
    title: 'STARTTLS is offered and does not work; port 465 works',
    servers: {
      587: on({ STARTTLS: { starttls: { garbage: '454 4.7.0 TLS is not available here, sorry\r\n' } } }),
      465: implicit,
    },
    asks: [url],
    finds: 'tls/not-tls',
    fix: 'tried',
  },
  {
    title: 'STARTTLS is refused for now; port 465 works',
    servers: { 587: on({ STARTTLS: '454 4.7.0 TLS not available due to local problem' }), 465: implicit },
    asks: [url],
    finds: 'tls/tls-unavailable',
    fix: 'tried',
  },
  {
    title: 'a firewall overwrites the greeting and EHLO with * and X; port 465 works',
    servers: { 587: masked, 465: implicit },
    asks: [url],
    finds: 'tls/starttls-not-offered',
    fix: 'tried',
  },
  {
    title: 'data is added before TLS begins',
    servers: { 587: on({ STARTTLS: { starttls: { inject: '250 injected\r\n' } } }), 465: implicit },
    asks: [url],
    finds: 'tls/response-injection',
    fix: 'tried',
  },

  // Certificates
  {
    title: 'a certificate that has expired',
    servers: { 587: shows('expired') },
    asks: [url],
    finds: 'tls/certificate-expired',
    fix: 'somebody else',
    says: /renew/,
  },
  {
    title: 'a certificate that expires in five days',
    servers: { 587: shows('soon') },
    asks: [url],
    finds: 'works',
    warns: /expire/,
    fix: 'none needed',
  },
  {
    title: 'a certificate that signed itself',
    servers: { 587: shows('selfsigned') },
    asks: [url],
    finds: 'tls/certificate-untrusted',
    fix: 'proposed',
    says: /fingerprint/i,
  },
  {
    title: 'a certificate for another name',
    servers: { 587: shows('other') },
    asks: [url],
    finds: 'tls/certificate-hostname',
    fix: 'tried',
    says: /relay\.example\.test/,
  },
  ...real.map((server): SetUp => ({
    title: 'an IP address instead of the name',
    servers: server,
    asks: [`smtp://ann:ann-s3cret@127.0.0.1:587?tls=starttls`],
    finds: 'tls/certificate-hostname',
    fix: 'proposed',
    says: /mail\.(?:inbox|example)\.test/,
    ...realLogIn,
  })),
  {
    title: 'an old server that has only TLS 1.0',
    servers: {
      587: {
        ...submission,
        tlsOpts: { ...good, maxVersion: 'TLSv1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      },
    },
    asks: [url],
    finds: 'tls/protocol-version',
    fix: 'tried',
    says: /TLS/,
  },
  {
    title: 'a certificate with a weak key',
    servers: { 587: { ...submission, tlsOpts: { ...certificate('weak'), ciphers: 'DEFAULT@SECLEVEL=0' } } },
    asks: [url],
    finds: 'tls/certificate-untrusted',
    fix: 'tried',
    says: /SECLEVEL/,
  },
  {
    title: 'the server wants a client certificate',
    servers: { 587: { ...submission, tlsOpts: { ...good, requestCert: true, rejectUnauthorized: true } } },
    asks: [url],
    finds: 'tls/client-certificate-required',
    fix: 'somebody else',
    says: /certificate/,
  },

  // Logging in
  {
    title: 'no TLS, and AUTH is offered only with TLS',
    servers: provider,
    asks: [`${url}?tls=none&allowInsecureAuth=true`],
    finds: 'auth/auth-not-offered',
    fix: 'tried',
  },
  {
    title: 'no TLS, and AUTH is offered only with TLS',
    servers: 'Postfix',
    asks: [`${inbox}:587?tls=none&allowInsecureAuth=true`],
    finds: 'auth/auth-not-offered',
    fix: 'tried',
    ...realLogIn,
  },
  {
    title: 'a password, and no TLS to send it with',
    servers: provider,
    asks: [`${url}?tls=none`],
    finds: 'config/invalid-config',
    fix: 'tried',
  },
  {
    title: 'a log-in, and the server has none',
    servers: { 587: { ...submission, capsTls: caps, requireAuth: false } },
    asks: [url],
    finds: 'auth/auth-not-offered',
    fix: 'tried',
    says: /leave out `auth`/,
  },
  {
    title: 'no log-in, and the server wants one',
    servers: provider,
    asks: [`smtp://${mail}:587`],
    finds: 'mail-from/auth-required',
    fix: 'somebody else',
    says: /password/,
  },
  {
    title: 'a wrong password',
    servers: { 587: { ...submission, users: { [USER]: 'another' } } },
    asks: [url],
    finds: 'auth/bad-credentials',
    fix: 'somebody else',
  },
  ...real.map((server): SetUp => ({
    title: 'a wrong password',
    servers: server,
    asks: ['smtp://ann:SECRET@mail.inbox.test:587'],
    finds: 'auth/bad-credentials',
    fix: 'somebody else',
    from: 'ann@inbox.test',
  })),
  {
    title: 'the user name is the whole address',
    servers: { 587: { ...submission, users: { [USER]: 'the right one' } } },
    asks: [`smtp://ann:SECRET@${mail}:587`],
    password: 'the right one',
    finds: 'auth/bad-credentials',
    fix: 'tried',
    says: /whole address/,
  },
  {
    title: 'white space behind a password that was copied',
    servers: { 587: { ...submission, users: { [USER]: 'the-right-one' } } },
    asks: [`smtp://${user}:the-right-one%20@${mail}:587`],
    password: 'the-right-one',
    finds: 'auth/bad-credentials',
    fix: 'tried',
    says: /white space|space/,
  },
  {
    title: 'a line break behind a password from a file',
    servers: { 587: { ...submission, users: { [USER]: 'the-right-one' } } },
    asks: [`smtp://${user}@${mail}:587`, '--password-env', 'MAIL_PASSWORD'],
    env: { MAIL_PASSWORD: 'the-right-one\n' },
    password: 'the-right-one',
    finds: 'config/invalid-config',
    fix: 'tried',
    says: /line break|line end/,
  },
  {
    title: 'a password that was percent-encoded twice',
    servers: { 587: { ...submission, users: { [USER]: 'p@ss#word' } } },
    asks: [`smtp://${user}:p%2540ss%2523word@${mail}:587`],
    password: 'p@ss#word',
    finds: 'auth/bad-credentials',
    fix: 'tried',
    says: /once too often/,
  },
  {
    title: 'a # in the password that is not percent-encoded',
    servers: { 587: { ...submission, users: { [USER]: 'pass#word' } } },
    asks: [`smtp://${user}:RAW@${mail}:587`],
    password: 'pass#word',
    finds: 'config/invalid-config',
    fix: 'tried',
    says: /Percent-encode/,
  },
  {
    title: 'an @ and a / in the password that are not percent-encoded',
    servers: { 587: { ...submission, users: { [USER]: 'p@ss/word' } } },
    asks: [`smtp://${user}:RAW@${mail}:587`],
    password: 'p@ss/word',
    finds: 'config/invalid-config',
    fix: 'tried',
    says: /Percent-encode/,
  },
  {
    title: 'a % in the password that is not percent-encoded',
    servers: { 587: { ...submission, users: { [USER]: '100%sure' } } },
    asks: [`smtp://${user}:RAW@${mail}:587`],
    password: '100%sure',
    finds: 'config/invalid-config',
    fix: 'tried',
    says: /Percent-encode/,
  },
  {
    title: 'a mechanism that the server does not have',
    servers: provider,
    asks: [`${url}?auth.method=CRAM-MD5`],
    finds: 'auth/auth-mechanism',
    fix: 'tried',
  },
  {
    title: 'the server takes only access tokens',
    servers: { 587: { ...submission, capsTls: [...caps, 'AUTH XOAUTH2'] } },
    asks: [url],
    finds: 'auth/auth-mechanism',
    fix: 'somebody else',
    says: /token/,
  },
  {
    title: 'basic authentication is switched off (Microsoft 365)',
    servers: {
      587: logInAnswers(
        '535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [AM0PR01CA0001.eurprd01.prod.exchangelabs.com]',
      ),
    },
    asks: [url],
    finds: 'auth/auth-mechanism',
    fix: 'somebody else',
    says: /microsoft|token/i,
  },
  {
    title: 'an app password is needed (Google)',
    servers: {
      587: logInAnswers(
        '534-5.7.9 Application-specific password required. For more information, go to\n534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor - gsmtp',
      ),
    },
    asks: [url],
    finds: 'auth/app-password-required',
    fix: 'somebody else',
    says: /app password/,
  },
  {
    title: 'the server cannot check passwords for now',
    servers: { 587: logInAnswers('454 4.7.0 Temporary authentication failure') },
    asks: [url],
    finds: 'auth/auth-temporary',
    fix: 'somebody else',
    says: /again|later/,
  },

  // The envelope
  ...real.map((server): SetUp => ({
    title: 'a recipient elsewhere, without a log-in',
    servers: server,
    asks: ['smtp://mail.inbox.test:587'],
    to: 'stranger@elsewhere.test',
    from: 'ann@inbox.test',
    finds: server === 'OpenSMTPD' ? 'rcpt-to/mailbox-unknown' : 'rcpt-to/relay-denied',
    fix: 'somebody else',
  })),
  {
    title: 'a sender that the account may not use',
    servers: {
      587: on({
        MAIL: ({ line }) =>
          line.includes(USER)
            ? undefined
            : '553 5.7.1 <tea@example.test>: Sender address rejected: not owned by user',
      }),
    },
    asks: [url],
    from: 'tea@example.test',
    finds: 'mail-from/sender-not-owned',
    fix: 'tried',
    says: /ann@example\.test/,
    fixedFrom: USER,
  },
  ...real.map((server): SetUp => ({
    title: 'a sender that the server refuses',
    servers: server,
    asks: [`${inbox}:587`],
    password: 'ann-s3cret',
    from: 'refused@sender.test',
    finds: REFUSED_SENDER[server],
    fix: server === 'Exim' ? 'tried' : 'somebody else',
    fixedFrom: 'ann@sender.test',
  })),
  {
    title: 'the server wants a full host name in EHLO',
    servers: {
      25: on(
        {
          EHLO: ({ line }) =>
            line.includes('.')
              ? undefined
              : '504 5.5.2 <app>: Helo command rejected: need fully-qualified hostname',
          HELO: '504 5.5.2 <app>: Helo command rejected: need fully-qualified hostname',
        },
        relay,
      ),
    },
    asks: [`smtp://${mail}:25?tls=none&name=app`],
    finds: 'ehlo/policy',
    fix: 'tried',
    says: /name/,
  },
  ...real.map((server): SetUp => ({
    title: 'greylisting',
    servers: server,
    asks: [server === 'Postfix' ? 'smtp://mail.inbox.test:587' : `${inbox}:587`],
    ...realLogIn,
    to: 'grey@inbox.test',
    finds: 'rcpt-to/greylisted',
    fix: 'somebody else',
    says: /retry|again/,
  })),
  {
    title: 'a mailbox that does not exist',
    servers: 'Exim',
    asks: [`${inbox}:587`],
    ...realLogIn,
    to: 'nobody@inbox.test',
    finds: 'rcpt-to/mailbox-unknown',
    fix: 'somebody else',
  },
  {
    title: 'the largest message is larger than the server accepts',
    servers: provider,
    asks: [url, '--size', '20mb'],
    finds: 'mail-from/message-too-large',
    fix: 'somebody else',
  },
  {
    title: 'the server blocks this address',
    servers: {
      587: on({ CONNECT: '554 5.7.1 Service unavailable; client [192.0.2.1] blocked using a block list' }),
    },
    asks: [url],
    finds: 'greeting/policy',
    fix: 'somebody else',
  },
  {
    title: 'too many connections',
    servers: { 587: on({ CONNECT: '421 4.7.0 Too many connections from your address' }) },
    asks: [url],
    finds: 'greeting/rate-limited',
    fix: 'somebody else',
  },

  // The network
  {
    title: 'IPv6 does not answer, IPv4 works',
    servers: { ...provider, IPv6: 'silent' },
    zone: { [mail]: ['2001:db8::25', '127.0.0.1'] },
    asks: [url, '--timeout', '2'],
    finds: 'works',
    warns: /IPv6|2001:db8::25/,
    fix: 'tried',
    says: /IPv4/,
  },
  {
    title: 'the name does not exist, a name like it does',
    servers: provider,
    asks: [`smtp://${user}:SECRET@example.test:587`],
    finds: 'dns/host-not-found',
    fix: 'tried',
    says: /mail\.example\.test/,
  },
  {
    title: 'the name does not exist',
    servers: {},
    asks: [`smtp://${user}:SECRET@nowhere.invalid:587`],
    finds: 'dns/host-not-found',
    fix: 'somebody else',
  },
  {
    title: 'the name server does not answer',
    servers: {},
    isNamesSilent: true,
    asks: [url, '--timeout', '2'],
    finds: 'dns/dns-temporary',
    fix: 'somebody else',
  },
  {
    title: 'a server that is slower than the time-out',
    servers: { 587: on({ CONNECT: { delay: 2_500, then: { pass: true } } }) },
    asks: [`${url}?timeoutMs=1000`],
    finds: 'greeting/timeout',
    fix: 'tried',
    says: /timeoutMs/,
  },
  {
    title: 'a proxy that does not listen',
    servers: provider,
    asks: [`${url}?proxy=http://127.0.0.1:3128`],
    finds: 'connect/proxy',
    fix: 'tried',
    says: /without the proxy/,
  },

  // What servers break
  {
    title: 'PIPELINING is offered, and only the first of several commands is answered',
    servers: { 587: 'first command only' },
    asks: [`smtp://${mail}:587?tls=none`, '--timeout', '2'],
    finds: 'mail-from/protocol',
    fix: 'tried',
    says: /pipelining/,
  },
  {
    title: 'CHUNKING is offered, and the end of a message in chunks is never answered',
    servers: {
      587: {
        ...relay,
        caps: [...caps, 'CHUNKING'],
        on: {
          DOT: ({ connection }) => (isChunked(connection) ? { stall: true } : undefined),
        },
      },
    },
    asks: [`smtp://${mail}:587?tls=none`, '--send', '--size', '2mb', '--timeout', '2'],
    finds: 'body/timeout',
    fix: 'proposed',
    says: /chunking/,
  },

  // The application's settings
  {
    title: 'the variable is not set, another one of almost that name is',
    servers: provider,
    asks: ['--env', 'MAIL_URL'],
    env: { MAIL_URI: url },
    finds: 'config/invalid-config',
    fix: 'tried',
    says: /MAIL_URI/,
  },
  {
    title: 'a value in .env that ends at a #',
    servers: { 587: { ...submission, users: { [USER]: 'tea #time' } } },
    asks: ['--env', 'MAIL_URL'],
    files: { '.env': `MAIL_URL=smtp://${user}:tea #time@${mail}:587\n` },
    password: 'tea #time',
    finds: 'config/invalid-config',
    fix: 'tried',
    says: /quote/,
  },
  {
    title: "nodemailer's `secure: true` on port 587",
    servers: provider,
    asks: ['--transport', './mail.mjs'],
    files: {
      'mail.mjs': `import nodemailer from '${import.meta.resolve('nodemailer')}'
export default nodemailer.createTransport({
  host: '${mail}',
  port: 587,
  secure: true,
  auth: { user: '${USER}', pass: process.env.MAIL_PASSWORD },
})
`,
    },
    env: { MAIL_PASSWORD: 'RAW' },
    stands: `smtps://${user}:SECRET@${mail}:587`,
    finds: 'tls/not-tls',
    fix: 'tried',
    says: /STARTTLS/,
  },
]
