import { describe, expect, it } from 'vitest'
import {
  MailError,
  Mailer,
  memory,
  problemDetails,
  type MessageInput,
  type TemplateInput,
} from '../src/index.ts'
import { templateRenderer, toMessage } from '../src/transport.ts'
import { failureOf, lost } from './scripted.ts'

const to = { from: 'ann@example.com', to: 'bob@example.com' } as const
const welcome = { subject: 'Welcome', text: 'Hi', html: '<p>Hi</p>' }
const file = (filename: string) => ({ filename, content: 'x' })

/** What arrives of one message. */
async function sent(input: MessageInput, defaults: Partial<MessageInput> = {}) {
  const transport = memory()
  await using mailer = new Mailer({ transport, defaults })
  await mailer.send(input)
  return transport.messages[0]!
}

const failing = (template: unknown, message: Partial<MessageInput> = {}): Promise<MailError> =>
  failureOf(
    new Mailer({ transport: memory() }).send({ ...to, ...message, template: template as TemplateInput }),
  )

describe('the content of a template', () => {
  it.each<[string, TemplateInput]>([
    ['an object', welcome],
    ['a promise', Promise.resolve(welcome)],
    ['a function', () => welcome],
    ['an async function', async () => welcome],
    // oxlint-disable-next-line unicorn/no-thenable
    ['a thenable', { then: (done) => Promise.resolve(welcome).then(done) }],
  ])('is sent where it is %s', async (_what, template) => {
    expect(await sent({ ...to, template })).toMatchObject(welcome)
  })

  it('gives way to the fields of the message, and replaces those of the defaults', async () => {
    const message = await sent(
      { ...to, subject: 'Hello', html: undefined, template: welcome },
      { subject: 'Default', text: 'Default', html: 'Default', replyTo: 'help@example.com' },
    )
    expect(message).toMatchObject({ subject: 'Hello', text: 'Hi', html: '<p>Hi</p>' })
    expect(message).toMatchObject({ replyTo: [{ address: 'help@example.com' }] })
  })

  it('leaves the fields that it does not have to the defaults', async () => {
    const template = { html: 'Hi', subject: undefined }
    expect(await sent({ ...to, template }, { subject: 'Default' })).toMatchObject({ subject: 'Default' })
  })

  const names = async (message: Partial<MessageInput>, defaults: Partial<MessageInput> = {}) => {
    const template = { ...welcome, attachments: [file('logo')] }
    const built = await sent({ ...to, template, ...message }, defaults)
    return 'attachments' in built && built.attachments.map(({ filename }) => filename)
  }

  it('adds its files before those of the message, or of the defaults', async () => {
    expect(await names({})).toEqual(['logo'])
    expect(await names({ attachments: [file('bill')] })).toEqual(['logo', 'bill'])
    expect(await names({}, { attachments: [file('terms')] })).toEqual(['logo', 'terms'])
    expect(await names({ attachments: [file('bill')] }, { attachments: [file('terms')] })).toEqual([
      'logo',
      'bill',
    ])
    expect(await names({ template: welcome }, { attachments: [file('terms')] })).toEqual(['terms'])
  })

  it('has header fields over those of the defaults, and the message has its own over both', async () => {
    const template = { ...welcome, headers: { 'X-Tea': 'green', 'X-Cup': 'small', 'X-Spoon': 'one' } }
    const { headers } = (await sent(
      { ...to, template, headers: { 'x-cup': 'large' } },
      { headers: { 'X-SPOON': 'none', 'X-Milk': 'no' } },
    )) as { headers: readonly unknown[] }
    expect(headers).toEqual([
      ['X-Milk', 'no'],
      ['X-Tea', 'green'],
      ['X-Spoon', 'one'],
      ['x-cup', 'large'],
    ])
  })

  it('is checked like that of any message', async () => {
    expect(await failing({ ...welcome, subject: 'Hi\r\nBcc: eve@example.com' })).toMatchObject({
      code: 'compose/header-injection',
    })
    expect(await failing(welcome, { to: 'bob' })).toMatchObject({ code: 'compose/invalid-address' })
    expect(await failing({})).toMatchObject({ code: 'compose/invalid-message' })
    expect(await failing(welcome, { headers: 'X-Tea: green' as never })).toMatchObject({
      code: 'compose/invalid-message',
    })
    const headers = { ...welcome, headers: { 'X-Cup': 'small' } }
    for (const own of ['X-Tea: green', ['X-Tea: green']])
      expect((await failing(headers, { headers: own as never })).summary).toMatch(
        'headers must be an object with names and values',
      )
    const files = { ...welcome, attachments: [file('logo')] }
    expect((await failing(files, { attachments: file('bill') as never })).summary).toBe(
      'attachments must be a list',
    )
  })
})

