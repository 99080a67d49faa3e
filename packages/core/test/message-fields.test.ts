import { describe, expect, it } from 'vitest'
import { checkOptions } from '../src/transport.ts'
import { Mailer, MailError, memory, type MessageInput } from '../src/index.ts'
import { toMessage, type ComposedMessage } from '../src/transport.ts'

const base = { from: 'ann@example.com', to: 'bob@example.com', text: '' }

const failureOf = (run: () => unknown): MailError => {
  try {
    run()
  } catch (error) {
    if (MailError.is(error)) return error
  }
  throw new TypeError('this was to be refused')
}

const refusal = (input: object): MailError => failureOf(() => toMessage(input))

describe('several authors', () => {
  const authors = ['Ann <ann@example.com>', 'bob@example.org']
  it.each<[unknown]>([
    [authors],
    [authors.join(', ')],
    ['Authors: Ann <ann@example.com>, bob@example.org;'],
    [[{ name: 'Ann', address: 'ann@example.com' }, 'bob@example.org']],
  ])('%j with a sender', (from) => {
    const message = toMessage({ ...base, from: from as string, sender: 'cy@example.net' }) as ComposedMessage
    expect(message.from).toEqual([
      { name: 'Ann', address: 'ann@example.com' },
      { name: '', address: 'bob@example.org' },
    ])
    expect(message.sender).toEqual({ name: '', address: 'cy@example.net' })
    expect(message.envelope.from).toBe('cy@example.net')
    expect(message.messageId).toMatch(/@example\.com>$/)
  })

  it('without a sender are refused, also where the envelope names one', () => {
    for (const more of [{}, { envelope: { from: 'cy@example.net' } }])
      expect(refusal({ ...base, from: authors, ...more })).toMatchObject({
        code: 'compose/invalid-message',
        message: expect.stringContaining('set sender') as string,
      })
  })

  it.each([[[]], ['Nobody:;'], [['Nobody:;']]])('that are nobody, %j, are refused', (from) => {
    expect(refusal({ ...base, from })).toMatchObject({ code: 'compose/invalid-address' })
  })

  it('can be a default that messages add the sender to', async () => {
    const transport = memory()
    await using mailer = new Mailer({ transport, defaults: { from: authors } })
    await mailer.send({ to: 'di@example.com', sender: 'ann@example.com', text: 'Hello' })
    expect(transport.messages[0]?.envelope.from).toBe('ann@example.com')
  })
})

describe('a message that says nothing', () => {
  const { text: _, ...empty } = base
  it.each([
    {},
    { attachments: [] },
    { subject: undefined, text: undefined },
    { headers: { 'X-Tea': 'green' } },
    { messageId: '<a@b>', date: new Date() },
  ])('%j is refused', (input) => {
    expect(refusal({ ...empty, ...input })).toMatchObject({
      code: 'compose/invalid-message',
      message: expect.stringContaining('set subject, text, html, attachments or calendar') as string,
    })
  })

  it.each([
    { subject: '' },
    { subject: 'Hello' },
    { text: '' },
    { html: '' },
    { attachments: [{ content: '' }] },
    { calendar: { method: 'publish', content: 'BEGIN:VCALENDAR' } },
    { transportData: { template: 'welcome' } },
  ] satisfies Partial<MessageInput>[])('is not one with %j', (input) => {
    expect(toMessage({ ...empty, ...input }).envelope.to).toEqual(['bob@example.com'])
  })

  it('without recipients has no recipients first', () => {
    expect(refusal({ from: 'ann@example.com' }).code).toBe('compose/no-recipients')
  })

  it('is not a default', () => {
    expect(() => new Mailer({ transport: memory(), defaults: { from: 'ann@example.com' } })).not.toThrow()
  })
})

describe('dates that RFC 5322 can write', () => {
  it.each(['1900-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])('%s', (date) => {
    expect((toMessage({ ...base, date: new Date(date) }) as ComposedMessage).date).toEqual(new Date(date))
  })

  it.each<[string, unknown]>([
    ['the last moment before 1900', new Date('1899-12-31T23:59:59.999Z')],
    ['the first moment after 9999', new Date('+010000-01-01T00:00:00Z')],
    ['the year 0', new Date('0000-01-01T00:00:00Z')],
    ['a year before', new Date(-1e15)],
    ['the greatest date', new Date(8.64e15)],
    ['an invalid date', new Date('nonsense')],
    ['a text', '2026-01-01'],
    ['a number', 0],
    ['null', null],
  ])('but not %s', (_what, date) => {
    expect(refusal({ ...base, date })).toMatchObject({
      code: 'compose/invalid-message',
      message: expect.stringContaining('date must be') as string,
    })
  })
})

