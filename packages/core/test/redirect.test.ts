import { afterEach, beforeEach, describe, expect, it, vi, type Mock } from 'vitest'
import {
  MailError,
  memory,
  redirect,
  retry,
  type Delivery,
  type Message,
  type MessageInput,
  type RedirectOptions,
  type Transport,
  type TransportContext,
} from '../src/index.ts'
import { failAll, toMessage, type RawMessage } from '../src/transport.ts'
import {
  accepted,
  BOB,
  CAROL,
  DAVE,
  envelopes,
  failureOf,
  greylisted,
  lost,
  noSuchUser,
  notAttempted,
  refuses,
  scripted,
  three,
  toThree,
  unknown,
} from './scripted.ts'

const QA = 'qa@test.example'
const QA2 = 'qa2@test.example'

let warn: Mock<(text: string, type: string) => void>
beforeEach(() => {
  warn = vi.fn<(text: string, type: string) => void>()
  vi.spyOn(process, 'emitWarning').mockImplementation(warn as never)
})
afterEach(() => void vi.restoreAllMocks())

/** The original recipients that a composed message names. */
const named = (message: Message): string[] =>
  message.raw ? [] : message.headers.filter(([name]) => name === 'X-Original-To').map(([, value]) => value)

async function text({ raw }: RawMessage, open = false): Promise<string> {
  if (raw.bytes && !open) return Buffer.from(raw.bytes).toString()
  const chunks: Buffer[] = []
  for await (const chunk of raw.open()) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}

const sentWith = async (
  options: RedirectOptions,
  input: MessageInput = three,
): Promise<readonly Message[]> => {
  const inner = memory()
  await redirect(inner, options).send(toMessage(input))
  return inner.messages
}

