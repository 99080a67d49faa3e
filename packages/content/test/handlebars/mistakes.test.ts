import { describe, expect, it } from 'vitest'
import { handlebars } from '../../src/handlebars/index.ts'
import { render } from '../../src/index.ts'
import { contentOf, failureOf } from '../folder/content-of.ts'
import { folderOf } from '../folder/folder-of.ts'

const FILES = {
  'partials/button.hbs': '<a href="{{url}}">{{label}}</a>',
  'partials/open.hbs': 'one\n  {{#if url}}',
  'partials/lacking.hbs': '<p>\n  {{ adress }}',
  'layouts/main.hbs': '<h1>{{> heading}}</h1>\n{{> @partial-block}}',
}
const helpers = {
  upper: (text: string) => text.toUpperCase(),
  nothing: () => undefined,
}
const DATA = {
  name: 'Ann',
  user: { first: 'Ann', last: undefined },
  list: [{ n: 1 }],
  none: null,
  zero: 0,
  later: Promise.resolve('Ann'),
  names: { a: 'Ann' },
  adresse: 'Tea Street',
  partial: 'partials/buton',
  unclosed: 'partials/open',
  main: 'layouts/main',
}

/** A template, the line and the column of what is wrong in it, and what is said about it. */
type Mistake = [text: string, line: number, column: number, says: string, file?: string]

const SYNTAX: Mistake[] = [
  ['a\n{{#if x}}\nb', 2, 1, 'the block if is not closed: {{/if}} is missing'],
  ['{{#if a}}\n {{#each b}}\n{{/each}}', 1, 1, 'the block if is not closed: {{/if}} is missing'],
  ['a\n{{#each}}', 2, 1, 'the block each is not closed: {{/each}} is missing'],
  ['a\n{{#if x}}{{/each}}', 2, 4, '{{#if}} is closed by {{/each}}'],
  ['{{name}} {{/if}}', 1, 10, '{{/if}} closes no block'],
  ['a {{else}} b', 1, 3, '{{else}} is not in a block that can have one'],
  ['{{#if a}}\n{{else}}\n{{else}}\n{{/if}}', 3, 1, '{{else}} is not in a block that can have one'],
  ['a\n {{name', 2, 4, '"name" is not expected here'],
  ['x\n  {{ "abc }}', 2, 6, '"\\"abc" is not expected here'],
  ['a\n\n\n{{ <p> }}', 4, 4, '"<p>" is not expected here'],
  ['{{{x}}', 1, 5, 'something is missing before these braces, or a brace is missing'],
  ['{{> }}', 1, 5, 'something is missing before these braces, or a brace is missing'],
  ['x\n  {{ na me= }}', 2, 13, 'something is missing before these braces, or a brace is missing'],
  ['a\n\n{{../x/../y}}', 3, 3, 'Invalid path: ../x/..'],
  ['a\n  {{!-- x', 2, 3, 'the comment does not end'],
  ['{{upper name}}\n {{uper name}}', 2, 4, 'there is no helper uper. Did you mean upper?'],
  ['{{#eech list}}{{/eech}}', 1, 4, 'there is no helper eech. Did you mean each?'],
]

const MISSING: Mistake[] = [
  ['\n  {{nme}}', 2, 5, 'nme is missing in the data. Did you mean name?'],
  ['{{{nme}}}', 1, 4, 'nme is missing in the data'],
  ['{{"nme"}}', 1, 3, 'nme is missing in the data'],
  [
    '{{user.last}}',
    1,
    3,
    'user.last is missing in the data. If it is optional, write {{#if user.last}} or {{optional user.last}}',
  ],
  ['{{user.last.initial}}', 1, 3, 'user.last.initial is missing in the data'],
  ['{{none}}', 1, 3, 'none is null. If it is optional, write {{#if none}} or {{optional none}}'],
  ['{{upper nme}}', 1, 9, 'nme is missing in the data'],
  ['{{upper name other=nme}}', 1, 20, 'nme is missing in the data'],
  ['{{#each (upper nme)}}{{/each}}', 1, 16, 'write (optional nme) in its place'],
  ['{{#if (upper nme)}}{{/if}}', 1, 7, 'the helper upper failed'],
  ['{{#each lst}}{{/each}}', 1, 9, 'lst is missing in the data. Did you mean list?'],
  ['{{#with nobody}}{{/with}}', 1, 9, 'nobody is missing in the data'],
  ['{{#lst}}{{/lst}}', 1, 4, 'lst is missing in the data'],
  ['{{#each list}}\n{{m}}{{/each}}', 2, 3, 'm is missing in the data'],
  ['{{#each list as |item|}}\n{{item.m}}{{/each}}', 2, 3, 'item.m is missing in the data'],
  ['{{#each list}}{{../nme}}{{/each}}', 1, 17, '../nme is missing in the data'],
  ['{{@root.nme}}', 1, 3, '@root.nme is missing in the data'],
  ['{{lookup names "b"}}', 1, 1, 'lookup found nothing. If it is optional, write {{optional (lookup ...)}}'],
  ['{{nothing}}', 1, 1, "the helper nothing returned nothing. It must return '' to show nothing"],
  ['{{user}}', 1, 3, 'user is an object, which has no text. Name one of its properties'],
  ['{{later}}', 1, 3, 'later is a promise: wait for it before the template is filled'],
  ['{{names.constructor}}', 1, 3, 'names.constructor is missing in the data'],
  ['{{name}}\n{{upper zero}}', 2, 1, 'the helper upper failed: text.toUpperCase is not a function'],
]

