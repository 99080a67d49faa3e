import { describe, expect, it } from 'vitest'
import { MailError, STAGES, type Kind, type Stage } from '../src/index.ts'
import { diagnoseConnectionError, diagnoseReply, KINDS, parseReply } from '../src/transport.ts'

type Row = [stage: Stage, reply: string, verdict: `${Kind} ${string}`]

/** Replies of real servers: `kind scope permanence`. */
const REPLIES: Row[] = [
  // greeting and EHLO
  [
    'greeting',
    '421 4.3.2 Service not available, closing transmission channel',
    'service-unavailable transport transient',
  ],
  ['greeting', '421 mail.example.com too busy', 'service-unavailable transport transient'],
  ['greeting', '450 4.3.2 please try again later', 'service-unavailable transport transient'],
  ['greeting', '554 5.7.1 No SMTP service for you, blocked by RBL', 'policy transport permanent'],
  ['greeting', '554 Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.1', 'policy transport permanent'],
  ['greeting', '554 No SMTP service here', 'rejected transport permanent'],
  ['ehlo', '550 5.7.1 Access denied, bad HELO', 'policy transport permanent'],
  ['ehlo', '501 5.5.4 Invalid domain name', 'policy transport permanent'],
  // STARTTLS
  ['tls', '454 4.7.0 TLS not available due to local problem', 'tls-unavailable transport transient'],
  ['tls', '502 5.5.1 Command not implemented', 'tls-unavailable transport permanent'],
  ['tls', '421 4.3.0 shutting down', 'service-unavailable transport transient'],
  // AUTH
  ['auth', '535 5.7.8 Error: authentication failed', 'bad-credentials transport permanent'],
  ['auth', '535 Incorrect authentication data', 'bad-credentials transport permanent'],
  [
    'auth',
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
    'policy transport permanent',
  ],
  ['auth', '535 5.7.3 Authentication unsuccessful', 'bad-credentials transport permanent'],
  ['auth', '534 5.7.9 Application-specific password required.', 'app-password-required transport permanent'],
  [
    'auth',
    '535 5.7.8 Username and Password not accepted. An app password is required',
    'app-password-required transport permanent',
  ],
  [
    'auth',
    '534 5.7.14 Please log in via your web browser and then try again.',
    'web-login-required transport permanent',
  ],
  ['auth', '534 5.7.9 Authentication mechanism is too weak', 'auth-mechanism transport permanent'],
  ['auth', '504 5.5.4 Unrecognized authentication type', 'auth-mechanism transport permanent'],
  ['auth', '504 5.7.4 Unrecognized authentication type', 'auth-mechanism transport permanent'],
  ['auth', '432 4.7.12 A password transition is needed', 'auth-mechanism transport transient'],
  ['auth', '454 4.7.0 Temporary authentication failure', 'auth-temporary transport transient'],
  ['auth', '451 4.3.0 Internal server error', 'auth-temporary transport transient'],
  ['auth', '435 Unable to authenticate at present', 'auth-temporary transport transient'],
  ['auth', '530 5.7.0 Must issue a STARTTLS command first', 'tls-required transport permanent'],
  [
    'auth',
    '538 5.7.11 Encryption required for requested authentication mechanism',
    'tls-required transport permanent',
  ],
  ['auth', '421 4.7.0 Too many failed logins, try again later', 'service-unavailable transport transient'],
  // MAIL FROM
  ['mail-from', '530 5.7.0 Authentication required', 'auth-required transport permanent'],
  ['mail-from', '530 5.7.57 Client not authenticated to send mail.', 'auth-required transport permanent'],
  ['mail-from', '530 Must issue a STARTTLS command first', 'tls-required transport permanent'],
  ['mail-from', '503 AUTH first (#5.5.1)', 'auth-required transport transient'],
  ['mail-from', '503 5.5.1 Error: nested MAIL command', 'protocol transport transient'],
  ['mail-from', '550 5.7.1 Sender address rejected: not authorized', 'policy sender permanent'],
  [
    'mail-from',
    '553 5.7.1 <a@example.com>: Sender address rejected: not owned by user bob',
    'sender-not-owned sender permanent',
  ],
  [
    'mail-from',
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    'sender-not-owned sender permanent',
  ],
  [
    'mail-from',
    '554 5.2.252 SendAsDenied; a@example.com not allowed to send as b@example.com',
    'sender-not-owned sender permanent',
  ],
  [
    'mail-from',
    '550 5.1.8 <a@example.com>: Sender address rejected: Domain not found',
    'sender-rejected sender permanent',
  ],
  [
    'mail-from',
    '450 4.1.8 <a@example.com>: Sender address rejected: Domain not found',
    'sender-rejected sender transient',
  ],
  ['mail-from', '501 5.1.7 Bad sender address syntax', 'sender-rejected sender permanent'],
  [
    'mail-from',
    '553 sorry, your envelope sender is in my badmailfrom list',
    'sender-rejected sender permanent',
  ],
  [
    'mail-from',
    '550 5.7.23 SPF validation failed for sender.example',
    'authentication-policy sender permanent',
  ],
  ['mail-from', '550 SPF check failed: fail', 'authentication-policy sender permanent'],
  [
    'mail-from',
    '450 4.7.28 Our system has detected an unusual rate of mail, rate limited',
    'rate-limited transport transient',
  ],
  ['mail-from', '451 4.7.1 Too many messages, slow down', 'rate-limited transport transient'],
  ['mail-from', '454 4.3.0 Try again later', 'server-error transport transient'],
  ['mail-from', '451 4.3.0 Temporary lookup failure', 'server-error transport transient'],
  [
    'mail-from',
    '451 Requested action aborted: local error in processing',
    'server-error transport transient',
  ],
  ['mail-from', '452 4.3.1 Insufficient system storage', 'server-storage transport transient'],
  ['mail-from', '452 Insufficient system storage', 'server-storage transport transient'],
  ['mail-from', '552 5.3.4 Message size exceeds fixed limit', 'message-too-large message permanent'],
  ['mail-from', '552 Message size exceeds maximum permitted', 'message-too-large message permanent'],
  ['mail-from', '553 5.6.7 Non-ASCII addresses not permitted', 'smtputf8-required transport permanent'],
  ['mail-from', '421 4.3.2 System shutting down', 'service-unavailable transport transient'],
  [
    'mail-from',
    '550 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org',
    'policy transport permanent',
  ],
  ['mail-from', '555 5.5.4 Unsupported option: SMTPUTF8', 'smtputf8-required transport permanent'],
  // RCPT TO
  [
    'rcpt-to',
    '550 5.1.1 <bob@rcpt.example>: Recipient address rejected: User unknown',
    'mailbox-unknown recipient permanent',
  ],
  ['rcpt-to', '550 no such user here', 'mailbox-unknown recipient permanent'],
  ['rcpt-to', '550 Requested action not taken: mailbox unavailable', 'mailbox-unknown recipient permanent'],
  [
    'rcpt-to',
    '550 5.5.0 Requested action not taken: mailbox unavailable',
    'mailbox-unknown recipient permanent',
  ],
  ['rcpt-to', '550 Unrouteable address', 'mailbox-unknown recipient permanent'],
  ['rcpt-to', '550 5.4.1 Recipient address rejected: Access denied', 'mailbox-unknown recipient permanent'],
  ['rcpt-to', '550 Invalid recipient', 'mailbox-unknown recipient permanent'],
  ['rcpt-to', '551 User not local; please try <forward@example.com>', 'mailbox-unknown recipient permanent'],
  ['rcpt-to', '553 sorry, no mailbox here by that name', 'mailbox-unknown recipient permanent'],
  ['rcpt-to', '550', 'rejected recipient permanent'],
  ['rcpt-to', '450 4.1.1 <bob@rcpt.example>: unverified address', 'mailbox-unknown recipient transient'],
  [
    'rcpt-to',
    '524 5.2.4 Mailing list expansion problem: <bob@rcpt.example>',
    'mailbox-unknown recipient permanent',
  ],
  ['rcpt-to', '550 5.1.2 Bad destination system address', 'domain-unknown recipient permanent'],
  [
    'rcpt-to',
    '450 4.1.2 <bob@rcpt.example>: Recipient address rejected: Domain not found',
    'domain-unknown recipient transient',
  ],
  ['rcpt-to', '556 5.1.10 Recipient address has null MX', 'domain-unknown recipient permanent'],
  ['rcpt-to', '452 4.2.2 Mailbox full', 'mailbox-full recipient transient'],
  [
    'rcpt-to',
    '552 5.2.2 The email account that you tried to reach is over quota',
    'mailbox-full recipient permanent',
  ],
  [
    'rcpt-to',
    '552 Requested mail action aborted: exceeded storage allocation',
    'mailbox-full recipient permanent',
  ],
  ['rcpt-to', '552 Message too large', 'message-too-large message permanent'],
  ['rcpt-to', '550 Mailbox quota exceeded', 'mailbox-full recipient permanent'],
  [
    'rcpt-to',
    '550 5.2.1 The email account that you tried to reach is disabled',
    'mailbox-disabled recipient permanent',
  ],
  ['rcpt-to', '550 Account has been suspended', 'mailbox-disabled recipient permanent'],
  [
    'rcpt-to',
    '450 4.2.1 The user you are trying to contact is receiving mail too quickly.',
    'rate-limited transport transient',
  ],
  ['rcpt-to', '554 5.7.1 <bob@rcpt.example>: Relay access denied', 'relay-denied transport permanent'],
  ['rcpt-to', '550 relay not permitted', 'relay-denied transport permanent'],
  [
    'rcpt-to',
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    'relay-denied transport permanent',
  ],
  ['rcpt-to', '550 5.7.64 TenantAttribution; Relay Access Denied', 'relay-denied transport permanent'],
  ['rcpt-to', '451 4.7.1 Greylisting in action, please come back later', 'greylisted recipient transient'],
  [
    'rcpt-to',
    '450 4.2.0 <bob@rcpt.example>: Recipient address rejected: Greylisted, see http://postgrey.example/',
    'greylisted recipient transient',
  ],
  ['rcpt-to', '451 4.7.1 Please try again later', 'greylisted recipient transient'],
  ['rcpt-to', '450 Graylisted', 'greylisted recipient transient'],
  ['rcpt-to', '452 4.5.3 Too many recipients', 'too-many-recipients transport transient'],
  ['rcpt-to', '452 Too many recipients', 'too-many-recipients transport transient'],
  ['rcpt-to', '550 5.5.3 Too many recipients', 'too-many-recipients transport transient'],
  [
    'rcpt-to',
    '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
    'policy transport permanent',
  ],
  [
    'rcpt-to',
    '450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]',
    'policy transport transient',
  ],
  ['rcpt-to', '550 5.7.1 <a@example.com>: Sender address rejected: Access denied', 'policy sender permanent'],
  [
    'rcpt-to',
    '550 5.1.8 <a@example.com>: Sender address rejected: Domain not found',
    'sender-rejected sender permanent',
  ],
  [
    'rcpt-to',
    '550 5.7.1 <bob@rcpt.example>: Recipient address rejected: Access denied',
    'policy recipient permanent',
  ],
  ['rcpt-to', '421 4.7.0 Too many errors, closing', 'service-unavailable transport transient'],
  ['rcpt-to', '451 4.3.0 <bob@rcpt.example>: Temporary lookup failure', 'server-error transport transient'],
  ['rcpt-to', '451 Temporary local problem - please try later', 'server-error transport transient'],
  ['rcpt-to', '452 4.3.1 Insufficient system storage', 'server-storage transport transient'],
  ['rcpt-to', '530 5.7.1 Authentication required', 'auth-required transport permanent'],
  // DATA and content
  ['data', '554 5.5.1 Error: no valid recipients', 'rejected message permanent'],
  ['data', '503 5.5.1 Bad sequence of commands', 'protocol transport transient'],
  ['data', '451 4.7.1 Greylisted, please try again in 180 seconds', 'greylisted recipient transient'],
  ['body', '552 5.3.4 Error: message file too big', 'message-too-large message permanent'],
  ['body', '552 Message exceeds fixed maximum message size', 'message-too-large message permanent'],
  ['body', '523 the message size exceeds your quota', 'message-too-large message permanent'],
  [
    'body',
    '552 5.7.0 This message was blocked because its content presents a potential security issue.',
    'content-rejected message permanent',
  ],
  [
    'body',
    '550 5.7.26 Unauthenticated email from sender.example is not accepted due to DMARC policy',
    'authentication-policy sender permanent',
  ],
  [
    'body',
    '550 5.7.1 Email rejected per DMARC policy for example.com',
    'authentication-policy sender permanent',
  ],
  ['body', '550 5.7.20 No passing DKIM signature found', 'authentication-policy sender permanent'],
  [
    'body',
    '550 5.7.1 Our system has detected that this message is likely unsolicited mail.',
    'spam message permanent',
  ],
  ['body', '554 5.7.1 Message rejected as spam', 'spam message permanent'],
  ['body', '554 Message looks like SPAM', 'spam message permanent'],
  ['body', '554 5.6.0 Message rejected: bad content', 'content-rejected message permanent'],
  ['body', '550 Virus detected', 'content-rejected message permanent'],
  ['body', '554 Transaction failed', 'rejected message permanent'],
  ['body', '550 5.7.1 Message rejected by policy', 'policy message permanent'],
  ['body', '451 4.3.0 Error: queue file write error', 'server-error transport transient'],
  ['body', '452 4.3.1 Insufficient system storage', 'server-storage transport transient'],
  ['body', '421 4.4.2 timeout exceeded', 'service-unavailable transport transient'],
  ['body', '450 4.7.28 rate limited', 'rate-limited transport transient'],
  [
    'body',
    '452 4.2.2 <bob@rcpt.example> Quota exceeded (mailbox for user is full)',
    'mailbox-full recipient transient',
  ],
  ['body', '550 5.1.1 <bob@rcpt.example> User does not exist', 'mailbox-unknown recipient permanent'],
  // not an answer
  ['mail-from', '354 go ahead', 'protocol transport transient'],
]