describe('a message goes', () => {
  const to = { to: BOB }
  const cases: [string, RedirectOptions, Partial<MessageInput>, { to: string[]; named: string[] }[]][] = [
    ['to one address, as one message', { to: QA }, {}, [{ to: [QA], named: [BOB, CAROL, DAVE] }]],
    ['to several addresses', { to: [QA, QA2] }, to, [{ to: [QA, QA2], named: [BOB] }]],
    ['to those of a list in one string', { to: `QA <${QA}>, ${QA2}` }, to, [{ to: [QA, QA2], named: [BOB] }]],
    [
      'to the allowed address, and to the other one for the rest',
      { to: QA, allow: [BOB] },
      {},
      [
        { to: [BOB], named: [] },
        { to: [QA], named: [CAROL, DAVE] },
      ],
    ],
    ['to an allowed domain', { to: QA, allow: ['example.com'] }, {}, [{ to: [BOB, CAROL, DAVE], named: [] }]],
    [
      'to an allowed domain in another case',
      { allow: ['EXAMPLE.com'] },
      { to: 'bob@Example.COM' },
      [{ to: ['bob@Example.COM'], named: [] }],
    ],
    [
      'to an allowed domain beyond ASCII',
      { allow: ['bücher.example'] },
      { to: 'bob@bücher.example' },
      [{ to: ['bob@xn--bcher-kva.example'], named: [] }],
    ],
    [
      'not to a subdomain of an allowed domain',
      { to: QA, allow: ['example.com'] },
      { to: 'bob@eu.example.com' },
      [{ to: [QA], named: ['bob@eu.example.com'] }],
    ],
    [
      'not to a domain that ends with an allowed one',
      { to: QA, allow: ['example.com'] },
      { to: 'bob@badexample.com' },
      [{ to: [QA], named: ['bob@badexample.com'] }],
    ],
    [
      'not to a mailbox that only looks like an allowed one',
      { to: QA, allow: [BOB] },
      { to: 'bob@example.com.evil.example' },
      [{ to: [QA], named: ['bob@example.com.evil.example'] }],
    ],
    ['to an allowed address alone, without the option to', { allow: [BOB] }, {}, [{ to: [BOB], named: [] }]],
    ['to nobody, without the option to', { allow: ['other.example'] }, {}, []],
    ['to nobody, where nobody is allowed', { allow: [] }, {}, []],
    [
      'once to a mailbox that is both allowed and in the option to',
      { to: QA, allow: ['test.example'] },
      { to: [QA, BOB, QA2] },
      [
        { to: [QA2], named: [] },
        { to: [QA], named: [QA, BOB] },
      ],
    ],
    [
      'and names its hidden recipients as well',
      { to: QA },
      { to: BOB, bcc: CAROL },
      [{ to: [QA], named: [BOB, CAROL] }],
    ],
  ]
  it.each(cases)('%s', async (_where, options, input, expected) => {
    const messages = await sentWith(options, { ...three, ...input })
    expect(messages.map((message) => ({ to: message.envelope.to, named: named(message) }))).toEqual(expected)
  })

  it('with everything else as it was written', async () => {
    const message = toMessage({
      ...three,
      cc: 'ed@example.com',
      subject: 'Hi',
      headers: { 'X-Mine': 'yes' },
      dsn: { notify: 'never' },
      requireTlsOnward: true,
      transportData: { tag: 'a' },
    })
    const inner = memory()
    await redirect(inner, { to: QA }).send(message)
    const { envelope: _, headers, ...rest } = { ...inner.messages[0]! } as never as Record<string, unknown>
    const { envelope: __, headers: own, ...before } = { ...message } as never as Record<string, unknown>
    expect(rest).toEqual(before)
    expect(headers).toEqual([
      ...[BOB, CAROL, DAVE, 'ed@example.com'].map((each) => ['X-Original-To', each]),
      ...(own as []),
    ])
    expect(Object.isFrozen(inner.messages[0])).toBe(true)
    expect(inner.messages[0]!.envelope.from).toBe('ann@example.com')
  })

  it('as discarded, where nobody is allowed', async () => {
    const transport = redirect(memory(), { allow: ['other.example'] })
    expect(await transport.send(toThree())).toEqual({
      transport: 'redirect(memory())',
      state: 'discarded',
      failures: [],
    })
  })

  it('with a hundred names at most, and how many more there are', async () => {
    const many = Array.from({ length: 130 }, (_, n) => `user${n}@example.com`)
    const [message] = await sentWith({ to: QA }, { ...three, to: many })
    expect(named(message!)).toEqual([...many.slice(0, 100), '(and 30 more)'])
  })

  it('with a key of its own, so that nobody takes it for the message of the allowed recipients', async () => {
    const keys = async (idempotencyKey: string): Promise<(string | undefined)[]> =>
      (await sentWith({ to: QA, allow: [BOB] }, { ...three, idempotencyKey })).map(
        (each) => each.idempotencyKey,
      )
    expect(await keys('order-1')).toEqual(['order-1', 'redirect:order-1'])
    expect(await keys('x'.repeat(247))).toEqual(['x'.repeat(247), `redirect:${'x'.repeat(247)}`])
    const [, hashed] = await keys('x'.repeat(248))
    expect(hashed).toMatch(/^redirect:[0-9a-f]{64}$/)
    expect(await keys('x'.repeat(248))).toEqual(['x'.repeat(248), hashed])
    expect(await keys('y'.repeat(248))).not.toEqual(['y'.repeat(248), hashed])
  })

  it.each([
    [QA, 'jörg@example.com', false],
    ['jörg@test.example', BOB, true],
  ])('to %s for %s with SMTPUTF8: %j', async (target, bcc, smtputf8) => {
    const [message] = await sentWith({ to: target }, { ...three, to: BOB, bcc })
    expect(message!.envelope).toMatchObject({ to: [target], smtputf8 })
  })
})

