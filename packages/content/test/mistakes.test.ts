// What people write who see the package for the first time, often in JavaScript.
import { createElement as h } from 'react'
import { describe, expect, it } from 'vitest'
import { eta } from '../src/eta/index.ts'
import { handlebars } from '../src/handlebars/index.ts'
import { html, render, template, type FilledTemplate } from '../src/index.ts'
import { reactEmail } from '../src/react-email/index.ts'
import { folderOf } from './folder/folder-of.ts'
import { failureOf } from './sent-template.ts'

type Loose = (...args: readonly unknown[]) => FilledTemplate
const welcome = template(({ name }: { name: string }) => ({ subject: 'Welcome', text: name })) as Loose
const parts = template<{ name: string }>({
  engine: handlebars(),
  subject: 'Welcome',
  text: '{{name}}',
}) as Loose
const component = template<{ name: string }>({
  engine: reactEmail(),
  subject: 'Welcome',
  html: ({ name }) => h('p', null, name),
}) as Loose

describe('a template that is called', () => {
  it.each([
    ['without data', () => welcome(), /the template was called without data: Cannot destructure/],
    ['without data, as a component', () => component(), /called without data: Cannot destructure/],
    ['with null', () => welcome(null), /the template was called without data/],
    ['with a promise', () => welcome(Promise.resolve({ name: 'Ann' })), /the data is a promise: await it/],
    ['with a promise, for an engine', () => parts(Promise.resolve({})), /the data is a promise: await it/],
    ['with a bare locale', () => welcome({ name: 'Ann' }, 'de'), /after the data comes an object, such as/],
    ['with null as options', () => parts({ name: 'Ann' }, null), /after the data comes an object, such as/],
    [
      'with another option',
      () => parts({ name: 'Ann' }, { lang: 'de' }),
      /\{ locale \}, which has no "lang"/,
    ],
    ['with no language tag', () => welcome({ name: 'Ann' }, { locale: 'de_DE' }), /de-AT, with a hyphen/],
  ])('%s fails, at a place', async (_title, call, message) => {
    const error = await failureOf(call())
    expect(error.message).toMatch(message)
    expect(error).toMatchObject({ code: 'compose/template', location: { file: import.meta.filename } })
    expect(error.location?.line).toBeGreaterThan(1)
  })

  it('of a folder fails in the same way', async () => {
    await using folder = await folderOf({ 'welcome.hbs': '<p>{{name}}</p>' })
    const mails = render({ engine: handlebars(), folder: folder.path }) as unknown as Loose
    expect((await failureOf(mails('welcome', { name: 'Ann' }, 'de'))).message).toMatch(/after the data comes/)
    expect((await failureOf(mails('welcome', Promise.resolve({})))).message).toMatch(/is a promise/)
    expect((await failureOf(mails('welcome.hbs', { name: 'Ann' }))).message).toMatch(/Did you mean welcome\?/)
  })
})

describe('a function that returns', () => {
  it.each([
    [
      'HTML alone',
      template((() => html`<p>Tea</p>`) as never),
      /returned only HTML: let it return an object/,
    ],
    [
      'a component, without the engine',
      template({ subject: 'Tea', html: () => h('p') }),
      /is a component of React: add engine: reactEmail\(\)/,
    ],
  ])('%s fails', async (_title, made, message) => {
    expect((await failureOf(made({}))).message).toMatch(message)
  })
})

describe('a template is not made', () => {
  it.each([
    ['of a text alone', () => template('<p>Tea</p>' as never), /template\(\) needs a function that returns/],
    ['of nothing', () => template(undefined as never), /template\(\) needs a function that returns/],
    [
      'of the name of a file',
      () => template({ html: 'mails/welcome.hbs' }),
      /html of template\(\) is the name/,
    ],
    [
      'of the name of a text file',
      () => template({ text: './a.txt' }),
      /write new URL\('…', import\.meta\.url\)/,
    ],
    [
      'of an element',
      () => template({ engine: reactEmail(), html: h('p') as never }),
      /is a React element: write the component/,
    ],
    [
      'with an engine that is not called',
      () => template({ engine: handlebars as never, html: '<p>Tea</p>' }),
      /the engine of template\(\) must be an engine, such as handlebars\(\)/,
    ],
    [
      'with a locale that is no language tag',
      () => template({ html: '<p>Tea</p>', locale: 'de_DE' }),
      /de-AT, with a hyphen/,
    ],
  ])('%s', (_title, make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'config/invalid-config' }))
    expect(make).toThrow(message)
  })

  it('but a subject may look like a file', () => {
    expect(template({ subject: 'report.txt', text: 'Read me.txt' })).toBeTypeOf('function')
  })
})

it('a folder without templates of the engine does not compile', async () => {
  await using folder = await folderOf({ 'welcome.hbs': '<p>Tea</p>' })
  await expect(render({ engine: eta(), folder: folder.path }).compile()).rejects.toMatchObject({
    code: 'compose/template',
    summary: 'the folder has no file that ends in .eta',
    location: { file: folder.path },
  })
})
