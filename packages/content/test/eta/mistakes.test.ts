import { describe, expect, it } from 'vitest'
import { eta } from '../../src/eta/index.ts'
import { render, template } from '../../src/index.ts'
import { contentOf, failureOf } from '../folder/content-of.ts'
import { folderOf } from '../folder/folder-of.ts'

const FILES = {
  'partials/button.eta': '<a href="<%= it.url %>"><%= it.label %></a>',
  'partials/open.eta': 'one\n  <% if (it.url) { %>',
  'partials/lacking.eta': '<p>\n  <%= it.adress %>',
  'layouts/main.eta': '<h1><%= it.title %></h1>\n<%~ it.body %>',
}
const helpers = { upper: (text: string) => text.toUpperCase() }
const DATA = {
  name: 'Ann',
  user: { first: 'Ann' },
  list: [{ n: 1 }],
  none: null,
  zero: 0,
  later: Promise.resolve('Ann'),
  partial: 'buton',
}

/** A template, the line and the column of what is wrong in it, and what is said about it. */
type Mistake = [text: string, line: number, column: number, says: string, file?: string]

const SYNTAX: Mistake[] = [
  ['a\n <%= it.name', 2, 2, 'the tag does not end'],
  ['x\n  <%= "abc %>', 2, 7, 'the string does not end'],
  ['x\n  <% /* abc %>', 2, 6, 'the comment does not end'],
  ['a\n<% if (it.x) { %>\nb', 2, 4, 'the { in this tag is not closed'],
  ['<% if (it.x) { %>\n <% for (const a of it.list) { %>\n<% } %>', 1, 4, 'the { in this tag is not closed'],
  ['a\n<% } %>', 2, 4, 'the } in this tag closes nothing'],
  ['<% if (it.x) { %>a<% } } %>', 1, 22, 'the } in this tag closes nothing'],
  ['<%= it. %>', 1, 8, "Unexpected token ')'"],
  ['x\n <%= foo bar %>', 2, 10, "Unexpected identifier 'bar'"],
  ['a\n<%= it.name) %>', 2, 13, "Unexpected token ')'"],
  ['a\n<% if (x { %> b <% } %>', 2, 10, "Unexpected token '{'"],
  ['<%\n  let a = 1\n  let a = 2\n%>', 3, 7, "Identifier 'a' has already been declared"],
  ['\n<%= await it.later %>', 2, 11, 'a template cannot use await: wait before it is filled'],
]

const MISSING: Mistake[] = [
  ['\n  <%= it.nme %>', 2, 7, "it.nme is missing in the data. If it is optional, write <%= it.nme ?? '' %>"],
  ['<%~ it.nme %>', 1, 5, 'it.nme is missing in the data'],
  ['<%= it.none %>', 1, 5, "it.none is null. If it is optional, write <%= it.none ?? '' %>"],
  [
    '\n<%= it.user.last.initial %>',
    2,
    5,
    "Cannot read properties of undefined (reading 'initial') in it.user.last.initial",
  ],
  ['a\n<% for (const one of it.lst) { %><% } %>', 2, 4, 'it.lst is not iterable'],
  ['<% for (const one of it.list) { %>\n<%= one.m %><% } %>', 2, 5, 'one.m is missing in the data'],
  [
    '\n<%= `Dear ${it.nme}` %>',
    2,
    5,
    'nme is missing in the data. If it is optional, give it a default with ??',
  ],
  ['<%= it.name %>\n <%= encodeURIComponent(it.user.id) %>', 2, 6, 'user.id is missing in the data'],
  ['<%= upper(String(it.nme)) %>', 1, 5, 'nme is missing in the data'],
  ['<%= nme %>', 1, 5, 'nme is not defined in nme. The data is in it, as in it.name'],
  ['<%= it.user %>', 1, 5, 'it.user is an object, which has no text. Name one of its properties'],
  ['<%= it.later %>', 1, 5, 'it.later is a promise: wait for it before the template is filled'],
  ['<%= it.name %>\n<%= upper(it.zero) %>', 2, 5, 'text.toUpperCase is not a function in upper(it.zero)'],
]

