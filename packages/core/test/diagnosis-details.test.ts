import { describe, expect, it } from 'vitest'
import type { Kind, Stage } from '../src/index.ts'
import { diagnoseReply, parseReply } from '../src/transport.ts'

const diagnosed = (stage: Stage, line: string) => diagnoseReply(stage, parseReply([line])!)

/** By stage: details of enhanced codes. The text alone would say something else. */
const ENHANCED: [stage: Stage, kind: Kind, details: string[]][] = [
  ['body', 'mailbox-unknown', ['1.1', '1.4', '1.6', '7.17']],
  ['body', 'domain-unknown', ['1.2', '1.10', '4.4', '4.310', '7.18']],
  ['body', 'invalid-address', ['1.3']],
  ['body', 'sender-rejected', ['1.7', '1.8', '7.27']],
  ['body', 'mailbox-disabled', ['2.1', '7.13']],
  ['body', 'mailbox-full', ['2.2']],
  ['body', 'message-too-large', ['2.3', '3.4', '7.16']],
  ['body', 'server-error', ['2.4', '3.5', '4.3', '4.6']],
  ['body', 'server-storage', ['3.1']],
  ['body', 'service-unavailable', ['3.2', '4.5']],
  ['body', 'too-many-recipients', ['5.3']],
  ['body', 'content-rejected', ['6.0', '6.1', '6.2', '6.3', '6.4', '6.5', '6.6', '7.7']],
  ['body', 'smtputf8-required', ['6.7', '6.8', '6.9', '6.10']],
  ['body', 'policy', ['7.2', '7.4', '7.5', '7.15', '7.25']],
  ['body', 'tls-required', ['7.10', '7.11']],
  ['body', 'auth-required', ['7.14', '7.57']],
  ['body', 'authentication-policy', ['7.20', '7.21', '7.22', '7.23', '7.24', '7.26', '7.29']],
  ['body', 'rate-limited', ['7.28']],
  ['body', 'requiretls-not-offered', ['7.30']],
  ['body', 'sender-not-owned', ['7.60']],
  ['body', 'spam', ['0.0', '1.0', '4.1', '7.1']],
  ['rcpt-to', 'mailbox-unknown', ['2.4', '4.1']],
  ['mail-from', 'sender-rejected', ['1.0', '1.1', '1.2', '1.3']],
  ['auth', 'auth-mechanism', ['7.4', '7.9', '7.12']],
  ['auth', 'bad-credentials', ['7.8', '7.13']],
  ['auth', 'web-login-required', ['7.14']],
]

describe.each(ENHANCED)('at %s the enhanced code decides: %s', (stage, kind, details) => {
  it.each(details)('5.%s', (detail) => {
    expect(diagnosed(stage, `550 5.${detail} Message looks like spam`).kind).toBe(kind)
  })
})

describe('an enhanced code that leaves something open is read with the text', () => {
  it.each<[Stage, string, Kind]>([
    ['mail-from', '550 5.1.0 Too many recipients, and not owned', 'sender-not-owned'],
    ['rcpt-to', '450 4.2.1 Too many recipients at this rate', 'rate-limited'],
    ['rcpt-to', '450 4.2.1 Spam', 'mailbox-disabled'],
    ['rcpt-to', '500 5.2.1 Spam at this rate', 'mailbox-disabled'],
    ['rcpt-to', '500 5.4.1 Spam', 'mailbox-unknown'],
    ['rcpt-to', '450 4.4.1 Spam', 'spam'],
    ['auth', '504 5.7.9 Use an app password', 'app-password-required'],
    ['auth', '504 5.7.9 Log in via the site', 'web-login-required'],
    ['auth', '504 5.7.8 Use an app password', 'app-password-required'],
    ['auth', '504 5.7.8 Log in via the site', 'web-login-required'],
  ])('%s: %s', (stage, line, kind) => expect(diagnosed(stage, line).kind).toBe(kind))
})

