import { describe, expect, it } from 'vitest'
import { MailError, type Kind, type Permanence, type RecipientOutcome } from '../src/index.ts'
import { KINDS, type MailErrorInit } from '../src/transport.ts'
import { accepted, BOB, CAROL, DAVE, greylisted, noSuchUser, notAttempted, unknown } from './scripted.ts'

const error = (init: Partial<MailErrorInit> = {}): MailError =>
  new MailError({ stage: 'rcpt-to', kind: 'policy', ...init })

const smtp = (code: number) => ({ protocol: 'smtp', code, text: 'No' }) as const

/** A recipient that was refused, without a word of whether that passes. */
const refused = (address: string): RecipientOutcome => ({ address, status: 'rejected' })

describe('what may have been delivered follows from the recipients', () => {
  it.each<[string, RecipientOutcome[], string]>([
    ['nothing where nobody is named', [], 'none'],
    ['nothing where everybody was refused', [noSuchUser(BOB), greylisted(CAROL)], 'none'],
    ['nothing where nobody was attempted', [notAttempted(BOB)], 'none'],
    ['some where one has it', [noSuchUser(BOB), accepted(CAROL)], 'some'],
    ['some where everybody has it', [accepted(BOB)], 'some'],
    ['nobody knows where one may have it', [accepted(BOB), unknown(CAROL), noSuchUser(DAVE)], 'unknown'],
  ])('%s', (_title, recipients, delivered) => expect(error({ recipients }).delivered).toBe(delivered))

  it('unless the transport says otherwise', () => {
    expect(error({ recipients: [unknown(BOB)], delivered: 'none' }).delivered).toBe('none')
  })
})

describe('whether a failure passes by itself', () => {
  it.each<[string, Partial<MailErrorInit>, Permanence]>([
    [
      'it does if it does for one recipient',
      { recipients: [noSuchUser(BOB), greylisted(CAROL)] },
      'transient',
    ],
    [
      'it does if it does for one, though another may have it',
      { recipients: [unknown(BOB), greylisted(CAROL)] },
      'transient',
    ],
    [
      'what was said of one who has it does not count',
      { recipients: [{ ...accepted(BOB), permanence: 'transient' }, noSuchUser(CAROL)] },
      'permanent',
    ],
    ['nobody knows where one may have it', { recipients: [unknown(BOB), noSuchUser(CAROL)] }, 'unknown'],
    ['nobody knows where it may have been delivered', { delivered: 'unknown', reply: smtp(450) }, 'unknown'],
    [
      'it does not where everybody was refused for good',
      { reply: smtp(450), recipients: [accepted(DAVE), noSuchUser(BOB)] },
      'permanent',
    ],
    [
      'where one was not told how long, the reply decides',
      { reply: smtp(450), recipients: [noSuchUser(BOB), refused(CAROL)] },
      'transient',
    ],
    [
      'where everybody has it, the reply decides',
      { reply: smtp(450), recipients: [accepted(BOB)] },
      'transient',
    ],
    ['without recipients a reply of 4xx says it does', { reply: smtp(400) }, 'transient'],
    ['and one of 499', { reply: smtp(499) }, 'transient'],
    ['and one of 5xx says it does not', { reply: smtp(500), kind: 'timeout' }, 'permanent'],
    ['but 503, which is about the order of commands', { reply: smtp(503) }, 'transient'],
    [
      'and too many recipients, who can be split up',
      { reply: smtp(550), kind: 'too-many-recipients' },
      'transient',
    ],
    ['a positive reply says nothing: the kind decides', { reply: smtp(250), kind: 'protocol' }, 'transient'],
    ['and so for a kind that stays', { reply: smtp(250) }, 'permanent'],
    [
      'the status of HTTP says nothing: the kind decides',
      { reply: { ...smtp(400), protocol: 'http' } },
      'permanent',
    ],
    ['unless the transport says otherwise', { reply: smtp(550), permanence: 'transient' }, 'transient'],
  ])('%s', (_title, init, permanence) => expect(error(init).permanence).toBe(permanence))

  const PASSING: readonly Kind[] = [
    'pool-closed',
    'queue-full',
    'breaker-open',
    'aborted',
    'storage',
    'attachment',
    'dns-temporary',
    'connection-refused',
    'unreachable',
    'timeout',
    'connection-lost',
    'tls-unavailable',
    'protocol',
    'auth-temporary',
    'service-unavailable',
    'server-error',
    'server-storage',
    'rate-limited',
    'greylisted',
    'too-many-recipients',
  ]
  it.each(Object.keys(KINDS) as Kind[])('without a reply the kind decides: %s', (kind) => {
    expect(error({ kind }).permanence).toBe(PASSING.includes(kind) ? 'transient' : 'permanent')
  })
})

