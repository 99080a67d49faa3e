import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { template } from '@loudmail/content'
import { previews, type Preview, type PreviewTemplates } from '@loudmail/content/previews'
import { MailError, Mailer, memory, type TemplateInput } from '@loudmail/core'
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { ShownPreviews } from '@loudmail/debug'

const folder = mkdtempSync(join(tmpdir(), 'previews-'))
afterAll(() => rmSync(folder, { recursive: true }))

const receipt = template((data: { teas: number }, { locale }) => ({
  subject: locale === 'de' ? 'Rechnung' : 'Receipt',
  html: `<p>${data.teas} teas</p>`,
}))
const only = (sample: TemplateInput): PreviewTemplates => ({ mail: sample })
const show = (sample: TemplateInput): Promise<Preview | undefined> =>
  previews(only(sample), { deadlineMs: 200 }).show('mail', 'default')

it('the inbox page takes previews', () => {
  expectTypeOf(previews({})).toExtend<ShownPreviews>()
})

it('lists templates and samples in their order, and renders each', async () => {
  const all = previews({
    welcome: { subject: 'Welcome', text: 'Tea?' },
    receipt: { 'one tea': receipt({ teas: 1 }), 'many teas': receipt({ teas: 9 }, { locale: 'de' }) },
    text: { html: { text: 'a sample may have the name of a field' }, later: undefined as never },
  })
  expect(all.list()).toEqual([
    { name: 'welcome', samples: ['default'] },
    { name: 'receipt', samples: ['one tea', 'many teas'] },
    { name: 'text', samples: ['html'] },
  ])
  expect(await all.show('welcome', 'default')).toMatchObject({
    subject: 'Welcome',
    text: 'Tea?',
    htmlOctets: 0,
  })
  expect(await all.show('receipt', 'many teas')).toMatchObject({
    subject: 'Rechnung',
    html: '<p>9 teas</p>',
    text: '9 teas',
    htmlOctets: 13,
    problems: [],
  })
  expect(await all.show('text', 'html')).toMatchObject({ text: 'a sample may have the name of a field' })
})

it.each([
  ['mail', 'no'],
  ['no', 'default'],
  ['toString', 'default'],
  ['mail', '__proto__'],
])('there is no %s with %s', async (name, sample) => {
  const all = previews(only({ text: 'Tea' }))
  expect(await all.show(name, sample)).toBeUndefined()
  expect(await all.checkLinks(name, sample)).toEqual([])
})

it('attachments are read, with their types', async () => {
  writeFileSync(join(folder, 'menu.txt'), 'Té')
  const preview = await show({
    html: '<img src="cid:logo" width="9">',
    attachments: [
      {
        content: async function* () {
          yield Buffer.from('GIF8')
          yield Buffer.from('9a')
        },
        contentId: 'logo',
      },
      { path: join(folder, 'menu.txt') },
    ],
  })
  expect(preview!.attachments).toEqual([
    { filename: undefined, contentType: 'image/gif', contentId: 'logo', bytes: Buffer.from('GIF89a') },
    {
      filename: 'menu.txt',
      contentType: 'text/plain; charset=utf-8',
      contentId: undefined,
      bytes: Buffer.from('Té'),
    },
  ])
})

it('an attachment without an end is read in part', async () => {
  const chunk = Buffer.alloc(1_000_000)
  let isClosed = false
  const content = async function* (): AsyncGenerator<Buffer> {
    try {
      for (;;) yield chunk
    } finally {
      isClosed = true
    }
  }
  const { attachments } = (await previews(
    only({ text: 'Tea', attachments: [{ content }, { content: 'more' }] }),
  ).show('mail', 'default'))!
  expect(attachments.map(({ bytes }) => bytes.byteLength)).toEqual([25 * 2 ** 20, 0])
  expect(isClosed).toBe(true)
})