describe('a basic code is read with its stage, and with the text where that is not enough', () => {
  it.each<[Stage, string, Kind]>([
    ['body', '421 Spam', 'service-unavailable'],
    ['mail-from', '530 Spam', 'auth-required'],
    ['mail-from', '530 Spam without TLS', 'tls-required'],
    ['mail-from', '538 Spam', 'tls-required'],
    ['body', '556 Spam', 'domain-unknown'],
    ['auth', '534 No', 'auth-mechanism'],
    ['auth', '534 Use an app password', 'app-password-required'],
    ['auth', '534 Log in via the site', 'web-login-required'],
    ['auth', '535 No', 'bad-credentials'],
    ['auth', '535 Use an app password', 'app-password-required'],
    ['auth', '535 Log in via the site', 'web-login-required'],
    ['auth', '432 No', 'auth-mechanism'],
    ['auth', '499 No', 'auth-temporary'],
    ['auth', '500 No', 'auth-not-offered'],
    ['auth', '502 No', 'auth-not-offered'],
    ['auth', '503 No', 'protocol'],
    ['auth', '504 No', 'auth-mechanism'],
    ['auth', '550 No', 'rejected'],
    ['auth', '550 Use an app password', 'app-password-required'],
    ['auth', '550 Log in via the site', 'web-login-required'],
    ['auth', '550 Wrong password', 'bad-credentials'],
    ['auth', '550 Bad credentials', 'bad-credentials'],
    ['auth', '550 Authentication failed', 'bad-credentials'],
    ['auth', '550 Login failed', 'bad-credentials'],
    ['auth', '550 5.7.0 Wrong password', 'bad-credentials'],
    ['auth', '550 5.7.1 Wrong password', 'policy'],
    ['tls', '503 No', 'tls-unavailable'],
    ['tls', '530 No', 'tls-unavailable'],
    ['mail-from', '503 No', 'protocol'],
    ['mail-from', '503 Login first', 'auth-required'],
    ['mail-from', '503 Say AUTH before this', 'auth-required'],
    ['mail-from', '503 Log in first', 'auth-required'],
    ['greeting', '450 No', 'service-unavailable'],
    ['ehlo', '450 No', 'service-unavailable'],
    ['greeting', '500 No', 'rejected'],
    ['rcpt-to', '552 No', 'mailbox-full'],
    ['rcpt-to', '552 Too large', 'message-too-large'],
    ['mail-from', '552 Mailbox full', 'mailbox-full'],
    ['body', '552 No', 'message-too-large'],
    ['body', '552 Mailbox full', 'mailbox-full'],
    ['body', '552 Mailbox full, message too large', 'message-too-large'],
    ['body', '452 No', 'server-storage'],
    ['mail-from', '452 Too many recipients', 'server-storage'],
    ['rcpt-to', '450 No', 'rejected'],
    ['rcpt-to', '400 No', 'rejected'],
    ['rcpt-to', '599 No', 'rejected'],
  ])('%s: %s', (stage, line, kind) => expect(diagnosed(stage, line).kind).toBe(kind))

  it.each([0, 354, 399, 600])('%i is no refusal', (code) => {
    expect(diagnoseReply('rcpt-to', { code, text: 'No' }).kind).toBe('protocol')
  })
})