describe('a message that was built elsewhere', () => {
  const content = 'Subject: Hi\r\n\r\nHi\r\n'
  const envelope = { from: 'ann@example.com', to: [BOB, CAROL] }
  const begin = `X-Original-To: ${BOB}\r\nX-Original-To: ${CAROL}\r\n`

  it('begins with the names', async () => {
    const [message] = await sentWith({ to: QA }, { raw: content, envelope })
    expect(await text(message as RawMessage)).toBe(`${begin}${content}`)
    expect(await text(message as RawMessage, true)).toBe(`${begin}${content}`)
  })

  it('begins with the names where it is a stream, which goes to the allowed recipients as it is', async () => {
    const raw = async function* (): AsyncGenerator<string> {
      yield '\uFEFFSubject: '
      yield 'Hi\r\n\r\nHi\r\n'
    }
    const messages = await sentWith({ to: QA, allow: [BOB] }, { raw, envelope })
    const texts = await Promise.all(messages.map((message) => text(message as RawMessage)))
    expect(texts).toEqual([content, `X-Original-To: ${CAROL}\r\n${content}`])
  })

  it('begins with names in ASCII, which nobody can break out of', async () => {
    const long = `${'ö'.repeat(60)}@example.com`
    const [message] = await sentWith({ to: QA }, { raw: content, envelope: { ...envelope, to: long } })
    const [header] = (await text(message as RawMessage)).split('\r\nSubject')
    const words = header!.slice('X-Original-To: '.length).split('\r\n ')
    const decoded = words.map((word) =>
      Buffer.from(/^=\?UTF-8\?B\?(.*)\?=$/.exec(word)![1]!, 'base64').toString(),
    )
    expect(decoded.join('')).toBe(long)
    expect(words.every((word) => word.length <= 75)).toBe(true)
    expect(message!.envelope.smtputf8).toBe(false)
  })
})

describe('what happened to the message is told for its recipients', () => {
  const rejected = (kind: string, permanence: string) => ({ status: 'rejected', kind, permanence })
  const cases: [string, Parameters<typeof refuses>, object, object][] = [
    [
      'refused for good',
      [noSuchUser(QA), noSuchUser(QA2)],
      { delivered: 'none', retryable: false },
      rejected('mailbox-unknown', 'permanent'),
    ],
    [
      'refused for now',
      [greylisted(QA), noSuchUser(QA2)],
      { delivered: 'none', retryable: true },
      { status: 'rejected', permanence: 'transient' },
    ],
    [
      'not attempted',
      [notAttempted(QA), notAttempted(QA2)],
      { delivered: 'none' },
      { status: 'not-attempted' },
    ],
    [
      'in doubt',
      [unknown(QA), greylisted(QA2)],
      { delivered: 'unknown', retryable: false },
      { status: 'unknown' },
    ],
    [
      'in doubt for one of two',
      [accepted(QA), unknown(QA2)],
      { delivered: 'unknown' },
      { status: 'unknown' },
    ],
    [
      'delivered to one of two',
      [accepted(QA), greylisted(QA2)],
      { delivered: 'some', retryable: false },
      { status: 'accepted' },
    ],
  ]
  it.each(cases)('%s', async (_what, outcomes, error, recipient) => {
    const transport = redirect(scripted(refuses(...outcomes)), { to: [QA, QA2] })
    const failure = await failureOf(transport.send(toThree()))
    expect(failure).toMatchObject(error)
    expect(failure.hint).toContain('option to')
    expect(failure.recipients).toMatchObject([BOB, CAROL, DAVE].map((address) => ({ address, ...recipient })))
  })

  it('for each of two messages', async () => {
    const outcome = async (...script: Parameters<typeof scripted>): Promise<[string, string[]]> => {
      const transport = redirect(scripted(...script), { to: QA, allow: [BOB] })
      const { delivered, recipients } = await failureOf(transport.send(toThree()))
      return [delivered, recipients.map(({ status }) => status)]
    }
    const ok = (): undefined => undefined
    expect(await outcome(refuses(noSuchUser(BOB)))).toEqual(['some', ['rejected', 'accepted', 'accepted']])
    expect(await outcome(ok, refuses(noSuchUser(QA)))).toEqual(['some', ['accepted', 'rejected', 'rejected']])
    expect(await outcome(lost, refuses(unknown(QA)))).toEqual([
      'unknown',
      ['not-attempted', 'unknown', 'unknown'],
    ])
  })

  it('and for those that are not allowed: they certainly got nothing', async () => {
    const transport = redirect(scripted(refuses(unknown(BOB))), { allow: [BOB] })
    const { delivered, recipients } = await failureOf(transport.send(toThree()))
    expect([delivered, recipients.map(({ status }) => status)]).toEqual([
      'unknown',
      ['unknown', 'not-attempted', 'not-attempted'],
    ])
  })

  it.each<[string, RedirectOptions]>([
    ['went elsewhere', { to: QA }],
    ['went to the allowed recipients alone', { allow: [BOB] }],
  ])('with what the failure says, where the message %s', async (_where, options) => {
    const says = { permanence: 'permanent', hint: 'Ask Ann.', retryAfterMs: 5_000 } as const
    const transport = redirect(
      scripted((message) => lost(message)!.with(says)),
      options,
    )
    const { permanence, hint, retryable, retryAfterMs } = await failureOf(transport.send(toThree()))
    // A failure for good asks nobody to wait.
    expect([permanence, retryable, retryAfterMs]).toEqual(['permanent', false, undefined])
    expect(hint.endsWith('Ask Ann.')).toBe(true)
  })

  it('with the longest wait that is asked for', async () => {
    const waits = [7_000, 5_000]
    const acts = waits.map((retryAfterMs) => (message: Message) => lost(message)!.with({ retryAfterMs }))
    const transport = redirect(scripted(...acts), { to: QA, allow: [BOB] })
    expect((await failureOf(transport.send(toThree()))).retryAfterMs).toBe(7_000)
  })

  it('so that retry() around it sends nothing twice', async () => {
    const inner = scripted(refuses(greylisted(BOB)), refuses(greylisted(QA)))
    await retry(redirect(inner, { to: QA, allow: [BOB] }), { delayMs: 1 }).send(toThree())
    expect(envelopes(inner)).toEqual([[BOB], [QA], [BOB], [QA]])
    expect(named(inner.tries[3]!)).toEqual([CAROL, DAVE])
  })
})

