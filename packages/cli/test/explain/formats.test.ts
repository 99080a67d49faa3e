import { Secrets } from '@loudmail/core/transport'
import { describe, expect, it } from 'vitest'
import { explainText } from '../../src/explain/explain-text.ts'
import { explanationJson } from '../../src/explain/explanation.ts'

function explained(text: string): Record<string, unknown> {
  const secrets = new Secrets()
  const found = explainText(text, { stage: undefined, host: undefined }, secrets)!
  return JSON.parse(secrets.redact(JSON.stringify(explanationJson(found)))) as Record<string, unknown>
}

const PASSWORD = 'S3cr3t-p@ss-w0rd'
const LOGIN = [Buffer.from('ann@example.com').toString('base64'), Buffer.from(PASSWORD).toString('base64')]

describe('logs of other programs', () => {
  it('swaks', () => {
    const log = `=== Trying mail.example.com:25...
=== Connected to mail.example.com.
<-  220 mail.example.com ESMTP
 -> EHLO app.example.com
<-  250-mail.example.com
<-  250 STARTTLS
 -> STARTTLS
<-  220 Ready
=== TLS started with cipher TLSv1.3:TLS_AES_256_GCM_SHA384:256
 ~> EHLO app.example.com
<~  250-mail.example.com
<~  250 AUTH LOGIN
 ~> AUTH LOGIN
<~  334 VXNlcm5hbWU6
 ~> ${LOGIN[0]}
<~  334 UGFzc3dvcmQ6
 ~> ${LOGIN[1]}
<~* 535 5.7.8 Authentication failed for ${PASSWORD}
*** No authentication type succeeded
 ~> QUIT
<~  221 Bye`
    const found = explained(log)
    expect(found).toMatchObject({ code: 'auth/bad-credentials', format: 'the output of swaks' })
    expect(JSON.stringify(found)).not.toContain(LOGIN[1])
    expect(JSON.stringify(found)).not.toContain(PASSWORD)
  })

  it('curl -v, which does not show the content', () => {
    const start = `* Trying 192.0.2.1:25...
* Connected to mail.example.com (192.0.2.1) port 25
< 220 mail.example.com ESMTP
> EHLO app
< 250 mail.example.com
> MAIL FROM:<ann@example.com>
< 250 Ok
> RCPT TO:<bob@example.org>
< 250 Ok
> DATA
< 354 Go on
`
    expect(explained(`${start}< 554 5.7.1 Spam message rejected`)).toMatchObject({ code: 'body/spam' })
    const lost = explained(`${start}* Recv failure: Connection reset by peer`)
    expect(lost).toMatchObject({ code: 'body/connection-lost', delivered: 'unknown' })
    expect(lost['unsure']).toEqual([expect.stringContaining('does not show the content')])
  })

  it('PHPMailer', () => {
    const log = `2026-11-27 06:25:05 SERVER -> CLIENT: 220 mail.example.com ESMTP
2026-11-27 06:25:05 CLIENT -> SERVER: EHLO app
2026-11-27 06:25:05 SERVER -> CLIENT: 250-mail.example.com
                                      250 SIZE 1000
2026-11-27 06:25:05 CLIENT -> SERVER: MAIL FROM:<ann@example.com>
2026-11-27 06:25:05 SERVER -> CLIENT: 250 Ok
2026-11-27 06:25:05 CLIENT -> SERVER: RCPT TO:<bob@example.org>
2026-11-27 06:25:05 SERVER -> CLIENT: 554 5.7.1 <bob@example.org>: Relay access denied
2026-11-27 06:25:05 SMTP ERROR: RCPT TO command failed
2026-11-27 06:25:05 CLIENT -> SERVER: QUIT
2026-11-27 06:25:05 SERVER -> CLIENT: 221 Bye`
    expect(explained(log)).toMatchObject({ code: 'rcpt-to/relay-denied', failedAt: [6, 7] })
    expect(explained(log.replaceAll('\n', '<br>\n').replaceAll('>:', '&gt;:'))).toMatchObject({
      code: 'rcpt-to/relay-denied',
    })
  })

  it('a session in telnet', () => {
    const log = `Trying 192.0.2.1...
Connected to mail.example.com.
Escape character is '^]'.
220 mail.example.com ESMTP
ehlo app
250-mail.example.com
250 SIZE 1000
mail from:<ann@example.com>
250 2.1.0 Ok
rcpt to:<bob@example.org>
250 2.1.5 Ok
data
354 Go on
Subject: hi

550 is what this line of the content begins with? No: this one does not look like a reply.
.
452 4.3.1 Insufficient system storage
quit
221 Bye
Connection closed by foreign host.`.replace('550 is', 'A 550 is')
    expect(explained(log)).toMatchObject({ code: 'body/server-storage', permanence: 'transient' })
  })

  it('a session that ends while the server owes a reply', () => {
    const found = explained(
      '220 ready\nEHLO app\n250 hello\nMAIL FROM:<a@example.com>\nConnection closed by foreign host.',
    )
    expect(found).toMatchObject({ code: 'mail-from/connection-lost', delivered: 'none', failedAt: [3, 4] })
  })

  it('a log that just ends says what is not sure', () => {
    const found = explained('C: EHLO app\nS: 250 hello\nC: MAIL FROM:<a@example.com>')
    expect(found).toMatchObject({ code: 'mail-from/timeout' })
    expect(found['unsure']).toEqual([expect.stringContaining('does not say why')])
  })

  it('SSH on the port', () => {
    expect(explained('Connected to host.\nSSH-2.0-OpenSSH_9.2\nEHLO app')).toMatchObject({
      code: 'greeting/not-smtp',
    })
  })

  it('XOAUTH2 with the reason that the server gives', () => {
    const token = 'ya29.secret-token-value'
    const response = Buffer.from(`user=ann@example.com\u0001auth=Bearer ${token}\u0001\u0001`).toString(
      'base64',
    )
    const challenge = Buffer.from('{"status":"401","scope":"https://mail.google.com/"}').toString('base64')
    const found = explained(
      `S: 220 smtp.gmail.com ESMTP gsmtp\nC: EHLO app\nS: 250 AUTH XOAUTH2\nC: AUTH XOAUTH2 ${response}\nS: 334 ${challenge}\nC: \nS: 535 5.7.8 Username and Password not accepted for ${token}`,
    )
    expect(found).toMatchObject({ code: 'auth/oauth-token' })
    expect(found['summary']).toContain('status 401')
    expect(found['hint']).toContain('https://mail.google.com/')
    expect(JSON.stringify(found)).not.toContain(token)
    expect(JSON.stringify(found)).not.toContain(response)
  })

  it('recipients of which some are refused', () => {
    const found = explained(
      'S: 220 ready\nC: EHLO app\nS: 250 hello\nC: MAIL FROM:<a@example.com>\nS: 250 Ok\nC: RCPT TO:<b@example.com>\nS: 250 Ok\nC: RCPT TO:<c@example.com>\nS: 550 5.1.1 No such user\nC: DATA\nS: 354 Go on\nC: Subject: hi\nC: .\nS: 250 Ok',
    )
    expect(found).toMatchObject({ code: 'rcpt-to/mailbox-unknown', delivered: 'some', failedAt: [7, 8] })
  })

  it('the failure of one message among others that were accepted', () => {
    const message = (to: string, reply: string): string =>
      `C: MAIL FROM:<a@example.com>\nS: 250 Ok\nC: RCPT TO:<${to}>\nS: 250 Ok\nC: DATA\nS: 354 Go on\nC: Subject: hi\nC: .\nS: ${reply}\n`
    const found = explained(
      `S: 220 ready\nC: EHLO app\nS: 250 hello\n${message('b@example.com', '552 5.3.4 Message too big')}${message('c@example.com', '250 Ok')}`,
    )
    expect(found).toMatchObject({
      code: 'body/message-too-large',
      notes: ['Another message of this log was accepted.'],
    })
    const recovered = explained(
      `S: 220 ready\nC: EHLO app\nS: 250 hello\n${message('b@example.com', '451 4.7.1 Try again later')}${message('b@example.com', '250 Ok')}`,
    )
    expect(recovered).not.toHaveProperty('code')
    expect(recovered['notes']).toEqual([expect.stringContaining('a later one succeeded')])
  })
})
