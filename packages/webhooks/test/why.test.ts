import type { Kind } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { whyOf } from '../src/why.ts'

const ann = { recipient: 'ann@example.com', provider: 'postmark' } as const

describe('why a message bounced', () => {
  it.each([
    ['550 5.1.1 <ann@example.com>: User unknown', 'rcpt-to/mailbox-unknown', 550, '5.1.1'],
    [
      'smtp;550 5.1.1 The email account that you tried to reach does not exist.',
      'rcpt-to/mailbox-unknown',
      550,
      '5.1.1',
    ],
    ['smtp; 452 4.2.2 The mailbox is full', 'rcpt-to/mailbox-full', 452, '4.2.2'],
    ['550 #5.1.0 Address rejected.', 'rcpt-to/mailbox-unknown', 550, '5.1.0'],
    [
      '550-5.1.1 The account does not\r\n550-5.1.1 exist.\r\n550 5.1.1 Good bye',
      'rcpt-to/mailbox-unknown',
      550,
      '5.1.1',
    ],
    [
      '550-5.1.1 The account does not 550-5.1.1 exist. 550 5.1.1 Good bye',
      'rcpt-to/mailbox-unknown',
      550,
      '5.1.1',
    ],
    [
      'host mx.example.com[192.0.2.1] said: 552 5.3.4 Message too big (in reply to MAIL FROM command)',
      'mail-from/message-too-large',
      552,
      '5.3.4',
    ],
    [
      'host mx.example.com[192.0.2.1] said: 554 5.7.1 Spam message rejected (in reply to end of DATA command)',
      'body/spam',
      554,
      '5.7.1',
    ],
    [
      'SMTP error from remote mail server after RCPT TO:<ann@example.com>: 550 No such user here',
      'rcpt-to/mailbox-unknown',
      550,
      undefined,
    ],
    [
      'SMTP error from remote mail server after end of data: 554 Message refused',
      'body/rejected',
      554,
      undefined,
    ],
    [
      '550 5.7.26 This mail has been blocked because the sender is unauthenticated.',
      'body/authentication-policy',
      550,
      '5.7.26',
    ],
    ['554 5.7.1 Message contains spam', 'body/spam', 554, '5.7.1'],
    ['552 over quota', 'rcpt-to/mailbox-full', 552, undefined],
  ])('%s', (reply, code, basic, enhanced) => {
    const why = whyOf({ ...ann, reply })
    expect(why).toMatchObject({
      code,
      transport: 'postmark',
      delivered: 'none',
      reply: { code: basic, enhanced },
    })
    expect(why.recipients).toMatchObject([
      { address: 'ann@example.com', status: 'rejected', kind: why.kind, reply: why.reply },
    ])
    expect(why.permanence).toBe(basic < 500 ? 'transient' : 'permanent')
  })

  it('keeps all lines of a reply, without codes', () => {
    expect(
      whyOf({ ...ann, reply: '550-5.1.1 The account does not 550-5.1.1 exist. 550 5.1.1 Good bye' }).reply
        ?.text,
    ).toBe('The account does not\nexist.\nGood bye')
    expect(whyOf({ ...ann, reply: '550 5.1.1 Not here,\nsorry' }).reply?.text).toBe('Not here,\nsorry')
  })

  it.each([
    ['The mailbox has 450 messages in it', undefined, 'rejected'],
    ['Not delivered in 550 minutes', 'mailbox-full', 'mailbox-full'],
    ['', 'suppressed', 'suppressed'],
  ] as const)('takes no number in a text for a reply: %s', (reply, kind, expected) => {
    const why = whyOf({ ...ann, reply, kind })
    expect(why).toMatchObject({ kind: expected, stage: 'rcpt-to', reply: undefined })
    if (reply) expect(why.summary).toContain(reply)
  })

  it.each([
    ['5.1.1', undefined, 'rcpt-to/mailbox-unknown', 'permanent'],
    ['4.2.2', undefined, 'rcpt-to/mailbox-full', 'transient'],
    ['5.0.0', undefined, 'rcpt-to/rejected', 'permanent'],
    ['5.0.0', 'mailbox-disabled', 'rcpt-to/mailbox-disabled', 'permanent'],
    ['nonsense', 'spam', 'body/spam', 'permanent'],
  ] as const)('reads the enhanced code %s without a reply (and %s)', (enhanced, kind, code, permanence) => {
    expect(whyOf({ ...ann, enhanced, kind })).toMatchObject({ code, permanence, reply: undefined })
  })

  it('adds an enhanced code that was told apart, if it is of the same class', () => {
    expect(whyOf({ ...ann, reply: '550 No', enhanced: '5.2.1' })).toMatchObject({
      code: 'rcpt-to/mailbox-disabled',
      reply: { enhanced: '5.2.1' },
    })
    expect(whyOf({ ...ann, reply: '450 No', enhanced: '5.2.1' }).reply?.enhanced).toBeUndefined()
  })

  it('believes a clear reply more than the word of the provider, and a vague one less', () => {
    expect(whyOf({ ...ann, reply: '550 5.1.1 User unknown', kind: 'spam' }).code).toBe(
      'rcpt-to/mailbox-unknown',
    )
    expect(whyOf({ ...ann, reply: '554 Transaction failed', kind: 'spam' }).code).toBe('body/spam')
    expect(whyOf({ ...ann, reply: '550 No', kind: 'mailbox-unknown' }).kind).toBe('mailbox-unknown')
  })

  it('does not make a policy or a broken server the fault of the address', () => {
    const of = (reply: string): string => whyOf({ ...ann, reply, kind: 'mailbox-unknown' }).code
    expect(of('550 5.7.1 Not allowed by the policy of this server')).toBe('rcpt-to/policy')
    expect(of('451 4.3.0 Internal error')).toBe('rcpt-to/server-error')
  })

  it.each([
    ['host-not-found', 'dns'],
    ['timeout', 'connect'],
    ['tls-unavailable', 'tls'],
    ['suppressed', 'rcpt-to'],
    ['message-too-large', 'body'],
    ['storage', 'submit'],
  ] as [Kind, string][])('puts %s at %s', (kind, stage) => {
    expect(whyOf({ ...ann, kind }).stage).toBe(stage)
  })

  it('gives no advice about a connection that is not ours', () => {
    expect(whyOf({ ...ann, reply: '530 5.7.0 Authentication required' }).hint).not.toContain('auth')
  })

  it('may be tried again where the reason passes', () => {
    const why = whyOf({ ...ann, reply: '550 5.2.2 Over quota', permanence: 'transient' })
    expect(why).toMatchObject({ permanence: 'transient', retryable: true, kind: 'mailbox-full' })
  })
})

it('a deferred message is not to be sent again: the provider has it', () => {
  const why = whyOf({ ...ann, type: 'deferred', reply: '451 4.7.1 Greylisted, try again later' })
  expect(why).toMatchObject({
    code: 'rcpt-to/greylisted',
    permanence: 'transient',
    retryable: false,
    delivered: 'none',
  })
  expect(why.hint).toContain('not lost')
})

it('a complaint is about a message that arrived', () => {
  const why = whyOf({ ...ann, type: 'complained' })
  expect(why).toMatchObject({
    code: 'body/spam',
    scope: 'recipient',
    permanence: 'permanent',
    delivered: 'some',
    retryable: false,
  })
  expect(why.recipients).toMatchObject([{ address: 'ann@example.com', status: 'accepted' }])
  expect(why.summary).toBe('the recipient reported the message as spam')
})

it('a long or hostile text does not take long, and is cut', () => {
  const why = whyOf({ ...ann, reply: `550 5.1.1 ${'said: '.repeat(200_000)}` })
  expect(why.reply?.text.length).toBeLessThan(2_001)
})