describe('a reply is diagnosed by plain words, then by its codes and stage, and last by its other words', () => {
  it.each(REPLIES)('%s: %s is %s', (stage, line, verdict) => {
    const { kind, scope, permanence } = diagnoseReply(stage, parseReply([line])!)
    expect(`${kind} ${scope} ${permanence}`).toBe(verdict)
  })
})

describe('parseReply', () => {
  it('uses the code of the first line, the enhanced code of the first line that has one, and all the text', () => {
    expect(parseReply(['550-first', '550-5.7.26 second', '550 5.7.1 third'])).toEqual({
      protocol: 'smtp',
      code: 550,
      enhanced: '5.7.26',
      text: 'first\nsecond\nthird',
    })
  })
  it.each([
    [['250-2.1.0 Fine', '550-5.7.1 No', '250 2.1.0 Fine'], 550, '5.7.1'],
    [['250-2.1.0 Fine', '451 Later'], 451, undefined],
    [['451-4.3.0 Later', '550 5.7.1 No'], 451, '4.3.0'],
    [['250-Fine', '354 Go on'], 250, undefined],
  ])('takes %j for the refusal in it', (lines, code, enhanced) =>
    expect(parseReply(lines)).toMatchObject({ code, enhanced }),
  )
  it('accepts a bare code', () => expect(parseReply(['550'])).toMatchObject({ code: 550, text: '' }))
  it('leaves an enhanced code of another class in the text', () => {
    expect(parseReply(['550 4.1.1 odd'])).toMatchObject({ enhanced: undefined, text: '4.1.1 odd' })
  })
  it.each(['', 'hello', '55', '5500 x', '199 x', '600 x', '550_x', ' 550 x'])('refuses %j', (line) => {
    expect(parseReply([line])).toBeUndefined()
  })
})