describe('a failure can be tried again', () => {
  it.each<[string, Partial<MailErrorInit>, boolean]>([
    ['for one who was refused for now', { recipients: [greylisted(BOB)] }, true],
    [
      'for one who was refused for now, though another may have it',
      { recipients: [greylisted(BOB), unknown(CAROL)] },
      true,
    ],
    [
      'for one who was not attempted, where the failure passes',
      { kind: 'timeout', recipients: [notAttempted(BOB)] },
      true,
    ],
    [
      'for one who was refused without a word, where the failure passes',
      { kind: 'timeout', recipients: [refused(BOB)] },
      true,
    ],
    ['where nobody is named and nothing was delivered', { kind: 'timeout' }, true],
    ['not where nobody is named and the failure stays', {}, false],
    ['not where the failure stays', { recipients: [notAttempted(BOB)] }, false],
    ['not where nobody is named and some have it', { kind: 'timeout', delivered: 'some' }, false],
    [
      'not where nobody is named and nobody knows',
      { kind: 'timeout', delivered: 'unknown', permanence: 'transient' },
      false,
    ],
    [
      'not for one who has it',
      { kind: 'timeout', recipients: [{ ...accepted(BOB), permanence: 'transient' }] },
      false,
    ],
    [
      'not for one who may have it',
      { permanence: 'transient', recipients: [{ ...unknown(BOB), permanence: 'transient' }] },
      false,
    ],
    [
      'not for one who was refused for good, though the failure passes',
      { permanence: 'transient', recipients: [noSuchUser(BOB)] },
      false,
    ],
    ['not where the message can be read only once', { kind: 'timeout', replayable: false }, false],
  ])('%s', (_title, init, retryable) => expect(error(init).retryable).toBe(retryable))
})

describe('the message of a failure', () => {
  it.each<[string, Partial<MailErrorInit>, string]>([
    ['is its code and what happened', { summary: 'the sun went down' }, 'rcpt-to/policy: the sun went down'],
    ['names the transport', { summary: 'no', transport: 'smtp(a:25)' }, 'rcpt-to/policy: no [smtp(a:25)]'],
    ['is on one line', { summary: 'one\ntwo\r\nthree' }, 'rcpt-to/policy: one two three'],
    ['drives no terminal', { summary: 'a\u001B[2Jb\rc' }, 'rcpt-to/policy: a\\u001b[2Jb\\u000dc'],
  ])('%s', (_title, init, message) => expect(error(init).message).toBe(message))

  it('says what the kind means, and the words of the server', () => {
    const { summary } = error({ kind: 'mailbox-full' })
    expect(summary).toBe('the mailbox is full')
    const reply = { ...smtp(552), enhanced: '5.2.2', text: 'Quota' }
    expect(error({ kind: 'mailbox-full', reply }).summary).toBe(`${summary}: 552 5.2.2 Quota`)
    expect(error({ kind: 'mailbox-full', reply: smtp(552) }).summary).toBe(`${summary}: 552 No`)
    expect(error({ kind: 'mailbox-full', reply: { ...smtp(552), text: '' } }).summary).toBe(`${summary}: 552`)
  })

  it('says a part of what is long', () => {
    const long = 'x'.repeat(5_000)
    expect(error({ reply: { ...smtp(550), text: long } }).summary).toHaveLength(
      error({ reply: { ...smtp(550), text: 'x'.repeat(300) } }).summary.length,
    )
    expect(error({ summary: long }).summary).toHaveLength(2_000)
  })

  it('is free of secrets', () => {
    const redact = (text: string): string => text.replaceAll('hunter2', '<redacted>')
    expect(error({ redact, summary: 'wrong: hunter2' }).summary).toBe('wrong: <redacted>')
    expect(error({ summary: 'at smtp://ann:hunter2@mail.example' }).summary).not.toContain('hunter2')
  })
})

describe('whose fault it is', () => {
  it('follows from the kind, unless the transport knows better', () => {
    expect(error({ kind: 'mailbox-full' }).scope).toBe('recipient')
    expect(error({ kind: 'mailbox-full', scope: 'sender' }).scope).toBe('sender')
  })
})

describe('with()', () => {
  const whole = error({
    summary: 'the sun went down',
    scope: 'message',
    reply: smtp(450),
    recipients: [noSuchUser(BOB)],
    failures: [error()],
    transport: 'smtp(a:25)',
    messageId: '<1@example.com>',
    transcript: { entries: [{ from: 'client', text: 'EHLO', atMs: 0, connection: 'c', sequence: 0 }] },
    cause: new Error('the cause'),
    permanence: 'unknown',
    delivered: 'some',
    hint: 'Wait for the morning.',
  })

  it('replaces what it is given, and keeps the rest', () => {
    const changed = whole.with({ transport: 'retry(smtp(a:25))' })
    expect(changed.transport).toBe('retry(smtp(a:25))')
    expect(changed.cause).toEqual(whole.cause)
    const different = { transport: '' }
    expect(Object.assign({}, changed, different)).toEqual(Object.assign({}, whole, different))
    expect(changed.with({ messageId: undefined }).messageId).toBeUndefined()
  })

  it('says what it was given, and not what would follow from the rest', () => {
    expect(whole).toMatchObject({ permanence: 'unknown', delivered: 'some', hint: 'Wait for the morning.' })
    expect(whole.reply).toEqual(smtp(450))
    expect(Object.isFrozen(whole.reply)).toBe(true)
    expect(whole.transcript?.entries.map(({ text }) => text)).toEqual(['EHLO'])
  })

  it('does not forget that a message can be read only once', () => {
    const once = error({ kind: 'timeout', replayable: false })
    expect(once.with({ recipients: [greylisted(BOB)] }).retryable).toBe(false)
    expect(once.with({ transport: 'smtp(a:25)' }).retryable).toBe(false)
  })

  it('draws new conclusions from new recipients', () => {
    expect(whole.with({ recipients: [greylisted(BOB)] })).toMatchObject({
      summary: 'the sun went down',
      permanence: 'transient',
      delivered: 'none',
      retryable: true,
      hint: error({ reply: smtp(450) }).hint,
    })
  })
})
