import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { MailError } from '../src/index.ts'
import type { MailErrorInit } from '../src/transport.ts'
import { noSuchUser } from './scripted.ts'

const error = (init: Partial<MailErrorInit> = {}): MailError =>
  new MailError({ stage: 'rcpt-to', kind: 'mailbox-unknown', ...init })

const reply = { protocol: 'smtp', code: 550, enhanced: '5.1.1', text: 'No such user' } as const
const long = { ...reply, text: 'x'.repeat(2_001) }
const cut = { ...reply, text: `${'x'.repeat(2_000)}...` }
const numbered = (count: number) =>
  Array.from({ length: count }, (_, n) => noSuchUser(`user${n}@example.com`))

describe('a MailError is recognised', () => {
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  it.each<[string, unknown, boolean]>([
    ['as one of this copy of the package', error(), true],
    ['as one of another copy', { [Symbol.for('loudmail.MailError')]: true }, true],
    ['not where it is another error', new Error('x'), false],
    ['not where it only looks like one', { name: 'MailError', code: 'dns/timeout' }, false],
    ['not where it says that it is none', { [Symbol.for('loudmail.MailError')]: 'yes' }, false],
    ['not where it is nothing', undefined, false],
    ['not where it is null', null, false],
    ['not where it is a string', 'rcpt-to/mailbox-unknown', false],
    [
      'not where it is a function',
      Object.assign(() => {}, { [Symbol.for('loudmail.MailError')]: true }),
      false,
    ],
    ['not where it must not be looked at', revoked.proxy, false],
  ])('%s', (_title, value, isOne) => {
    expect(MailError.is(value)).toBe(isOne)
    expect(value instanceof MailError).toBe(isOne)
  })
})

describe('a MailError is recognised by its code', () => {
  it.each<[string, unknown, boolean]>([
    ['where it is this one', 'rcpt-to/mailbox-unknown', true],
    ['where it is one of a list', ['dns/timeout', 'rcpt-to/mailbox-unknown'], true],
    ['not where it is another', 'rcpt-to/mailbox-full', false],
    ['not where it is none of a list', ['dns/timeout', 'rcpt-to/mailbox-full'], false],
    ['not where the list is empty', [], false],
    ['as any where no code is given', undefined, true],
    ['as any where the code is the index of a list that is filtered', 0, true],
  ])('%s', (_title, code, isOne) => {
    const is = MailError.is as (value: unknown, code: unknown) => boolean
    expect(is(error(), code)).toBe(isOne)
    expect(is(new Error('rcpt-to/mailbox-unknown'), code)).toBe(false)
  })
})

describe('as JSON', () => {
  it('a failure says everything but conversation, stack and cause', () => {
    const recipients = [{ ...noSuchUser('bob@example.com'), reply }]
    const facts = { transport: 'smtp(a:25)', messageId: '<1@example.com>', reply, recipients }
    const whole = error({ ...facts, failures: [error({ kind: 'greylisted' })], cause: new Error('x') })
    const inner = whole.failures[0]!
    expect(JSON.parse(JSON.stringify(whole))).toEqual({
      name: 'MailError',
      code: 'rcpt-to/mailbox-unknown',
      message: 'rcpt-to/mailbox-unknown: the mailbox does not exist: 550 5.1.1 No such user [smtp(a:25)]',
      stage: 'rcpt-to',
      kind: 'mailbox-unknown',
      scope: 'recipient',
      permanence: 'permanent',
      delivered: 'none',
      retryable: false,
      hint: whole.hint,
      failures: [{ code: inner.code, message: inner.message }],
      ...facts,
    })
  })

  it('20 recipients are listed, and of more the first 20 with their number', () => {
    const few = error({ recipients: numbered(20) }).toJSON()
    expect(few.recipients).toEqual(numbered(20))
    expect(few).not.toHaveProperty('recipientCount')
    const many = error({ recipients: numbered(21) }).toJSON()
    expect(many).toMatchObject({ recipients: numbered(20), recipientCount: 21 })
  })

  it('10 failures are listed, and of more the first 10 with their number', () => {
    const failures = Array.from({ length: 11 }, (_, n) => error({ summary: `No. ${n}` }))
    const few = error({ failures: failures.slice(1) }).toJSON()
    expect(few.failures).toHaveLength(10)
    expect(few).not.toHaveProperty('failureCount')
    const many = error({ failures }).toJSON()
    expect(many.failures).toEqual(failures.slice(0, 10).map(({ code, message }) => ({ code, message })))
    expect(many.failureCount).toBe(11)
  })

  it('2,000 characters of what a server said are shown', () => {
    const recipients = [{ ...noSuchUser('bob@example.com'), reply: long }]
    expect(error({ reply: long, recipients }).toJSON()).toMatchObject({
      reply: cut,
      recipients: [{ address: 'bob@example.com', reply: cut }],
    })
    const whole = { ...reply, text: 'x'.repeat(2_000) }
    expect(error({ reply: whole }).toJSON().reply).toEqual(whole)
  })
})

