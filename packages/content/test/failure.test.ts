import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { eta } from '../src/eta/index.ts'
import { handlebars } from '../src/handlebars/index.ts'
import { html, render, template, type FilledTemplate } from '../src/index.ts'
import { failureOf } from './folder/content-of.ts'
import { scratchFolder } from './scratch-folder.ts'

describe('whatever a template throws', () => {
  it.each<[string, unknown, RegExp]>([
    ['undefined', undefined, /^it threw undefined$/],
    ['null', null, /^it threw null$/],
    ['a text', 'no tea', /^no tea$/],
    ['a symbol', Symbol('tea'), /^Symbol\(tea\)$/],
    ['an object without a prototype', Object.create(null), /^it threw something that cannot be shown$/],
    ['an object whose text fails', { toString: () => expect.fail() }, /cannot be shown$/],
    [
      'an error that cannot be read',
      new Proxy(new Error('tea'), { get: () => expect.fail() }),
      /cannot be shown$/,
    ],
    ['a frozen error', Object.freeze(new Error('no tea')), /^no tea$/],
    ['an error without a message', new TypeError(), /^TypeError without a message$/],
    ['a huge message', new Error('tea'.repeat(1_000_000)), /^(?:tea){600,700}\S{0,3}$/],
  ])('is a failure with its file: %s', async (_, thrown, summary) => {
    const broken = template(() => {
      throw thrown
    })
    expect(await failureOf(broken({}))).toMatchObject({
      code: 'compose/template',
      summary: expect.stringMatching(summary),
      location: { file: import.meta.filename },
    })
  })
})

describe('the place of a failure', () => {
  it('is in a program that is installed as a package itself, in folders with any name', async () => {
    const file = 'node_modules/@tea/mails/src/(de) 1/mail.mjs'
    await using folder = await scratchFolder({
      'node_modules/@tea/mails/node_modules/money/index.mjs':
        'export const money = () => {\n  throw new Error("no money")\n}',
      [file]: `import { money } from '../../node_modules/money/index.mjs'
        export const mails = (template, html) => [
          template(() => money()),
          template(({ name }) => ({ html: html\`<p>\${name}</p>\` })),
        ]`,
    })
    const { mails } = (await import(pathToFileURL(join(folder.path, file)).href)) as {
      readonly mails: (...tools: unknown[]) => ((data: object) => FilledTemplate)[]
    }
    const [first, second] = mails(template, html)
    expect(await failureOf(first!({}))).toMatchObject({
      summary: 'no money',
      location: { file: join(folder.path, file), line: 3, column: 26 },
    })
    expect(await failureOf(second!({ name: undefined }))).toMatchObject({
      location: { file: join(folder.path, file), line: 4 },
    })
  })

  it('is in the text of this template, and not in the same text of another one', async () => {
    const engine = handlebars()
    const texts = [
      template<object>({ engine, html: '<p>{{name}}</p>', subject: 'x' }),
      template<object>({ engine, html: '<p>{{name}}</p>', subject: 'x' }),
      template<{ name?: string }>({
        engine,
        html: '<p>{{#if name}}{{name}}{{/if}}</p>',
        subject: '{{name}}',
      }),
    ]
    const failures = await Promise.all(texts.map(async (each) => failureOf(each({}))))
    const [first, second, third] = failures.map(({ location }) => location!)
    expect(second!.line).toBe(first!.line! + 1)
    expect(third!.excerpt).toMatch(/> \d+ \| +subject: '\{\{name/)
  })

  it('is found in a program with line ends of Windows', async () => {
    const lines = [
      'export const mail = (template, engine) =>',
      '  template({ engine, html: `<p>',
      '{{name}}</p>` })',
    ]
    await using folder = await scratchFolder({ 'mail.mjs': lines.join('\r\n') })
    const file = join(folder.path, 'mail.mjs')
    const { mail } = (await import(pathToFileURL(file).href)) as {
      readonly mail: (...tools: unknown[]) => (data: object) => FilledTemplate
    }
    expect(await failureOf(mail(template, handlebars())({}))).toMatchObject({
      location: { file, line: 3, column: 3 },
    })
  })

  it('is told for files that include themselves', async () => {
    await using folder = await scratchFolder({
      'self.hbs': 'a {{> self}}',
      'self.eta': "<%~ include('self') %>",
    })
    for (const engine of [handlebars(), eta()])
      expect(await failureOf(render({ engine, folder: folder.path })('self', {}))).toMatchObject({
        summary: expect.stringContaining('include itself?'),
        location: { file: join(folder.path, `self${engine.extensions[0]}`) },
      })
  })
})