describe('what fails in a send fails in a preview, in the same way', () => {
  const throwing = (error: unknown) => () => {
    throw error
  }
  it.each<[why: string, sample: unknown, code: string]>([
    ['throws', throwing(new TypeError('no name')), 'compose/template'],
    ['throws a text', throwing('no'), 'compose/template'],
    ['rejects', () => Promise.reject(new Error('no')), 'compose/template'],
    ['makes a text', () => 'Tea', 'compose/template'],
    ['makes a field that does not exist', () => ({ subjct: 'Tea' }), 'compose/template'],
    ['makes nothing', () => ({}), 'compose/invalid-message'],
    ['makes a subject with a line break', () => ({ subject: 'a\nb' }), 'compose/header-injection'],
    [
      'has a getter that throws',
      () => ({
        get subject() {
          throw new Error('no')
        },
      }),
      'compose/template',
    ],
    [
      'has a file whose getter throws',
      () => ({
        attachments: [
          {
            get content() {
              throw new Error('no')
            },
          },
        ],
      }),
      'compose/invalid-message',
    ],
    [
      'has a file that is not there',
      () => ({ text: 'Tea', attachments: [{ path: '/no/such' }] }),
      'compose/attachment',
    ],
    [
      'has a header that is refused',
      () => ({ text: 'Tea', headers: { Subject: 'Tea' } }),
      'compose/invalid-message',
    ],
  ])('if it %s', async (_why, sample, code) => {
    const { error, ...rest } = (await show(sample as TemplateInput))!
    expect(rest).toEqual({ attachments: [], htmlOctets: 0, problems: [] })
    expect(MailError.is(error)).toBe(true)
    expect(error).toMatchObject({ code, delivered: 'none' })
    await using mailer = new Mailer({
      transport: memory(),
      failure: 'silent',
      observe: ({ error: seen }) => void seen,
    })
    const sent = await mailer.send({
      from: 'a@example.com',
      to: 'b@example.com',
      template: sample as TemplateInput,
    })
    if (code !== 'compose/attachment') expect(sent.error).toMatchObject({ code, summary: error!.summary })
  })

  it('a promise may have rejected long before anybody looks', async () => {
    const all = previews(only(Promise.reject(new Error('no name'))))
    await new Promise((resolve) => setImmediate(resolve))
    const preview = await all.show('mail', 'default')
    expect(preview!.error).toMatchObject({
      code: 'compose/template',
      summary: 'the template failed: no name',
    })
  })

  it('a template that does not return is given up, and told so', async () => {
    const { promise: aborted, resolve } = Promise.withResolvers<void>()
    const preview = await show(
      ({ signal }) => new Promise(() => signal.addEventListener('abort', () => resolve())),
    )
    expect(preview!.error).toMatchObject({
      code: 'compose/timeout',
      summary: 'the template did not return within 0.2 seconds',
    })
    await aborted
  })

  it('a file that has no end is given up', async () => {
    const content = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) })
    const preview = await show({ text: 'Tea', attachments: [{ content }] })
    expect(preview!.error).toMatchObject({
      code: 'compose/timeout',
      summary: expect.stringMatching(/^a file of the template/),
    })
  })
})

describe('what is no sample is refused at once', () => {
  const element = { $$typeof: Symbol.for('react.element') }
  it.each<[given: unknown, words: string]>([
    [
      { welcome: 'Hello' },
      'the template "welcome" is a string: it must be what goes into `template` of a message',
    ],
    [{ welcome: null }, 'the template "welcome" is null'],
    [{ welcome: undefined }, 'the template "welcome" is undefined'],
    [{ welcome: [] }, 'the template "welcome" is a list'],
    [{ welcome: {} }, 'the template "welcome" has no sample'],
    [
      { welcome: { sujbect: 'Tea' } },
      'the sample "sujbect" of the template "welcome" is a string: it must be what a template function returns',
    ],
    [
      { welcome: { ann: { name: 'Ann' } } },
      'the sample "ann" of the template "welcome" is an object of something else',
    ],
    [{ welcome: { ann: 1 } }, 'the sample "ann" of the template "welcome" is a number'],
    [{ welcome: element }, 'the template "welcome" is a React element'],
    [{ welcome: { ann: element } }, 'the sample "ann" of the template "welcome" is a React element'],
    [[], 'previews() needs an object with templates'],
    [undefined, 'previews() needs an object with templates'],
  ])('%j', (given, words) => {
    expect(() => previews(given as PreviewTemplates)).toThrow(
      expect.objectContaining({ code: 'config/invalid-config', message: expect.stringContaining(words) }),
    )
  })

  it.each([
    [{ wach: '.' }, 'previews() has no option "wach"'],
    [{ watch: 'https://example.com/' }, 'watch of previews() must have paths or file: URLs'],
    [{ watch: ['a', 1] }, 'watch of previews() must have paths or file: URLs'],
    [{ watch: '' }, 'watch of previews() must have paths or file: URLs'],
    [{ deadlineMs: 0 }, 'deadlineMs of previews() must be a number, 1 or more'],
  ])('the options %j', (options, words) => {
    expect(() => previews({}, options as never)).toThrow(
      expect.objectContaining({ code: 'config/invalid-config', message: expect.stringContaining(words) }),
    )
  })
})