describe('printed', () => {
  it('a failure shows its stack once, its facts, and its cause', () => {
    const printed = inspect(error({ messageId: '<1@example.com>', cause: new RangeError('no room') }))
    expect(printed).toMatch(/^MailError: rcpt-to\/mailbox-unknown: the mailbox does not exist\n {4}at .*/)
    expect(printed.match(/the mailbox does not exist/g)).toHaveLength(1)
    expect(printed).toMatch(/stage: 'rcpt-to',\n/)
    expect(printed).toMatch(/cause: .*RangeError.*: no room\n/)
    expect(printed).not.toMatch(/name: 'MailError'|undefined/)
  })

  it('a failure without cause or stack is shown all the same', () => {
    const bare = error()
    expect(inspect(bare)).not.toContain('cause')
    delete bare.stack
    expect(inspect(bare)).toMatch(/^MailError: rcpt-to\/mailbox-unknown: the mailbox does not exist \{/)
  })

  it('recipients are shown as deep as their replies', () => {
    const recipients = [{ ...noSuchUser('bob@example.com'), reply }]
    expect(inspect(error({ recipients }), { depth: 0 })).toContain("enhanced: '5.1.1'")
  })
})

describe('the cause of a failure', () => {
  const causeOf = (cause: unknown, more: Partial<MailErrorInit> = {}): unknown =>
    error({ cause, ...more }).cause

  it.each<[string, unknown, unknown]>([
    ['a string', 'no room', 'no room'],
    ['a number', 7, '7'],
    ['null', null, 'null'],
    ['nothing', undefined, undefined],
    ['a symbol', Symbol('x'), 'Symbol(x)'],
  ])('is kept as words: %s', (_what, cause, kept) => expect(causeOf(cause)).toBe(kept))

  it('is kept as it is where it is a MailError', () => {
    const inner = error()
    expect(causeOf(inner)).toBe(inner)
  })

  it.each(['E_FULL', 28])('is kept as an error with its name, message, stack and code: %s', (code) => {
    const thrown = Object.assign(new RangeError('no room'), { code, request: 'POST /' })
    const cause = causeOf(thrown) as Error
    expect(cause).toMatchObject({ name: 'RangeError', message: 'no room', stack: thrown.stack, code })
    expect(cause).not.toHaveProperty('request')
    expect(cause).not.toBe(thrown)
  })

  it('is kept without a code that is neither a word nor a number', () => {
    expect(causeOf(Object.assign(new Error('x'), { code: { secret: 1 } }))).not.toHaveProperty('code')
  })

  it('has a name and a stack where the original has none', () => {
    const cause = causeOf({ message: 'no room' }) as Error
    expect(cause).toMatchObject({ name: 'Error', message: 'no room', stack: 'Error: no room' })
    expect(cause.cause).toBeUndefined()
    expect(inspect(causeOf(Object.assign(new Error('x'), { name: '' })))).toMatch(/^Error: x/)
  })

  it('is described by the names of its fields where it has no message', () => {
    expect(causeOf({ status: 429, body: 'secret' })).toMatchObject({ message: 'an object with status, body' })
  })

  it('is kept with the causes behind it, four deep', () => {
    const chain = ['e', 'd', 'c', 'b', 'a'].reduce<Error | undefined>(
      (cause, message) => new Error(message, { cause }),
      undefined,
    )
    const words: string[] = []
    for (let cause = causeOf(chain) as Error | undefined; cause; cause = cause.cause as Error | undefined)
      words.push(cause.message)
    expect(words).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is free of secrets, at every depth', () => {
    const redact = (text: string): string => text.replaceAll('hunter2', '<redacted>')
    const deep = new Error('hunter2', { cause: Object.assign(new Error('x hunter2'), { name: 'hunter2' }) })
    const cause = causeOf(deep, { redact }) as Error
    expect(inspect(cause, { showHidden: true, depth: 5 })).not.toContain('hunter2')
    expect(cause.message).toBe('<redacted>')
    expect(causeOf('hunter2', { redact })).toBe('<redacted>')
  })

  it('is bounded', () => {
    const thrown = new Error('x'.repeat(9_000))
    thrown.name = 'n'.repeat(9_000)
    const cause = causeOf(thrown) as Error
    expect([cause.message.length, cause.name.length, cause.stack!.length]).toEqual([2_000, 2_000, 8_000])
    expect(causeOf('x'.repeat(9_000))).toHaveLength(2_000)
  })

  it('that cannot be read is said to be that', () => {
    expect(
      causeOf(
        Object.defineProperty({}, 'message', {
          get: () => {
            throw new Error('no')
          },
        }),
      ),
    ).toBe('something that cannot be read')
  })
})