describe('a late reply is told for the recipients of the message', () => {
  const delivery: Delivery = { transport: 'late()', state: 'sent', response: '250 late', failures: [] }
  const refusal = new MailError({ stage: 'body', kind: 'spam' })

  /** Every send is in doubt; `tell` gives the reply to one of them. */
  function doubtful(): { inner: Transport; contexts: TransportContext[] } {
    const contexts: TransportContext[] = []
    const inner: Transport = {
      name: 'late()',
      async send(message, context) {
        contexts.push(context!)
        throw failAll(message, 'unknown', { stage: 'body', kind: 'timeout' })
      },
    }
    return { inner, contexts }
  }
  const outcomes = (said: unknown): unknown =>
    MailError.is(said)
      ? said.recipients.map(({ address, status }) => `${address} ${status}`)
      : (said as Delivery).response

  it('where it went to the option to alone', async () => {
    const { inner, contexts } = doubtful()
    const late = vi.fn<NonNullable<TransportContext['late']>>()
    await failureOf(redirect(inner, { to: QA }).send(toThree(), { late }))
    contexts[0]!.late!(refuses(noSuchUser(QA))(toThree())!)
    contexts[0]!.late!(refusal)
    contexts[0]!.late!(new MailError({ stage: 'body', kind: 'timeout', delivered: 'unknown' }))
    contexts[0]!.late!(delivery)
    const all = (status: string): string[] => [BOB, CAROL, DAVE].map((address) => `${address} ${status}`)
    expect(late.mock.calls.map(([said]) => outcomes(said))).toEqual([
      all('rejected'),
      all('not-attempted'),
      all('unknown'),
      '250 late',
    ])
  })

  it('where there were two messages', async () => {
    const { inner, contexts } = doubtful()
    const late = vi.fn<NonNullable<TransportContext['late']>>()
    const message = toMessage({ ...three, to: [BOB, CAROL] })
    await failureOf(redirect(inner, { to: QA, allow: [BOB] }).send(message, { late }))
    contexts[1]!.late!(refuses(noSuchUser(QA))(toThree())!)
    contexts[0]!.late!(refusal)
    contexts[1]!.late!(delivery)
    contexts[0]!.late!(delivery)
    expect(late.mock.calls.map(([said]) => outcomes(said))).toEqual([
      [`${BOB} unknown`, `${CAROL} rejected`],
      [`${BOB} not-attempted`, `${CAROL} rejected`],
      [`${BOB} not-attempted`, `${CAROL} accepted`],
      '250 late',
    ])
  })

  it('where it takes back the first of two messages before the second is sent', async () => {
    const late = vi.fn<NonNullable<TransportContext['late']>>()
    const inner: Transport = {
      name: 'late()',
      async send({ envelope }, context) {
        if (envelope.to[0] === BOB) setImmediate(() => context!.late!(refuses(unknown(BOB))(toThree())!))
        else await new Promise((resolve) => setImmediate(resolve))
        return delivery
      },
    }
    const message = toMessage({ ...three, to: [BOB, CAROL] })
    await redirect(inner, { to: QA, allow: [BOB] }).send(message, { late })
    expect(late.mock.calls.map(([said]) => outcomes(said))).toEqual([[`${BOB} unknown`, `${CAROL} accepted`]])
  })
})

