import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, asyncProperty } from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { render, template } from '../../src/index.ts'
import { reactEmail } from '../../src/react-email/index.ts'
import { hardNames } from '../hard-names.ts'
import { scratchFolder } from '../scratch-folder.ts'
import { failureOf, sent } from '../sent-template.ts'
import { lineWith } from '../welcome/welcome-case.ts'
import {
  Address,
  Class,
  Forward,
  Hello,
  Lazy,
  Localized,
  Memo,
  MemoForward,
  Order,
  Prices,
  Slow,
  TwoTexts,
  Wrong,
} from './mails.tsx'

const engine = reactEmail()
const mails = join(import.meta.dirname, 'mails.tsx')

describe('a component', () => {
  const hello = template({ engine, html: Hello, subject: ({ name }) => `Tea for ${name}` })

  it('has hooks, context and components of React Email; its CSS is inlined and its text made', async () => {
    const { subject, html, text } = await sent(hello({ name: 'Ann' }))
    expect(subject).toBe('Tea for Ann')
    expect(html).toMatch(/^<!DOCTYPE html/)
    expect(html).toMatch(/<p(?=[^>]* style="color: ?red;?")[^>]*>Hello(?:<!-- -->| )*Ann/)
    expect(html).toContain('href="https://shop.example/?a=1&amp;b=2"')
    expect(text).toContain('Hello Ann, from The tea shop')
    expect(text).toContain('https://shop.example/?a=1&b=2')
  })

  it('has the data of its props', () => {
    // @ts-expect-error the name is missing
    hello({ nam: 'Ann' })
    // @ts-expect-error the name is a text
    hello({ name: 1 })
  })

  it('has its title as subject if there is none', async () => {
    expect((await sent(template({ engine, html: Hello })({ name: 'Ann' }))).subject).toBe('Hello, Ann')
  })

  it('may be asynchronous, and suspend', async () => {
    const { html, text } = await sent(template({ engine, html: Prices })({ tea: 'Assam' }))
    expect(text).toContain('Assam: 3 pounds')
    expect(text).toContain('Ceylon later')
    expect(html).not.toContain('not yet')
  })

  it('has the locale in its second argument', async () => {
    const mail = template({ engine, html: Localized })
    expect((await sent(mail({ name: 'Ann' }, { locale: 'de' }))).subject).toBe('Hallo Ann')
    expect((await sent(mail({ name: 'Ann' }))).subject).toBe('Hello Ann')
  })

  it('is laid out for people only if that is asked for', async () => {
    const pretty = template({ engine: reactEmail({ pretty: true }), html: Hello, inlineCss: false })
    expect((await sent(pretty({ name: 'Ann' }))).html).toMatch(/\n +<body/)
    expect((await sent(hello({ name: 'Ann' }))).html).not.toMatch(/\n +<body/)
  })

  it('brings any name as it is to HTML, text and subject', async () => {
    const plain = template({ engine, html: Hello })
    await assert(
      asyncProperty(hardNames, async (name) => {
        const { subject, html, text } = await sent(plain({ name }))
        expect(subject).toBe(`Hello, ${name}`)
        expect(text).toContain(`Hello ${name}, from The tea shop`)
        expect(html).toMatch(
          /<p(?=[^>]* style="color: ?red;?")[^>]*>Hello(?:<!-- -->| )*[^<>]*<!-- -->, from/,
        )
      }),
      { numRuns: 60 },
    )
  })

  it.each<[string, Parameters<typeof failureOf>[0], string, string]>([
    ['throws', template({ engine, html: Order })({ prices: null! }), 'prices.reduce', 'reduce'],
    ['throws later', template({ engine, html: Slow })({ id: 7 }), 'throw new Error(', 'order 7 is not known'],
    [
      'prints a value that is missing',
      template({ engine, html: Address })({ user: { name: 'Ann' } as never }),
      '{user.city}',
      'user.city is missing in the data',
    ],
  ])('that %s fails with its line', async (_, filled, at, says) => {
    const error = await failureOf(filled)
    expect(error).toMatchObject({
      code: 'compose/template',
      location: { file: mails, line: lineWith(mails, at) },
    })
    expect(error.location!.excerpt).toContain(at)
    expect(error.message).toContain(says)
  })

  const kinds = {
    'memo()': template<{ name: string }>({ engine, html: Memo, subject: 'Tea' }),
    'forwardRef()': template<{ name: string }>({ engine, html: Forward, subject: 'Tea' }),
    'memo() of forwardRef()': template<{ name: string }>({ engine, html: MemoForward, subject: 'Tea' }),
    'lazy()': template<{ name: string }>({ engine, html: Lazy, subject: 'Tea' }),
    'a class': template<{ name: string }>({ engine, html: Class, subject: 'Tea' }),
  }
  it.each(Object.entries(kinds))('may be %s', async (_, mail) => {
    expect((await sent(mail({ name: 'Ann' }))).text).toBe('Hi Ann')
  })

  it.each(['memo()', 'forwardRef()', 'memo() of forwardRef()'] as const)(
    'of %s fails for a value that is missing',
    async (kind) => {
      const error = await failureOf(kinds[kind]({} as { name: string }))
      expect(error.message).toContain('name is missing in the data')
      expect(error.location?.file).toBe(mails)
    },
  )

  it('of memo() is refused without the engine', () => {
    expect(() => template({ html: Memo })).toThrow('add engine: reactEmail()')
    expect(() => template({ engine, text: Memo })).toThrow('text of template() must be')
  })

  it('may leave out what it does not print', async () => {
    expect((await sent(hello({ name: 'Ann' }))).html).not.toContain('undefined')
  })

  it('that React refuses fails with the place of its template', async () => {
    const error = await failureOf(template({ engine, html: Wrong })({ shop: { city: 'London' } }))
    expect(error).toMatchObject({ code: 'compose/template', location: { file: import.meta.filename } })
    expect(error.location!.excerpt).toContain('html: Wrong')
    expect(error.message).toContain('Objects are not valid as a React child')
  })

  it('whose title has two texts, which React leaves out, fails', async () => {
    const warn = vi.spyOn(console, 'error').mockImplementation(() => {})
    const error = await failureOf(template({ engine, html: TwoTexts })({ name: 'Ann' }))
    expect(error.message).toContain('<title> is empty')
    warn.mockRestore()
  })
})