describe('a template that fails', () => {
  const noName = (): never => fail(new Error('no name'))
  it.each<[string, () => unknown]>([
    ['a function that throws', () => noName],
    ['an async function that throws', () => async () => noName()],
    ['a promise that rejects', async () => noName()],
  ])('is compose/template: %s', async (_what, make) => {
    const error = await failing(make())
    expect(error).toMatchObject({
      code: 'compose/template',
      summary: 'the template failed: no name',
      scope: 'message',
      permanence: 'permanent',
      delivered: 'none',
      retryable: false,
      recipients: [],
      cause: { message: 'no name' },
    })
    expect(error.hint).toContain('Nothing was sent')
  })

  it.each<[string, unknown, string | RegExp]>([
    ['a string', 'no name', 'the template failed: no name'],
    ['nothing', undefined, 'the template failed'],
    ['null', null, 'the template failed: null'],
    ['an error without words', new Error(''), 'the template failed'],
    ['a symbol', Symbol('x'), 'the template failed: Symbol(x)'],
    ['an object', { name: 'x' }, 'the template failed: an object with name'],
    [
      'what cannot be read',
      new Proxy({}, { get: () => fail(new Error('no')) }),
      'the template failed: something that cannot be read',
    ],
    ['a long text', new Error('x'.repeat(9_000)), /^.{2000}$/],
    ['several lines', new Error('a\nb\u001B[31m'), 'the template failed: a b\\u001b[31m'],
    [
      'a secret',
      new Error('no answer from https://ann:secret@db.example.com/x'),
      /^(?!.*secret).*db\.example\.com/,
    ],
  ])('with %s says so in words that are safe', async (_what, thrown, summary) => {
    const error = await failing(() => fail(thrown))
    expect(error.code).toBe('compose/template')
    expect(error.summary).toEqual(summary instanceof RegExp ? expect.stringMatching(summary) : summary)
    expect(JSON.stringify(error)).not.toContain('secret')
  })

  it('with a failure of its own stage stays that failure', async () => {
    const missing = new MailError({ stage: 'compose', kind: 'attachment', summary: 'no such image' })
    expect(await failing(() => fail(missing))).toBe(missing)
  })

  it('because another send failed does not say who got that message', async () => {
    const inner = lost(toMessage({ ...to, to: 'carol@example.com', text: 'x' }))!
    const error = await failing(() => fail(inner))
    expect(error).toMatchObject({ code: 'compose/template', recipients: [], retryable: false, cause: inner })
    expect(error.summary).toContain('connect/connection-refused')
  })

  it('is a mistake of the program, not of the request', () => {
    const error = new MailError({
      stage: 'compose',
      kind: 'template',
      location: { file: '/srv/secret.hbs', line: 3, excerpt: 'inside' },
    })
    const answer = problemDetails(error, { exposeCode: true })
    expect(answer.status).toBe(502)
    expect(JSON.stringify(answer)).not.toMatch(/secret|inside/)
  })
})

describe('a template that returns something else', () => {
  it.each<[string, unknown, RegExp]>([
    ['a string', '<p>Hi</p>', /^template is a string, but it must be a function/],
    ['a string from a function', () => '<p>Hi</p>', /returned a string: let it return an object/],
    ['nothing', () => undefined, /must return an object with subject, html or text, not undefined$/],
    ['null', null, /must be an object with subject, html or text, not null$/],
    ['a number', () => 5, /not a number$/],
    ['a list', async () => [], /not a list$/],
    ['a template without its data', () => () => welcome, /call it with its data/],
    [
      'a field of other mailers',
      () => ({ body: 'Hi' }),
      /no field "body"; it has subject, text, html.*write `text` or `html`$/,
    ],
    ['a field that is misspelt', () => ({ sbject: 'Hi' }), /Did you mean subject\?$/],
    ['an address', () => ({ to: 'bob@example.com' }), /set it in the message, beside `template`$/],
    ['a React element', () => ({ $$typeof: Symbol('x'), props: {} }), /React element.*@loudmail\/content/],
    [
      'HTML that is an element',
      () => ({ html: { $$typeof: 1 } }),
      /^html .* must be a string, not an object/,
    ],
    ['a subject that is null', { subject: null }, /^subject .* must be a string, not null$/],
    ['text that is bytes', { text: Buffer.from('x') }, /^text .* must be a string, not an object$/],
    ['files that are no list', { attachments: { filename: 'x' } }, /^attachments .* must be a list/],
    [
      'headers that are a list',
      { headers: [] },
      /^headers .* must be an object with names and values, not a list/,
    ],
    [
      'a getter that throws',
      {
        get html() {
          return fail(new Error('no'))
        },
      },
      /^the template failed: no$/,
    ],
  ])('fails with advice: %s', async (_what, template, summary) => {
    const error = await failing(template)
    expect(error.code).toBe('compose/template')
    expect(error.summary).toMatch(summary)
  })
})

describe('template is refused', () => {
  it('beside raw', async () => {
    const raw = { raw: 'Subject: x\r\n\r\n', envelope: { from: 'a@example.com', to: 'b@example.com' } }
    const asked: string[] = []
    const template = () => (asked.push('asked'), welcome)
    expect(await failing(template, raw)).toMatchObject({
      code: 'compose/invalid-message',
      summary: expect.stringMatching(/raw must not have template/) as unknown,
    })
    expect(asked).toEqual([])
  })

  it('in defaults, which says where it belongs', () => {
    expect(() => new Mailer({ transport: memory(), defaults: { template: welcome } })).toThrow(
      /config\/invalid-config: defaults: template cannot be used here: set it in each message/,
    )
    expect(() => toMessage({ ...to, template: welcome })).toThrow(/cannot be used here/)
    expect(() => toMessage({ ...to, text: 'x' }, { template: welcome })).toThrow(/cannot be used here/)
  })

  it('where the message cannot be read', async () => {
    const input = {
      ...to,
      get template() {
        return fail(new Error('no'))
      },
    }
    await expect(new Mailer({ transport: memory() }).send(input as MessageInput)).rejects.toMatchObject({
      code: 'compose/invalid-message',
      summary: 'the message could not be read',
    })
  })
})

it('templateRenderer() renders for whoever keeps messages, without a mailer', async () => {
  const asked: boolean[] = []
  const template: TemplateInput = ({ signal }) => (asked.push(signal.aborted), welcome)
  const render = templateRenderer()
  const input = { ...to, template, text: 'Own' }
  expect(await render(input, {})).toEqual({ ...to, ...welcome, text: 'Own' })
  expect(asked).toEqual([false])
  expect(await render(to, {})).toBe(to)
})

function fail(thrown: unknown): never {
  throw thrown
}