describe('verify()', () => {
  it.each<[string, RedirectOptions, readonly string[] | undefined]>([
    ['the addresses that would get it', { to: QA, allow: [BOB] }, [BOB, QA]],
    ['nobody where nobody would', { allow: ['other.example'] }, undefined],
  ])('asks the server for %s', async (_what, options, expected) => {
    const verify = vi.fn<NonNullable<Transport['verify']>>(async () => {})
    const transport = redirect({ ...memory(), verify }, options)
    await transport.verify!({ envelope: { ...toThree().envelope, smtputf8: true } })
    await transport.verify!()
    expect(verify.mock.calls).toMatchObject([
      [expected ? { envelope: { to: expected, smtputf8: false } } : { envelope: undefined }],
      [undefined],
    ])
  })
})

describe('when it is made', () => {
  it.each<[string, RedirectOptions, string]>([
    [
      'mail goes elsewhere',
      { to: QA },
      'redirect() is in use: mail goes to the addresses in its option to, and not to its recipients',
    ],
    [
      'some of it does',
      { to: QA, allow: [BOB] },
      'redirect() is in use: mail goes to the addresses in its option to, and not to its recipients, except for the recipients that it allows',
    ],
    [
      'some of it is discarded',
      { allow: [BOB] },
      'redirect() is in use: mail is discarded, except for the recipients that it allows',
    ],
  ])('it warns that %s', (_what, options, expected) => {
    redirect(memory(), options)
    expect(warn.mock.calls).toEqual([[expected, 'LoudmailWarning']])
  })

  it.each<[unknown, string]>([
    [{}, 'redirect() needs the option to'],
    [{ to: [] }, 'redirect() to must be'],
    [{ to: 'not-an-address' }, 'redirect() to must be'],
    [{ to: 'qa@test.example\r\nBcc: eve@evil.example' }, 'redirect() to must be'],
    [{ to: QA, allow: 'example.com' }, 'redirect() allow must be'],
    [{ to: QA, allow: ['*.example.com'] }, 'redirect() allow must be'],
    [{ to: QA, allow: ['@example.com'] }, 'redirect() allow must be'],
    [{ to: QA, allow: [7] }, 'redirect() allow must be'],
    [{ to: QA, allowed: [] }, 'allowed'],
  ])('it refuses %j', (options, expected) => {
    expect(() => redirect(memory(), options as RedirectOptions)).toThrow(expected)
    expect(warn).not.toHaveBeenCalled()
  })

  it('it has the name of the expression that made it', () => {
    expect(redirect(memory(), { to: QA }).name).toBe('redirect(memory())')
  })
})