const PARTIALS: Mistake[] = [
  [
    "\n <%~ include('partials/buton') %>",
    2,
    15,
    'there is no "partials/buton": looked for partials/buton.eta. Did you mean partials/button?',
  ],
  ["\n <%~ include('partials/' + it.partial) %>", 2, 6, 'there is no "partials/buton"'],
  [
    "<% layout('layouts/mian') %>",
    1,
    12,
    'there is no "layouts/mian": looked for layouts/mian.eta. Did you mean layouts/main?',
  ],
  ["<%~ include('../secret') %>", 1, 14, 'the name "../secret" must not have . or ..'],
  ["<%~ include('/etc/passwd') %>", 1, 14, 'must be a path in the folder of the templates'],
  ['<%~ include(`${"../"}secret`) %>', 1, 5, 'the name "../secret" must not have . or ..'],
  [
    "\n<%~ include('partials/button', { label: it.name }) %>",
    1,
    14,
    'it.url is missing in the data',
    'partials/button.eta',
  ],
  ["<%~ include('partials/open') %>", 2, 6, 'the { in this tag is not closed', 'partials/open.eta'],
  ["<%~ include('partials/lacking') %>", 2, 7, 'it.adress is missing in the data', 'partials/lacking.eta'],
  ["<% layout('layouts/main') %>x", 1, 9, 'it.title is missing in the data', 'layouts/main.eta'],
]

describe.each<[string, Mistake[]]>([
  ['syntax', SYNTAX],
  ['a value', MISSING],
  ['a partial', PARTIALS],
])('a mistake in %s', (_, mistakes) => {
  it.each<Mistake>(mistakes)(
    '%j fails at line %i and column %i',
    async (text, line, column, says, file = 'welcome.eta') => {
      await using folder = await folderOf({ ...FILES, 'welcome.eta': text })
      const mail = render({ engine: eta({ helpers }), folder: folder.path })
      const error = await failureOf(mail('welcome', DATA))
      expect(error.message).toContain(says)
      expect(error).toMatchObject({
        code: 'compose/template',
        location: { file: folder.at(file), line, column },
      })
    },
  )
})

it('a mistake in a template that is a text in a program is found in the program', async () => {
  const welcome = template<{ name?: string }>({ engine: eta(), html: '<p><%= it.naame %></p>' })
  const error = await failureOf(welcome({}))
  expect(error).toMatchObject({
    location: { file: import.meta.filename, excerpt: expect.stringContaining('<p><%= it.naame %></p>') },
  })
})

it('a value that is missing in a longer text is found also if the template changes its data', async () => {
  const text = '<% it.count = (it.count ?? 0) + 1 %><%= it.count %> <%= `Dear ${it.naame}` %>'
  const error = await failureOf(template<object>({ engine: eta(), text })({}))
  expect(error.message).toContain('naame is missing in the data')
})

it('without strict, a value that is missing is shown as nothing', async () => {
  await using folder = await folderOf({ 'welcome.eta': '[<%= it.name %><%= it.none %>]' })
  const mail = render({ engine: eta({ strict: false }), folder: folder.path })
  expect(await contentOf(mail('welcome', { none: null }))).toMatchObject({ html: '[]' })
})

it('compile() finds a mistake in a partial, and does not blame a layout', async () => {
  await using folder = await folderOf({ ...FILES, 'welcome.eta': "<% layout('layouts/main') %>" })
  const mail = render({ engine: eta(), folder: folder.path })
  expect((await failureOf(mail.compile())).location).toMatchObject({
    file: folder.at('partials/open.eta'),
    line: 2,
  })
  await folder.write('partials/open.eta', 'closed')
  await mail.compile()
})
