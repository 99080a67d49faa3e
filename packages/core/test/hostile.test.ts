import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Mailer, MailError, memory } from '../src/index.ts'
import { diagnoseReply, toMessage } from '../src/transport.ts'

const SECRET = 'Bearer hunter2'
const input = { from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hello' }

function failure(init: Partial<ConstructorParameters<typeof MailError>[0]>): MailError {
  return new MailError({ stage: 'connect', kind: 'unexpected', ...init })
}

describe('a text that is meant to keep a program busy', () => {
  it.each([
    'notmatch',
    'sender ',
    'not allowed to send ',
    'rate ',
    'user unknown ',
    'exceed size ',
    'exceed',
    'over',
    'overlimit',
    'frequen',
    'your account ',
    'account',
    'mailbox ',
    'helo ',
    'requires ',
    'too many ',
    'authentic',
    '@ ',
  ])('is diagnosed: a reply of a million octets of %j', (part) => {
    const text = part.repeat(1_000_000 / part.length)
    for (const stage of ['auth', 'mail-from', 'rcpt-to', 'body'] as const)
      expect(diagnoseReply(stage, { code: 550, text })).toBeDefined()
  })

  it.each(['a', 'x://', 'x://:', ':', 'x://a:'])(
    'is in a failure, without the passwords in it: %j',
    (part) => {
      const summary = `smtp://ann:hunter2@mail.example ${part.repeat(1_000_000 / part.length)}`
      expect(failure({ summary }).message).not.toContain('hunter2')
    },
  )
})

describe('a URL with credentials', () => {
  it.each([
    'smtp://ann:hunter2@x',
    'ftp://me@mail.example:hunter2@x',
    '://a:hunter2@x',
    'x://:hunter2@x',
    'x://a:b:hunter2@x',
  ])('is shown without them: %s', (url) => {
    expect(failure({ summary: `at ${url}.example/a` }).summary).toBe(
      `at ${url.split('://')[0]}://<redacted>@x.example/a`,
    )
  })
})

describe('a summary', () => {
  it('is one line of limited length, whatever a server or a caller says', () => {
    const { summary, message } = failure({ summary: `one\r\ntwo\u001B[2J ${'x'.repeat(10_000)}` })
    expect(summary).toMatch(/^one two\\u001b\[2J xxx/)
    expect(message.length).toBeLessThan(3_000)
  })

  it('is limited in logs together with the reply', () => {
    const reply = { protocol: 'smtp', code: 550, text: 'x'.repeat(100_000) } as const
    const recipients = [{ address: 'bob@rcpt.example', status: 'rejected', reply } as const]
    expect(JSON.stringify(failure({ reply, recipients })).length).toBeLessThan(10_000)
    expect(inspect(failure({ reply, recipients })).length).toBeLessThan(20_000)
  })
})

describe('a cause of any kind is kept, and no failure is lost', () => {
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  it.each<[string, unknown]>([
    ['an error whose message is a list', Object.assign(new Error('x'), { message: ['a', 'b'] })],
    ['an error whose stack is a list', Object.assign(new Error('x'), { stack: [1] })],
    ['an error whose name is a list', Object.assign(new Error('x'), { name: [1] })],
    [
      'an error with a getter that throws',
      Object.defineProperty(new Error('x'), 'code', {
        get() {
          throw new Error('no')
        },
      }),
    ],
    ['an object without a prototype', Object.create(null)],
    ['an object that cannot be looked at', revoked.proxy],
    ['a symbol', Symbol('x')],
    ['null', null],
  ])('%s', async (_what, thrown) => {
    const transport = { ...memory(), send: () => Promise.reject(thrown) }
    await using mailer = new Mailer({ transport, failure: 'silent', observe: ({ error }) => void error })
    expect(await mailer.send(input)).toMatchObject({ ok: false, error: { code: 'submit/unexpected' } })
    expect(mailer.stats).toMatchObject({ failed: 1 })
  })

  it('without its fields if it is not an error, because a request contains credentials', () => {
    const cause = { message: 'no', code: 'E_NO', headers: { authorization: SECRET } }
    expect(inspect(failure({ cause }), { depth: 9, showHidden: true })).not.toContain(SECRET)
    expect(failure({ cause }).cause).toMatchObject({ message: 'no', code: 'E_NO' })
    const named = failure({ cause: { status: 429, error: SECRET } }).cause
    expect(named).toMatchObject({ message: 'an object with status, error' })
  })
})

describe('with()', () => {
  it('does not forget that a message can be read only once', () => {
    const recipients = [{ address: 'bob@rcpt.example', status: 'not-attempted' }] as const
    const init = { stage: 'connect', kind: 'connection-refused', recipients } as const
    expect(new MailError(init).with({ transport: 'x' }).retryable).toBe(true)
    expect(new MailError({ ...init, replayable: false }).with({ transport: 'x', recipients }).retryable).toBe(
      false,
    )
  })
})

describe('the envelope of a sent message', () => {
  it('can be used again', () => {
    const { envelope } = toMessage(input)
    expect(toMessage({ raw: 'Subject: x', envelope }).envelope).toEqual(envelope)
  })
})

describe('a field that does not exist', () => {
  it.each<[string, object, string]>([
    [
      'an attachment',
      { attachments: [{ content: 'x', cid: 'logo' }] },
      'attachments[0] has no field "cid"; it has filename',
    ],
    [
      'the envelope',
      { envelope: { rcpt: ['x@y.example'] } },
      'envelope has no field "rcpt"; it has from, to',
    ],
    [
      'the calendar',
      { calendar: { method: 'request', content: 'x', filename: 'y' } },
      'calendar has no field "filename"',
    ],
    ['dsn', { dsn: { notify: 'never', id: 'x' } }, 'dsn has no field "id"; it has notify, ret, envelopeId'],
  ])('of %s is refused, not ignored', (_what, more, words) => {
    expect(() => toMessage({ ...input, ...more })).toThrow(
      expect.objectContaining({ code: 'compose/invalid-message', message: expect.stringContaining(words) }),
    )
  })
})