describe('an error of the network is diagnosed by its code', () => {
  it.each([
    ['ENOTFOUND', 'dns', 'host-not-found'],
    ['EAI_AGAIN', 'dns', 'dns-temporary'],
    ['ECONNREFUSED', 'connect', 'connection-refused'],
    ['EHOSTUNREACH', 'connect', 'unreachable'],
    ['ECONNRESET', undefined, 'connection-lost'],
    ['ETIMEDOUT', undefined, 'timeout'],
    ['CERT_HAS_EXPIRED', 'tls', 'certificate-expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'certificate-hostname'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'certificate-untrusted'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'not-tls'],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'tls', 'not-tls'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls', 'protocol-version'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls', 'client-certificate-required'],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'tls', 'tls-unavailable'],
    ['ERR_SSL_HTTP_REQUEST', 'tls', 'not-tls'],
    ['ERR_SSL_BAD_RECORD_TYPE', 'tls', 'not-tls'],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'tls', 'protocol-version'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'tls', 'protocol-version'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'tls', 'protocol-version'],
    ['ERR_SSL_NO_SHARED_CIPHER', 'tls', 'protocol-version'],
    ['ERR_SSL_DH_KEY_TOO_SMALL', 'tls', 'protocol-version'],
    ['ERR_TLS_DH_PARAM_SIZE', 'tls', 'protocol-version'],
    ['ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED', 'tls', 'protocol-version'],
    ['ERR_SSL_WRONG_SIGNATURE_TYPE', 'tls', 'protocol-version'],
    ['ERR_SSL_EE_KEY_TOO_SMALL', 'tls', 'certificate-untrusted'],
    ['ERR_SSL_CA_MD_TOO_WEAK', 'tls', 'certificate-untrusted'],
    ['ERR_SSL_CERTIFICATE_VERIFY_FAILED', 'tls', 'certificate-untrusted'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tls', 'client-certificate-required'],
    ['ERR_SSL_UNEXPECTED_EOF_WHILE_READING', 'tls', 'connection-lost'],
    ['ERR_SSL_UNEXPECTED_MESSAGE', 'tls', 'handshake'],
    ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'tls', 'handshake'],
    ['ERR_SSL_DATA_LENGTH_TOO_LONG', 'tls', 'handshake'],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'tls', 'handshake'],
    ['ERR_SSL_SOMETHING_NEW', 'tls', 'handshake'],
    ['ERR_TLS_SOMETHING_NEW', 'tls', 'handshake'],
    ['ERR_OSSL_SOMETHING_NEW', 'tls', 'handshake'],
    ['toString', undefined, undefined],
  ])('%s', (code, stage, kind) => {
    const found = diagnoseConnectionError(Object.assign(new Error('x'), { code }))
    expect([found?.stage, found?.kind]).toEqual([stage, kind])
  })
  it.each([
    [
      'EPROTO',
      'write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:s3.c:1:',
      'not-tls',
    ],
    [
      'EPROTO',
      'write EPROTO 80:error:0A00018A:SSL routines:tls_process_ske_dhe:dh key too small:s.c:1:',
      'protocol-version',
    ],
    ['EPROTO', 'write EPROTO', 'handshake'],
    ['UNSPECIFIED', 'EE certificate key too weak', 'certificate-untrusted'],
    ['UNSPECIFIED', 'CA certificate key too weak', 'certificate-untrusted'],
    ['UNSPECIFIED', 'CA signature digest algorithm too weak', 'certificate-untrusted'],
  ])('%s %s is %s', (code, text, kind) =>
    expect(diagnoseConnectionError(Object.assign(new Error(text), { code }))).toEqual({ stage: 'tls', kind }),
  )
  it.each([
    [['ECONNREFUSED'], 'connection-refused'],
    [['ENETUNREACH', 'ECONNREFUSED'], 'connection-refused'],
    [['ETIMEDOUT', 'ECONNREFUSED'], 'connection-refused'],
    [['ENETUNREACH', 'ETIMEDOUT'], 'timeout'],
    [['EHOSTUNREACH', 'ECONNRESET'], 'connection-lost'],
    [['EHOSTUNREACH', 'ENETUNREACH'], 'unreachable'],
    [['EWHATEVER', 'ENETUNREACH'], 'unreachable'],
  ])('if several addresses failed with %j, that is %s', (codes, kind) => {
    const error = new AggregateError(codes.map((code) => Object.assign(new Error('x'), { code })))
    // Node gives it the code of the first.
    for (const one of [error, Object.assign(error, { code: codes[0] })])
      expect(diagnoseConnectionError(one)?.kind).toBe(kind)
  })
  it('anything else is not guessed', () => expect(diagnoseConnectionError(new Error('x'))).toBeUndefined())
})

describe('every kind', () => {
  const kinds = Object.keys(KINDS) as Kind[]
  it.each(kinds)('%s has a summary and a hint of one or two sentences', (kind) => {
    for (const delivered of ['none', 'some', 'unknown'] as const) {
      const error = new MailError({ stage: 'rcpt-to', kind, delivered })
      expect(error.hint).toMatch(/^[A-Z].*\.$/)
      expect(error.message).toMatch(new RegExp(`^rcpt-to/${kind}: .+`))
    }
  })
  it('no stage is listed twice', () => expect(new Set(STAGES).size).toBe(STAGES.length))
})