const PARTIALS: Mistake[] = [
  [
    '\n {{> partials/buton}}',
    2,
    6,
    'there is no "partials/buton": looked for partials/buton.hbs, partials/buton.handlebars. Did you mean partials/button?',
  ],
  ['\n {{> (lookup . "partial")}}', 2, 6, 'there is no "partials/buton"'],
  ['\n {{> (lookup names "b")}}', 2, 6, 'the name of the partial is missing'],
  [
    '{{#> layouts/mian}}{{/layouts/mian}}',
    1,
    6,
    'there is no "layouts/mian": looked for layouts/mian.hbs, layouts/mian.handlebars. Did you mean layouts/main?',
  ],
  ['{{> ../secret}}', 1, 5, 'the name "../secret" must not have . or ..'],
  ['{{> [/etc/passwd]}}', 1, 5, 'must be a path in the folder of the templates'],
  ['{{> partials/button label=name url=link}}', 1, 36, 'link is missing in the data'],
  ['\n{{> partials/button label=name}}', 1, 12, 'url is missing in the data', 'partials/button.hbs'],
  ['{{> partials/open}}', 2, 3, 'the block if is not closed', 'partials/open.hbs'],
  [
    '{{> partials/lacking}}',
    2,
    6,
    'adress is missing in the data. Did you mean adresse?',
    'partials/lacking.hbs',
  ],
  ['\n{{> (lookup . "unclosed")}}', 2, 3, 'the block if is not closed', 'partials/open.hbs'],
  ['\n{{> (lookup . "main")}}', 1, 9, 'there is no "heading"', 'layouts/main.hbs'],
  ['{{#> layouts/main}}{{/layouts/main}}', 1, 9, 'there is no "heading"', 'layouts/main.hbs'],
  [
    '{{#> layouts/main}}{{#*inline "heading"}}\n{{nme}}{{/inline}}{{/layouts/main}}',
    2,
    3,
    'nme is missing in the data',
  ],
]

describe.each<[string, Mistake[]]>([
  ['syntax', SYNTAX],
  ['a value', MISSING],
  ['a partial', PARTIALS],
])('a mistake in %s', (_, mistakes) => {
  it.each<Mistake>(mistakes)(
    '%j fails at line %i and column %i',
    async (text, line, column, says, file = 'welcome.hbs') => {
      await using folder = await folderOf({ ...FILES, 'welcome.hbs': text })
      const mail = render({ engine: handlebars({ helpers }), folder: folder.path })
      const error = await failureOf(mail('welcome', DATA))
      expect(error.message).toContain(says)
      expect(error).toMatchObject({
        code: 'compose/template',
        location: { file: folder.at(file), line, column },
      })
    },
  )
})

it('a value that belongs to the class of an object is explained', async () => {
  class User {
    get name(): string {
      return 'Ann'
    }
  }
  await using folder = await folderOf({ 'welcome.hbs': '{{name}}' })
  const error = await failureOf(render({ engine: handlebars(), folder: folder.path })('welcome', new User()))
  expect(error.message).toContain('name is not a property of the object itself but of its class')
})

it('a mistake in a template that is a text in a program is found in the program', async () => {
  const { template } = await import('../../src/index.ts')
  const welcome = template<{ name?: string }>({ engine: handlebars(), html: '<p>{{ naame }}</p>' })
  const error = await failureOf(welcome({}))
  expect(error).toMatchObject({
    location: { file: import.meta.filename, excerpt: expect.stringContaining('<p>{{ naame }}</p>') },
  })
})

it('without strict, a value that is missing is shown as nothing', async () => {
  await using folder = await folderOf({ 'welcome.hbs': '[{{name}}{{#each list}}x{{/each}}]' })
  const mail = render({ engine: handlebars({ strict: false }), folder: folder.path })
  expect(await contentOf(mail('welcome', {}))).toMatchObject({ html: '[]' })
})