describe('the text is read for what this stage can mean', () => {
  it.each<[Stage, string, Kind]>([
    ['rcpt-to', '500 Greylisted', 'rejected'],
    ['mail-from', '550 5.7.1 You must use TLS', 'tls-required'],
    ['mail-from', '550 You must use TLS', 'sender-rejected'],
    ['mail-from', '550 5.7.1 Spam over TLS', 'spam'],
    ['mail-from', '550 5.7.1 This must be spam', 'spam'],
    ['rcpt-to', '550 Listed by spamhaus', 'policy'],
    ['body', '451 4.7.1 Try again later', 'policy'],
    ['rcpt-to', '550 5.7.1 Try again later', 'policy'],
    ['rcpt-to', '450 4.2.0 Try again later', 'rejected'],
    ['rcpt-to', '450 4.7.0 Try again later', 'greylisted'],
    ['data', '550 Too large', 'message-too-large'],
    ['rcpt-to', '550 Too large', 'rejected'],
    ['mail-from', '550 Too large', 'message-too-large'],
    ['data', '550 Mailbox is full', 'mailbox-full'],
    ['data', '554 Bad header', 'content-rejected'],
    ['data', '554 5.5.1 Bad header', 'rejected'],
    ['data', '450 Bad header', 'rejected'],
    ['mail-from', '550 Relay is closed', 'relay-denied'],
    ['rcpt-to', '550 Relay is closed', 'relay-denied'],
    ['body', '550 Relay access denied', 'policy'],
    ['mail-from', '550 Please authenticate', 'auth-required'],
    ['greeting', '554 Forbidden', 'policy'],
    ['ehlo', '554 Forbidden', 'policy'],
    ['greeting', '554 5.7.1 No', 'policy'],
    ['rcpt-to', '550 5.7.1 No such user', 'mailbox-unknown'],
    ['rcpt-to', '550 5.7.1 No such user by our policy', 'policy'],
    ['rcpt-to', '550 5.7.1 No', 'policy'],
    ['body', '550 5.7.1 No such user', 'policy'],
    ['body', '550 No such user', 'mailbox-unknown'],
    ['data', '550 No such user', 'rejected'],
    ['rcpt-to', '550 Sender refused', 'sender-rejected'],
    ['rcpt-to', '550 Sender refused for this recipient', 'rejected'],
    ['body', '550 Sender refused', 'rejected'],
    ['mail-from', '550 No', 'sender-rejected'],
    ['mail-from', '550 5.3.0 No', 'server-error'],
    ['mail-from', '550 5.4.0 No', 'server-error'],
    ['mail-from', '554 No', 'rejected'],
    ['mail-from', '555 No', 'rejected'],
    ['rcpt-to', '550 No such domain', 'domain-unknown'],
    ['rcpt-to', '550 Account disabled', 'mailbox-disabled'],
    ['rcpt-to', '550 Access denied', 'policy'],
    ['rcpt-to', '550 5.3.0 No', 'server-error'],
    ['rcpt-to', '550 5.4.0 No', 'server-error'],
    ['data', '451 No', 'server-error'],
    ['data', '454 No', 'server-error'],
    ['rcpt-to', '551 No', 'mailbox-unknown'],
    ['rcpt-to', '553 No', 'mailbox-unknown'],
    ['data', '551 No', 'rejected'],
    ['data', '553 No', 'rejected'],
    ['rcpt-to', '571 No', 'policy'],
  ])('%s: %s', (stage, line, kind) => expect(diagnosed(stage, line).kind).toBe(kind))
})

describe('whose fault a refusal is follows from stage and text', () => {
  it.each<[Stage, string, string]>([
    ['mail-from', '550 5.7.1 Your host is unwelcome', 'policy transport'],
    ['mail-from', '550 5.7.1 Found on a dnsbl', 'policy transport'],
    ['mail-from', '550 5.7.1 ip 192.0.2.1 is unwelcome', 'policy transport'],
    ['mail-from', '550 5.7.1 ip address [192.0.2.1] is unwelcome', 'policy transport'],
    ['mail-from', '550 5.7.1 No', 'policy sender'],
    ['rcpt-to', '550 5.7.1 Your host is unwelcome', 'policy transport'],
    ['rcpt-to', '550 5.7.1 Found on a dnsbl', 'policy transport'],
    ['rcpt-to', '550 5.7.1 Sender is unwelcome', 'policy sender'],
    ['rcpt-to', '550 5.7.1 Sender is unwelcome here, said the recipient', 'policy recipient'],
    ['rcpt-to', '550 5.7.1 No', 'policy recipient'],
    ['data', '550 5.7.1 No', 'policy message'],
    ['body', '550 5.7.1 No', 'policy message'],
    ['ehlo', '550 5.7.1 No', 'policy transport'],
    ['mail-from', '450 Greylisted', 'greylisted transport'],
    ['rcpt-to', '450 Greylisted', 'greylisted recipient'],
    ['data', '450 Greylisted', 'greylisted recipient'],
    ['body', '450 Greylisted', 'greylisted recipient'],
    ['rcpt-to', '550 5.1.3 No', 'invalid-address recipient'],
    ['body', '550 5.1.3 No', 'invalid-address message'],
  ])('%s: %s', (stage, line, expected) => {
    const { kind, scope } = diagnosed(stage, line)
    expect(`${kind} ${scope}`).toBe(expected)
  })
})

