import { MailError, type Kind, type Stage } from '@loudmail/core'
import { FAILURE_CODES, Secrets } from '@loudmail/core/transport'
import { describe, expect, it } from 'vitest'
import { explainCode, explainPart, unknownCode } from '../../src/explain/explain-name.ts'
import { explainText } from '../../src/explain/explain-text.ts'
import type { Explanation } from '../../src/explain/explanation.ts'
import { loudmail } from '../cli.ts'

describe('loudmail explain <code>', () => {
  it('has the hint of the error for every code', () => {
    for (const code of FAILURE_CODES) {
      const [stage, kind] = code.split('/') as [Stage, Kind]
      const { summary, hint } = new MailError({ stage, kind })
      expect(explainCode(code)?.failure).toMatchObject({ code, summary, hint })
    }
  })

  it('prints what it means and what to do', async () => {
    const { stdout, stderr, status } = await loudmail(['explain', 'greeting/timeout'])
    expect(stdout).toContain('✗ greeting/timeout')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      new MailError({ stage: 'greeting', kind: 'timeout' }).hint,
    )
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it('explains a template that failed, also with its place from a log', async () => {
    const general = await loudmail(['explain', 'compose/template'])
    expect(general.stdout).toContain('✗ compose/template')
    expect(general.stdout.replaceAll(/\s+/g, ' ')).toContain('Correct the template, or the data')
    const location = { file: '/srv/welcome.hbs', line: 3, column: 1, excerpt: '> 3 | {{nam}}\n    | ^' }
    const error = new MailError({ stage: 'compose', kind: 'template', summary: 'nam is missing', location })
    const logged = await loudmail(['explain'], { input: JSON.stringify({ err: error }) })
    const json = await loudmail(['explain', '--json'], { input: JSON.stringify({ error }) })
    expect(JSON.parse(json.stdout)).toMatchObject({ code: 'compose/template', location })
    expect(logged.stdout).toMatch(/where +\/srv\/welcome\.hbs:3:1\n {2}> 3 \| \{\{nam\}\}\n {6}\| \^/)
  })

  it('lists the stages of a kind, and the kinds of a stage', () => {
    const codes = (name: string): string[] => explainPart(name)!.failures.map(({ code }) => code)
    expect(codes('not-smtp')).toEqual(['greeting/not-smtp'])
    expect(codes('mailbox-full')).toContain('rcpt-to/mailbox-full')
    expect(codes('queue')).toEqual(FAILURE_CODES.filter((code) => code.startsWith('queue/')))
  })

  it('knows what a mistyped code means', async () => {
    expect(unknownCode('auth/bad-credential')).toContain('Did you mean auth/bad-credentials?')
    expect(unknownCode('rcpt/mailbox-full')).toContain('mailbox-full occurs at mail-from, rcpt-to')
    expect(unknownCode('greylistd')).toContain('Did you mean greylisted?')
    const { stderr, status } = await loudmail(['explain', 'mailbox-ful'])
    expect(stderr).toContain('Did you mean mailbox-full?')
    expect(status).toBe(1)
  })
})

describe('loudmail explain <reply>', () => {
  const explained = (text: string, stage?: Stage, host?: string): Explanation | undefined =>
    explainText(text, { stage, host }, new Secrets())
  const codeOf = (text: string, stage?: Stage): string | undefined => explained(text, stage)?.failure?.code

  it('guesses the stage from the text', () => {
    expect(codeOf('535 5.7.8 Error: authentication failed')).toBe('auth/bad-credentials')
    expect(codeOf('550 5.1.1 <bob@example.org>: no such user')).toBe('rcpt-to/mailbox-unknown')
    expect(codeOf('550-5.1.1 No such user\n550 5.1.1 Check the address')).toBe('rcpt-to/mailbox-unknown')
    expect(codeOf('554 5.7.1 <bob@example.org>: Relay access denied')).toBe('rcpt-to/relay-denied')
    expect(codeOf('450 4.7.1 Greylisted, please try again')).toBe('rcpt-to/greylisted')
    expect(codeOf('4.2.2')).toBe('rcpt-to/mailbox-full')
    expect(codeOf('Client does not have permissions to send as this sender')).toBe(
      'mail-from/sender-not-owned',
    )
    expect(codeOf("smtplib.SMTPAuthenticationError: (535, b'5.7.8 Bad credentials')")).toBe(
      'auth/bad-credentials',
    )
    expect(codeOf('Error: Invalid login: 535 5.7.8 Bad credentials')).toBe('auth/bad-credentials')
  })

  it('takes the stage that it is given, and else says that it is not sure', () => {
    expect(codeOf('550 5.7.1 Denied', 'greeting')).toBe('greeting/policy')
    expect(explained('550 5.7.1 Denied', 'greeting')?.unsure).toEqual([])
    expect(explained('554 Transaction failed')?.unsure).toEqual([expect.stringContaining('--stage')])
  })

  it("gives the provider's own steps", async () => {
    const reply = '550 5.7.60 SMTP; Client does not have permissions to send as this sender'
    const { stdout, status } = await loudmail(['explain', reply, '--host', 'smtp.office365.com'])
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'give that mailbox the "Send As" permission for this address',
    )
    expect(status).toBe(0)
    expect(
      explained('535 5.7.8 Username and Password not accepted', 'auth', 'smtp.gmail.com')?.failure?.hint,
    ).toContain('app password')
  })

  it('says that a positive reply is no failure', () => {
    expect(explained('250 2.0.0 Ok: queued as 1')?.failure).toBeUndefined()
  })

  it('understands a printed error', () => {
    const printed =
      'MailError: rcpt-to/mailbox-full: the mailbox is full: 452 4.2.2 Over quota [smtp(mail.example.com:587)]'
    expect(explained(printed)?.failure).toMatchObject({
      code: 'rcpt-to/mailbox-full',
      permanence: 'transient',
      reply: { code: 452, enhanced: '4.2.2', text: 'Over quota' },
    })
  })

  it.each([
    ['ECONNREFUSED', 'connect/connection-refused'],
    ['Error: connect ECONNREFUSED 127.0.0.1:587', 'connect/connection-refused'],
    ['ConnectionRefusedError: [Errno 111] Connection refused', 'connect/connection-refused'],
    ['getaddrinfo ENOTFOUND smtp.exmple.com', 'dns/host-not-found'],
    ['socket.gaierror: [Errno -2] Name or service not known', 'dns/host-not-found'],
    ['connect ENETUNREACH 2001:db8::25:587', 'connect/unreachable'],
    ["{ code: 'ETIMEDOUT', port: 465\n}", 'connect/timeout'],
    ['Error: self-signed certificate', 'tls/certificate-untrusted'],
    ["Hostname/IP does not match certificate's altnames", 'tls/certificate-hostname'],
    ['[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)', 'tls/not-tls'],
    ['read ECONNRESET', 'connect/connection-lost'],
  ])('knows what the system says, and does not take it for a reply: %s', (text, code) => {
    expect(explained(text)?.failure).toMatchObject({ code, reply: undefined })
  })

  it('finds the error at the end of a long traceback', () => {
    const traceback = `Traceback:\n${'  File "mail.py", line 550\n'.repeat(100)}ConnectionRefusedError: [Errno 111] Connection refused\n`
    expect(codeOf(traceback)).toBe('connect/connection-refused')
  })

  it('takes a reply that speaks of a time-out for a reply', () => {
    expect(explained('421 4.4.2 mail.example.com Error: timeout exceeded')?.failure?.reply?.code).toBe(421)
    expect(codeOf('timeout', 'greeting')).toBe('greeting/timeout')
  })

  it('ends with 1 for words that it does not understand, and with 2 without any', async () => {
    const unknown = await loudmail(['explain', 'hello', 'world'])
    expect(unknown.stderr).toContain('not a code, a reply or a log')
    expect(unknown.status).toBe(1)
    expect((await loudmail(['explain', './no-such.log'])).status).toBe(2)
    expect((await loudmail(['explain'])).status).toBe(2)
    expect((await loudmail(['explain', '--stage', 'rcpt', '550 no'])).status).toBe(2)
  })
})