/** A file of a folder, without JSX: Node imports it as it is. */
function moduleWith(body: string, more = ''): string {
  return `import { createElement as h } from '${import.meta.resolve('react')}'
${more}
export default function Mail({ name }) {
  return h('html', null, h('head', null, h('title', null, \`Tea, \${name}\`)), h('body', null, ${body}))
}
`
}

describe('a folder of components', () => {
  it('has them by name, with the subject that they export', async () => {
    await using folder = await scratchFolder({
      'title.mjs': moduleWith("h('p', null, `Hi ${name}`)"),
      'text.mjs': moduleWith("h('p', null, name)", "export const subject = 'Tea'"),
      'made.mjs': moduleWith("h('p', null, name)", 'export const subject = ({ name }) => `Tea for ${name}`'),
      'made.text.mjs': 'export default ({ name }) => `Dear ${name}`',
      'shown.js': moduleWith("h('p', null, name)"),
    })
    const mail = render({ engine, folder: folder.path })
    expect(await sent(mail('title', { name: 'Ann' }))).toMatchObject({ subject: 'Tea, Ann', text: 'Hi Ann' })
    expect((await sent(mail('text', { name: 'Ann' }))).subject).toBe('Tea')
    expect(await sent(mail('made', { name: 'A&B' }))).toMatchObject({
      subject: 'Tea for A&B',
      text: 'Dear A&B',
    })
    expect((await sent(mail('shown', { name: 'Ann' }))).text).toBe('Ann')
  })

  it('imports a file again when it has changed', async () => {
    await using folder = await scratchFolder({ 'tea.mjs': moduleWith("h('p', null, 'Assam')") })
    const file = join(folder.path, 'tea.mjs')
    const mail = render({ engine, folder: folder.path, reload: true })
    expect((await sent(mail('tea', { name: 'Ann' }))).text).toBe('Assam')
    await writeFile(file, moduleWith("h('p', null, 'Ceylon')"))
    await utimes(file, new Date(), new Date(Date.now() + 5_000))
    expect((await sent(mail('tea', { name: 'Ann' }))).text).toBe('Ceylon')
    await writeFile(file, moduleWith("h('p', null, 'broken'"))
    await utimes(file, new Date(), new Date(Date.now() + 10_000))
    expect((await failureOf(mail('tea', { name: 'Ann' }))).location?.file).toBe(file)
    await writeFile(file, moduleWith("h('p', null, 'Darjeeling')"))
    await utimes(file, new Date(), new Date(Date.now() + 15_000))
    expect((await sent(mail('tea', { name: 'Ann' }))).text).toBe('Darjeeling')
  })

  it('imports JSX where the program can', async () => {
    const mail = render({ engine, folder: join(import.meta.dirname, 'folder') })
    expect(await sent(mail('tea', { name: 'Ann' }))).toMatchObject({ subject: 'Tea for Ann', text: 'Hi Ann' })
    const error = await failureOf(mail('tea', {}))
    const file = join(import.meta.dirname, 'folder/tea.tsx')
    expect(error.location).toMatchObject({ file, line: lineWith(file, 'Tea({ name }') })
  })

  it.each<[string, string, string, string | undefined]>([
    ['that does not parse', 'export default () =>\n  {{{', '', undefined],
    ['that imports what is not there', "\nimport './nowhere.mjs'", 'nowhere.mjs', './nowhere.mjs'],
    ['that throws', '\n\nthrow new Error("no tea")', 'no tea', 'throw new'],
    ['without a component', 'export const subject = "Tea"', 'no component as its default export', undefined],
    [
      'with a subject that is no text',
      `${moduleWith('null')}\nexport const subject = 1`,
      'subject must be',
      undefined,
    ],
    [
      'whose subject is missing in the data',
      moduleWith("h('p', null, 'x')", '\nexport const subject = ({ tea }) =>\n  `${tea}`'),
      'tea is missing',
      '({ tea })',
    ],
    [
      'that prints what is missing',
      '\nexport default ({ shop }) =>\n  `${shop}`',
      'shop is missing',
      '({ shop })',
    ],
  ])('fails with the place in a file %s', async (_, text, says, at) => {
    await using folder = await scratchFolder({ 'tea.mjs': text })
    const error = await failureOf(render({ engine, folder: folder.path })('tea', { name: 'Ann' }))
    const file = join(folder.path, 'tea.mjs')
    expect(error).toMatchObject({ code: 'compose/template', location: { file } })
    expect(error.message).toContain(says)
    expect(error.location!.line).toBe(at === undefined ? undefined : lineWith(file, at))
  })
})

describe('reactEmail()', () => {
  it('refuses options that it does not have', () => {
    expect(() => reactEmail({ prety: true } as object)).toThrow('prety')
  })

  it('refuses a text as html', async () => {
    const error = await failureOf(template<object>({ engine, html: '<p>Hi</p>' })({}))
    expect(error.message).toContain('takes a component')
    expect(error.location?.file).toBe(import.meta.filename)
  })
})