describe('transportData', () => {
  const context = { name: 'Ann', list: [1, 2] }
  const transportData = { template: 'welcome', context, call: () => 1 }

  it('reaches the transport as it is, with a message of either kind', () => {
    const raw = { raw: 'A: b\r\n\r\n', envelope: { from: 'ann@example.com', to: 'bob@example.com' } }
    for (const input of [base, raw]) {
      const message = toMessage({ ...input, transportData })
      expect(message.transportData).toEqual(transportData)
      expect(message.transportData?.context).toBe(context)
      expect(message.transportData?.call).toBe(transportData.call)
      expect(Object.isFrozen(message.transportData)).toBe(true)
      expect(Object.isFrozen(context)).toBe(false)
      expect(message.forRecipients([]).transportData).toEqual(transportData)
    }
  })

  it('of a message is merged over that of the defaults', async () => {
    const transport = memory()
    const defaults = { from: 'ann@example.com', transportData: { tag: 'tea', stream: 'a' } }
    await using mailer = new Mailer({ transport, defaults })
    await mailer.send({ to: 'bob@example.com', text: 'Hello' })
    await mailer.send({ to: 'bob@example.com', text: 'Hello', transportData: { stream: 'b', id: 1 } })
    const envelope = { from: 'ann@example.com', to: 'bob@example.com' }
    await mailer.send({ raw: 'A: b\r\n\r\n', envelope })
    await mailer.send({ raw: 'A: b\r\n\r\n', envelope, transportData: { stream: 'b' } })
    expect(transport.messages.map((message) => message.transportData)).toEqual([
      { tag: 'tea', stream: 'a' },
      { tag: 'tea', stream: 'b', id: 1 },
      { tag: 'tea', stream: 'a' },
      { tag: 'tea', stream: 'b' },
    ])
  })

  it('is copied, so that a later change has no effect', () => {
    const data: Record<string, unknown> = { tag: 'tea' }
    const message = toMessage({ ...base, transportData: data })
    data.tag = 'coffee'
    expect(message.transportData).toEqual({ tag: 'tea' })
  })

  it.each([null, 'x', 42, [], true])('must be an object, not %j', (data) => {
    expect(refusal({ ...base, transportData: data })).toMatchObject({ code: 'compose/invalid-message' })
    expect(
      failureOf(() => new Mailer({ transport: memory(), defaults: { transportData: data as never } })),
    ).toMatchObject({ code: 'config/invalid-config' })
  })
})

describe('a field that does not exist', () => {
  const KNOWN = 'it has from, sender, replyTo, to, cc, bcc, subject, text, html'
  it.each([
    ['too', /Did you mean to\?/],
    ['form', /Did you mean from\?/],
    ['txt', /Did you mean text\?/],
    ['subjet', /Did you mean subject\?/],
    ['reply-to', /Did you mean replyTo\?/],
    ['reply_to', /Did you mean replyTo\?/],
    ['in_reply_to', /Did you mean inReplyTo\?/],
    ['Subject', /Did you mean subject\?/],
    ['HTML', /Did you mean html\?/],
    ['BCC', /Did you mean bcc\?/],
    ['atachments', /Did you mean attachments\?/],
    ['body', /text.*html/],
    ['icalEvent', /calendar/],
    ['alternatives', /calendar/],
    ['list', /headers/],
    ['priority', /headers/],
    ['context', /transportData/],
    ['recipients', /`to`/],
    ['encoding', /UTF-8/],
    ['attachDataUrls', /contentId/],
    ['personalizations', /transportData/],
    ['react', /@loudmail\/content/],
    ['somethingElse', new RegExp(`${KNOWN}.*raw$`)],
    ['constructor', /it has from/],
    ['__lookupGetter__', /it has from/],
  ])('%s is refused with the fields that exist, and the word to use', (name, advice) => {
    const failure = refusal({ ...base, [name]: 'x' })
    expect(failure.code).toBe('compose/invalid-message')
    expect(failure.message).toContain(`the message has no field "${name}"; ${KNOWN}`)
    expect(failure.message).toMatch(advice)
    const made = failureOf(() => new Mailer({ transport: memory(), defaults: { [name]: 'x' } }))
    expect(made.code).toBe('config/invalid-config')
    expect(made.message).toContain(`defaults: the message has no field "${name}"; ${KNOWN}`)
    expect(made.message).toMatch(advice)
  })

  it.each<[object, RegExp]>([
    [{ attachments: [{ content: 'x', cid: 'logo' }] }, /attachments\[0\] has no field "cid".*contentId/],
    [{ attachments: [{ content: 'x' }, { content: 'x', href: 'x' }] }, /attachments\[1\] .*fetch it/],
    [{ attachments: [{ content: 'x', fileName: 'x' }] }, /Did you mean filename\?/],
    [{ attachments: [{ content: 'x', type: 'x' }] }, /contentType/],
    [{ dsn: { return: 'full' } }, /dsn has no field "return".*`ret`/],
    [{ envelope: { mailFrom: 'x' } }, /envelope has no field "mailFrom".*`from`/],
    [{ calendar: { method: 'publish', content: '', filename: 'x' } }, /calendar has no field "filename"/],
  ])('inside %j', (input, advice) => {
    expect(refusal({ ...base, ...input }).message).toMatch(advice)
    const made = failureOf(() => new Mailer({ transport: memory(), defaults: input }))
    expect(made).toMatchObject({ code: 'config/invalid-config' })
    expect(made.message).toMatch(advice)
  })

  it('that is long or strange takes little time, and its value is never shown', () => {
    for (const name of ['x'.repeat(100_000), 'to'.repeat(50_000), '-'.repeat(100_000)]) {
      const failure = refusal({ ...base, [name]: 'SECRET' })
      expect(failure.message).not.toContain('SECRET')
      expect(failure.message.length).toBeLessThan(600)
    }
  })
})

describe('an option that nodemailer has', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['Mailer', { host: 'x' }, /smtp\(/],
    ['Mailer', { from: 'x' }, /defaults/],
    ['Mailer', { transports: 'x' }, /Did you mean transport\?/],
    ['dkimSigner', { domainName: 'x' }, /`domain`/],
    ['dkimSigner', { keySelector: 'x' }, /`selector`/],
  ])('of %s: %j', (owner, options, advice) => {
    const known = { transport: true, domain: true } as Record<string, true>
    const failure = failureOf(() => checkOptions(options, owner, known))
    expect(failure.code).toBe('config/invalid-config')
    expect(failure.message).toContain('it has transport, domain')
    expect(failure.message).toMatch(advice)
  })
})