/** The same thing in the words of different servers. */
const WORDS: [stage: Stage, code: number, kind: Kind, words: string[]][] = [
  [
    'mail-from',
    550,
    'sender-not-owned',
    [
      'You may not send as ann',
      'sendas is not granted',
      'Not authorized to use this address',
      'Not authorised to use this address',
      'Not allowed to send any mail from here',
      'Sender address mismatch',
      'This is not a good match of the authenticated user',
    ],
  ],
  [
    'auth',
    550,
    'app-password-required',
    ['Needs an appspecificpassword', 'Needs an application-specific password'],
  ],
  ['auth', 550, 'web-login-required', ['Use a webbrowser', 'Use a web browser', 'Login via the site']],
  [
    'rcpt-to',
    550,
    'rate-limited',
    [
      'ratelimit',
      'rate-limit',
      'Too many emails',
      'Too many e-mails',
      'The user has a limit, which was exceeded',
      'You exceeded what you may send per day',
    ],
  ],
  [
    'rcpt-to',
    550,
    'too-many-recipients',
    ['Maximum recipients reached', 'Maximum number of recipients reached'],
  ],
  [
    'rcpt-to',
    550,
    'mailbox-full',
    [
      'The mailbox is full',
      'The mail box is full',
      'overquota',
      'over quota',
      'over-quota',
      'Exceeded its quota',
    ],
  ],
  [
    'data',
    550,
    'message-too-large',
    [
      'Its size is above the limit',
      'It exceeds the allowed size',
      'Above the maximum size',
      'Above the maximum message size',
    ],
  ],
  ['rcpt-to', 450, 'greylisted', ['greylisted', 'grey-listed', 'grey listed', 'graylisted']],
  [
    'data',
    550,
    'policy',
    [
      'A block by a rule',
      'blocked using a list',
      'On a blocklist',
      'On a block-list',
      'On a blacklist',
      'On a black-list',
      'Blocked because of the ip',
      'The client was recently listed',
    ],
  ],
  ['data', 550, 'spam', ['bulk email', 'bulk e-mail', 'bulk mail']],
  ['data', 550, 'authentication-policy', ['unauthenticated email', 'unauthenticated e-mail']],
  ['rcpt-to', 550, 'relay-denied', ['Not local user', 'Not a local user']],
  [
    'mail-from',
    550,
    'auth-required',
    [
      'Auth required',
      'Authentication required',
      'Authorization is required',
      'You must log on',
      'You must be authenticated',
      'Login first',
      'Log in first',
      'Please login',
    ],
  ],
  [
    'rcpt-to',
    550,
    'domain-unknown',
    ['The domain was not found', 'nullmx', 'null mx', 'Unrouteable domain', 'Unrouteable mail domain'],
  ],
  [
    'rcpt-to',
    550,
    'mailbox-unknown',
    ['This email is unknown', 'This e-mail is unknown', 'Person not recognized', 'Person not recognised'],
  ],
  [
    'rcpt-to',
    550,
    'sender-rejected',
    ['Bad returnpath', 'Bad return-path', 'Bad reversepath', 'Bad reverse-path'],
  ],
  ['rcpt-to', 550, 'policy', ['Not authorized', 'Not authorised', 'Not permitted']],
  [
    'rcpt-to',
    550,
    'smtputf8-required',
    ['nonascii', 'non-ascii', 'internationalized', 'internationalised', 'A utf8 address', 'A utf-8 address'],
  ],
]

describe.each(WORDS)('at %s a %i in these words is %s', (stage, code, kind, words) => {
  it.each(words)('%s', (text) => expect(diagnosed(stage, `${code} ${text}`).kind).toBe(kind))
})
