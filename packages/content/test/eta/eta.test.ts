import { Mailer, memory } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { eta } from '../../src/eta/index.ts'
import { render, template } from '../../src/index.ts'
import { contentOf } from '../folder/content-of.ts'
import { folderOf } from '../folder/folder-of.ts'

const DATA = { name: 'A&B', list: [{ n: 1 }, { n: 2 }], no: false, zero: 0, none: null }

describe('eta()', () => {
  it.each<[string, string]>([
    ['<%= it.name %> <%~ it.name %>', 'A&amp;B A&B'],
    ["[<%= it.title ?? '' %>] <%= it.title ?? 'Dear' %>", '[] Dear'],
    ['<% if (it.title) { %>x<% } else { %>none<% } %>', 'none'],
    ['<%= it.no %> <%= it.zero %>', 'false 0'],
    ['<% for (const one of it.list) { %>\n<%= one.n %>\n<% } %>\nend', '1\n2\nend'],
    ['Dear <%= it.name %>\nfriend', 'Dear A&amp;B\nfriend'],
    ['a <%= it.zero -%>\n b', 'a 0 b'],
    ['<% switch (it.no) { %><% case false: %>F<% } %>', 'F'],
    ['<% if (it.no) { %>a<% } %><% else { %>b<% } %>', 'b'],
    ["'\\ ` ${it} <%= it.zero %>", "'\\ ` ${it} 0"],
    ['<% // a comment\n %>x', 'x'],
    ["<% /* include('nope') */ %>x", 'x'],
    ["<% output('out') %>", 'out'],
    ['<%= it.list.map(({ n }) => {\n  return n }).join("-") %>', '1-2'],
    ['<%= upper(it.name) %>', 'A&amp;B'],
  ])('renders %j', async (text, expected) => {
    const engine = eta({ helpers: { upper: (value: string) => value.toUpperCase() } })
    const filled = template<typeof DATA>({ engine, html: text, makeText: false })(DATA)
    expect(await contentOf(filled)).toMatchObject({ html: expected })
  })

  it('has the getters of an object of a class', async () => {
    class Order {
      readonly #total = 3
      get total(): number {
        return this.#total
      }
    }
    const html = '<% if (it.total > 2) { %><%= it.total %><% } %>'
    const filled = template<Order>({ engine: eta(), html })(new Order())
    expect(await contentOf(filled)).toMatchObject({ html: '3' })
  })

  it('escapes in HTML, also in partials, and not in subject and text', async () => {
    const source = "<%= it.name %><%~ include('name') %>"
    await using folder = await folderOf({
      'welcome.eta': source,
      'welcome.text.eta': source,
      'welcome.subject.eta': source,
      'name.eta': '<%= it.name %>',
    })
    const mail = render({ engine: eta(), folder: folder.path })
    expect(await contentOf(mail('welcome', { name: '<&' }))).toEqual({
      html: '&lt;&amp;&lt;&amp;',
      text: '<&<&',
      subject: '<&<&',
    })
  })

  it('has layouts with blocks, and partials in the language of the template', async () => {
    await using folder = await folderOf({
      'layouts/main.eta':
        '<h1><%= it.title %></h1><%~ it.body %><%~ block("nav", () => { %>no <%= it.name %><% }) %>',
      'a.eta':
        "<% layout('layouts/main', { title: 'Tea' }) %><% block('nav', () => { %>nav <%= it.name %><% }) %>A",
      'b.eta': "<% layout('layouts/main', { title: 'Tea' }) %>B",
      'c.de.eta': "<%~ include('partials/bye') %> <%= locale %>",
      'partials/bye.eta': 'Bye',
      'partials/bye.de.eta': 'Servus',
    })
    const mail = render({ engine: eta(), folder: folder.path })
    expect(await contentOf(mail('a', { name: 'Ann' }))).toMatchObject({ html: '<h1>Tea</h1>Anav Ann' })
    expect(await contentOf(mail('b', { name: 'Ann' }))).toMatchObject({ html: '<h1>Tea</h1>Bno Ann' })
    expect(await contentOf(mail('c', {}, { locale: 'de-AT' }))).toMatchObject({ html: 'Servus de-AT' })
  })

  it('has partials whose names come from the data', async () => {
    await using folder = await folderOf({
      'welcome.eta': "<%~ include('cards/' + it.kind) %>",
      'cards/big.eta': "<%~ include('cards/small') %>!",
      'cards/small.eta': 'small',
    })
    const mail = render({ engine: eta(), folder: folder.path })
    expect(await contentOf(mail('welcome', { kind: 'big' }))).toMatchObject({ html: 'small!' })
  })

  it('a template that changes its data changes neither the next part nor the data of the program', async () => {
    await using folder = await folderOf({
      'welcome.eta': "<% it.name = 'Bob'; it.extra = 1 %><%= it.name %>",
      'welcome.text.eta': "<%= it.name %> <%= it.extra ?? 'none' %>",
    })
    const mail = render({ engine: eta(), folder: folder.path })
    const data = { name: 'Ann' }
    expect(await contentOf(mail('welcome', data))).toMatchObject({ html: 'Bob', text: 'Ann none' })
    expect(data).toEqual({ name: 'Ann' })
  })

  it('does not let a value of the subject add a header field', async () => {
    const transport = memory()
    const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example', to: 'ann@rcpt.example' } })
    const welcome = template<{ name: string }>({ engine: eta(), subject: 'Hi <%= it.name %>', text: 'Hi' })
    await expect(
      mailer.send({ template: welcome({ name: 'Ann\r\nBcc: eve@evil.example' }) }),
    ).rejects.toMatchObject({ code: 'compose/header-injection' })
    expect(transport.messages).toEqual([])
  })

  it.each<[unknown, string]>([
    [{ helper: {} }, 'Did you mean helpers?'],
    [{ helpers: { it: () => '' } }, 'the helper it of eta() needs another name'],
    [{ helpers: { 'a-b': () => '' } }, 'the helper a-b of eta() needs another name'],
    [{ helpers: { default: () => '' } }, 'the helper default of eta() needs another name'],
    [{ helpers: { upper: 'x' } }, 'the helper upper of eta() must be a function'],
    [{ partials: '' }, 'partials of eta() must be the path or the file: URL of a folder'],
  ])('refuses %j', (options, says) => {
    expect(() => eta(options as object)).toThrow(says)
  })
})
