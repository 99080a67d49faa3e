import { symlink } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { handlebars } from '../../src/handlebars/index.ts'
import { render } from '../../src/index.ts'
import { contentOf, failureOf } from './content-of.ts'
import { countingEngine } from './counting-engine.ts'
import { folderOf } from './folder-of.ts'

const engine = handlebars()

describe('a template of a folder', () => {
  it('has its subject, HTML and text from its files, also in a folder inside', async () => {
    await using folder = await folderOf({
      'orders/receipt.hbs': '<p>{{total}} &amp; {{shop}}</p>',
      'orders/receipt.text.hbs': '{{total}} & {{shop}}\n',
      'orders/receipt.subject.hbs': 'Receipt of {{shop}}\n',
    })
    const mail = render<{ 'orders/receipt': { total: number; shop: string } }>({
      engine,
      folder: folder.path,
    })
    expect(await contentOf(mail('orders/receipt', { total: 3, shop: 'A & B' }))).toEqual({
      subject: 'Receipt of A & B',
      html: '<p>3 &amp; A &amp; B</p>',
      text: '3 & A & B\n',
    })
    expect(mail('orders/receipt', { total: 3, shop: 'B' }).files()).toEqual([folder.path])
  })

  it('does not compile with a wrong name, missing data or data of another type', async () => {
    await using folder = await folderOf({})
    const mail = render<{ welcome: { name: string } }>({ engine, folder: folder.path })
    // @ts-expect-error there is no such template
    void mail('wellcome', { name: 'Ann' })
    // @ts-expect-error the name is missing
    void mail('welcome', {})
    // @ts-expect-error the data is missing
    void mail('welcome')
    // @ts-expect-error a number is no name
    void mail('welcome', { name: 3 })
    void mail('welcome', { name: 'Ann' }, { locale: 'de' })
    // Without types, any name and any data are fine.
    void render({ engine, folder: folder.path })('anything', { name: 3 })
  })

  it.each([
    [
      'wellcome',
      'there is no template "wellcome" with a file that ends in .hbs or .handlebars. Did you mean welcome?',
    ],
    [
      'orders/recipt',
      'there is no template "orders/recipt" with a file that ends in .hbs or .handlebars. Did you mean orders/receipt?',
    ],
    ['only', 'the template "only" has only a subject: add only.hbs or only.text.hbs'],
    [
      'german',
      'there is no template "german" for readers without a locale, only for de: add german.hbs, or name a usual locale in render()',
    ],
    ['../welcome', 'the name "../welcome" must not have . or ..: names start at the folder of the templates'],
    [
      'orders/../welcome',
      'the name "orders/../welcome" must not have . or ..: names start at the folder of the templates',
    ],
    [
      '/etc/passwd',
      'the name "/etc/passwd" must be a path in the folder of the templates, without / in front',
    ],
    [
      'C:/mail/welcome',
      'the name "C:/mail/welcome" must be a path in the folder of the templates, without / in front',
    ],
    ['orders\\receipt', 'the name "orders\\\\receipt" must have / between folders'],
    ['welcome:stream', 'the name "welcome:stream" cannot be the name of a file on every system'],
    ['aux', 'the name "aux" cannot be the name of a file on every system'],
    ['welcome.', 'the name "welcome." cannot be the name of a file on every system'],
    ['welcome\0', 'the name "welcome\\u0000" cannot be the name of a file on every system'],
    ['', 'a template needs a name'],
  ])('with the name %j fails with advice', async (name, summary) => {
    await using folder = await folderOf({
      'welcome.hbs': '',
      'orders/receipt.hbs': '',
      'only.subject.hbs': '',
      'german.de.hbs': '',
    })
    const error = await failureOf(render({ engine, folder: folder.path })(name, {}))
    expect(error).toMatchObject({ code: 'compose/template', location: { file: folder.path } })
    expect(error.message).toContain(summary)
  })

  it('that is a link out of the folder fails', async () => {
    await using outside = await folderOf({ 'secret.hbs': 'secret' })
    await using folder = await folderOf({ 'welcome.hbs': '{{> partials/secret}}', 'partials/x.hbs': '' })
    await symlink(outside.at('secret.hbs'), folder.at('secret.hbs'))
    await symlink(outside.at('secret.hbs'), folder.at('partials/secret.hbs'))
    const mail = render({ engine, folder: folder.path })
    for (const name of ['secret', 'welcome'])
      expect((await failureOf(mail(name, {}))).message).toContain('is a link out of the folder')
  })

  it('in a folder that does not exist fails, and not before it is sent', async () => {
    const mail = render({ engine, folder: '/nowhere/at/all' })
    expect((await failureOf(mail('welcome', {}))).message).toContain(
      'the folder of the templates does not exist',
    )
  })

  it('keeps the data of one mail from another', async () => {
    await using folder = await folderOf({ 'welcome.hbs': '{{name}}{{#if title}} {{title}}{{/if}}' })
    const mail = render({ engine, folder: folder.path })
    const all = await Promise.all([
      contentOf(mail('welcome', { name: 'Ann', title: 'Dr.' })),
      contentOf(mail('welcome', { name: 'Bob' })),
    ])
    expect(all.map(({ html }) => html)).toEqual(['Ann Dr.', 'Bob'])
  })
})

describe('compile()', () => {
  it('compiles every template in every language, so that sending compiles nothing', async () => {
    await using folder = await folderOf({
      'welcome.hbs': '{{name}}',
      'welcome.de.hbs': '{{name}}',
      'welcome.subject.hbs': 'Hello',
    })
    const counting = countingEngine()
    const mail = render({ engine: counting, folder: folder.path, reload: false })
    await mail.compile()
    expect(counting.compiled).toHaveLength(3)
    await contentOf(mail('welcome', { name: 'Ann' }))
    await contentOf(mail('welcome', { name: 'Ann' }, { locale: 'de' }))
    expect(counting.compiled).toHaveLength(3)
  })

  it('finds what is wrong in a partial', async () => {
    await using folder = await folderOf({
      'welcome.hbs': 'Hello\n{{> partials/name}}',
      'partials/name.hbs': 'one\n  {{#if name}}',
    })
    const error = await failureOf(render({ engine, folder: folder.path }).compile())
    expect(error).toMatchObject({
      code: 'compose/template',
      location: { file: folder.at('partials/name.hbs'), line: 2, column: 3 },
    })
  })

  it('finds a partial that does not exist', async () => {
    await using folder = await folderOf({
      'orders/receipt.hbs': '\n {{> partials/nme}}',
      'partials/name.hbs': '',
    })
    const error = await failureOf(render({ engine, folder: folder.path }).compile())
    expect(error.message).toContain(
      'there is no "partials/nme": looked for partials/nme.hbs, partials/nme.handlebars. Did you mean partials/name?',
    )
    expect(error.location).toMatchObject({ file: folder.at('orders/receipt.hbs'), line: 2, column: 6 })
  })

  it('does not blame a layout for what only a template around it defines', async () => {
    await using folder = await folderOf({
      'layouts/main.hbs': '<h1>{{> heading}}</h1>{{> @partial-block}}',
      'welcome.hbs': '{{#> layouts/main}}{{#*inline "heading"}}Hi{{/inline}}Text{{/layouts/main}}',
    })
    const mail = render({ engine, folder: folder.path })
    await mail.compile()
    expect(await contentOf(mail('welcome', {}))).toMatchObject({ html: '<h1>Hi</h1>Text' })
  })
})
