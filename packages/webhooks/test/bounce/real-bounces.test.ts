import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readBounce } from '../../src/index.ts'

const FOLDER = new URL('../fixtures/bounces/', import.meta.url)

/** What Postfix, Exim and OpenSMTPD sent back; `interop` made them. Type, recipient, code, permanence and reply. */
const BOUNCES: Readonly<Record<string, string>> = {
  'exim-alias': 'bounced staff@inbox.test rcpt-to/mailbox-unknown permanent 550 5.1.1',
  'exim-delayed': 'deferred busy@next.test rcpt-to/greylisted transient 451 4.7.1',
  'exim-delivered': 'delivered ann@inbox.test',
  'exim-full-here': 'bounced full@inbox.test rcpt-to/mailbox-full transient',
  'exim-full-next': 'bounced full@next.test rcpt-to/mailbox-full permanent 552 5.2.2',
  'exim-given-up': 'bounced busy@next.test rcpt-to/greylisted transient 451 4.7.1',
  'exim-no-host': 'bounced ann@nowhere.test rcpt-to/mailbox-unknown permanent',
  'exim-refused-after-data': 'bounced spam@next.test body/spam permanent 554 5.7.1',
  'exim-refused-at-rcpt': 'bounced unknown@next.test rcpt-to/mailbox-unknown permanent 550 5.1.1',
  'exim-too-large': 'bounced big@next.test body/message-too-large permanent 552 5.3.4',
  'exim-two-lines': 'bounced joe+news@next.test rcpt-to/mailbox-unknown permanent 550 5.1.1',
  'exim-unknown-here': 'bounced nobody@inbox.test rcpt-to/mailbox-unknown permanent',
  'exim-utf8': 'bounced jörg@next.test rcpt-to/mailbox-unknown permanent 550 5.1.1',
  'opensmtpd-delayed': 'deferred busy@next.test rcpt-to/greylisted transient 451 4.7.1',
  'opensmtpd-delivered': 'delivered ann@inbox.test',
  'opensmtpd-full-next': 'bounced full@next.test rcpt-to/mailbox-full permanent 552 5.2.2',
  'opensmtpd-given-up': 'bounced busy@next.test connect/timeout transient',
  'opensmtpd-refused-after-data': 'bounced spam@next.test body/spam permanent 554 5.7.1',
  'opensmtpd-refused-at-rcpt': 'bounced unknown@next.test rcpt-to/mailbox-unknown permanent 550 5.1.1',
  'opensmtpd-two-lines': 'bounced joe+news@next.test rcpt-to/mailbox-unknown permanent 550 5.1.1',
  'postfix-alias': 'bounced staff@inbox.test rcpt-to/mailbox-unknown permanent 550 5.1.1',
  'postfix-delayed': 'deferred busy@next.test rcpt-to/greylisted transient 451 4.7.1',
  'postfix-delivered': 'delivered ann@inbox.test',
  'postfix-full-next': 'bounced full@next.test rcpt-to/mailbox-full permanent 552 5.2.2',
  'postfix-given-up': 'bounced busy@next.test rcpt-to/greylisted transient 451 4.7.1',
  'postfix-no-host': 'bounced ann@nowhere.test rcpt-to/domain-unknown permanent',
  'postfix-refused-after-data': 'bounced spam@next.test body/spam permanent 554 5.7.1',
  'postfix-refused-at-rcpt': 'bounced unknown@next.test rcpt-to/mailbox-unknown permanent 550 5.1.1',
  'postfix-relayed': '',
  'postfix-too-large': 'bounced big@next.test body/message-too-large permanent',
  'postfix-two-lines': 'bounced joe+news@next.test rcpt-to/mailbox-unknown permanent 550 5.1.1',
  'postfix-unknown-here': 'bounced nobody@inbox.test rcpt-to/mailbox-unknown permanent',
  'postfix-utf8': 'bounced jörg@next.test rcpt-to/mailbox-unknown permanent 550 5.1.1',
}

describe('a bounce of a real mail server', () => {
  it('is listed here', () => {
    const files = globSync('*.eml', { cwd: FOLDER }).toSorted()
    expect(files).toEqual(Object.keys(BOUNCES).map((name) => `${name}.eml`))
  })

  it.each(Object.entries(BOUNCES))('%s is read', async (name, expected) => {
    const { news, report } = await readBounce(readFileSync(new URL(`${name}.eml`, FOLDER)))
    const told = news.map(({ type, recipient, why }) =>
      [type, recipient, why?.code, why?.permanence, why?.reply?.code, why?.reply?.enhanced]
        .filter((word) => word !== undefined)
        .join(' '),
    )
    expect(told).toEqual(expected === '' ? [] : [expected])
    expect(report).toMatchObject({
      type: 'dsn',
      messageId: expect.stringMatching(/^<.+@sender\.test>$/) as string,
    })
    if (!name.startsWith('opensmtpd')) expect(report!.envelopeId).toMatch(/^order\+\d+=x$/)
  })
})
