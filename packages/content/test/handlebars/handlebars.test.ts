import { Mailer, memory } from '@loudmail/core'
import Handlebars from 'handlebars'
import { describe, expect, it, vi } from 'vitest'
import { handlebars, type HandlebarsHelperOptions } from '../../src/handlebars/index.ts'
import { render, template } from '../../src/index.ts'
import { contentOf, failureOf } from '../folder/content-of.ts'
import { folderOf } from '../folder/folder-of.ts'

async function html(
  text: string,
  data: object = {},
  options?: Parameters<typeof handlebars>[0],
): Promise<unknown> {
  const filled = template<object>({ engine: handlebars(options), html: text, makeText: false })(data)
  return (await contentOf(filled)).html
}

describe('handlebars()', () => {
  it.each<[string, string]>([
    ['{{#if title}}{{title}} {{else}}no title {{/if}}{{name}}', 'no title A&amp;B'],
    ['{{#unless title}}none{{/unless}}', 'none'],
    ['{{#if user.title.short}}x{{/if}}{{name}}', 'A&amp;B'],
    ['[{{optional title}}] [{{optional title "Dear"}}] [{{optional name "Dear"}}]', '[] [Dear] [A&amp;B]'],
    ['{{upper (optional title "x")}}', 'X'],
    ['{{#each empty}}x{{else}}empty{{/each}}', 'empty'],
    ['{{#each gone}}x{{else}}none{{/each}}', 'none'],
    ['{{#with gone}}x{{else}}none{{/with}}', 'none'],
    ['{{#gone}}x{{else}}none{{/gone}}', 'none'],
    ['{{^gone}}none{{/gone}}', 'none'],
    ['{{#if (lookup gone "x")}}x{{else}}none{{/if}}', 'none'],
    ['{{#no}}x{{else}}no{{/no}}{{#user}}{{first}}{{/user}}', 'noAnn'],
    ['{{no}} {{zero}} {{blank}}|', 'false 0 |'],
    ['{{#each list as |item index|}}{{index}}{{item.n}}{{@root.name}}{{/each}}', '01A&amp;B'],
    ['{{#each list}}{{n}}{{@index}}{{#if @last}}!{{/if}}{{../blank}}{{/each}}', '10!'],
    ['{{lookup user "first"}} {{this.name}} {{./name}} {{[name]}}', 'Ann A&amp;B A&amp;B A&amp;B'],
    ['{{{name}}} {{&name}} {{safe name}}', 'A&B A&B <b>A&B</b>'],
    ['{{call}}', 'called'],
  ])('renders %j', async (text, expected) => {
    const helpers = {
      upper: (value: string) => value.toUpperCase(),
      safe: (value: string) => new Handlebars.SafeString(`<b>${value}</b>`),
    }
    const data = {
      name: 'A&B',
      user: { first: 'Ann' },
      empty: [],
      list: [{ n: 1 }],
      no: false,
      zero: 0,
      blank: '',
      call: () => 'called',
    }
    expect(await html(text, data, { helpers })).toBe(expected)
  })

  it('escapes in HTML, also in partials, and not in subject and text', async () => {
    await using folder = await folderOf({
      'welcome.hbs': '{{name}}{{> name}}',
      'welcome.text.hbs': '{{name}}{{> name}}',
      'welcome.subject.hbs': '{{name}}{{> name}}',
      'name.hbs': '{{name}}',
    })
    const mail = render({ engine: handlebars(), folder: folder.path })
    expect(await contentOf(mail('welcome', { name: '<&' }))).toEqual({
      html: '&lt;&amp;&lt;&amp;',
      text: '<&<&',
      subject: '<&<&',
    })
  })

  it('gives helpers the locale, for translations', async () => {
    const words: Record<string, string> = { de: 'Hallo', en: 'Hello' }
    const t = (key: string, { data, hash }: HandlebarsHelperOptions): string =>
      `${words[data.locale ?? 'en']} ${key} ${String(hash['name'])}`
    const engine = handlebars({ helpers: { t } })
    const welcome = template<{ name: string }>({ engine, text: '{{t "x" name=name}} {{@locale}}' })
    expect(await contentOf(welcome({ name: 'Ann' }, { locale: 'de' }))).toMatchObject({
      text: 'Hallo x Ann de',
    })
  })

  it('has layouts with blocks that a template fills, and those that have a default', async () => {
    await using folder = await folderOf({
      'layouts/main.hbs': '<h1>{{#> heading}}Tea{{/heading}}</h1>{{> @partial-block}}',
      'a.hbs': '{{#> layouts/main}}{{#*inline "heading"}}Hi {{name}}{{/inline}}A{{/layouts/main}}',
      'b.hbs': '{{#> layouts/main}}B{{/layouts/main}}',
    })
    const mail = render({ engine: handlebars(), folder: folder.path })
    expect(await contentOf(mail('a', { name: 'Ann' }))).toMatchObject({ html: '<h1>Hi Ann</h1>A' })
    expect(await contentOf(mail('b', {}))).toMatchObject({ html: '<h1>Tea</h1>B' })
  })

  it('has partials whose names come from the data, with their own partials', async () => {
    await using folder = await folderOf({
      'welcome.hbs': '{{> (lookup . "kind")}}',
      'cards/big.hbs': '{{> cards/small}}!',
      'cards/small.hbs': 'small',
    })
    const mail = render({ engine: handlebars(), folder: folder.path })
    expect(await contentOf(mail('welcome', { kind: 'cards/big' }))).toMatchObject({ html: 'small!' })
  })

  it('reads partials from the folder that it is told', async () => {
    await using folder = await folderOf({ 'button.hbs': 'Button' })
    expect(await html('{{> button}}', {}, { partials: folder.path })).toBe('Button')
    expect(await html('{{> button}}', {}, { partials: new URL(`file://${folder.path}/`) })).toBe('Button')
  })

  it('shares no helpers or partials with other environments', async () => {
    Handlebars.registerHelper('shout', () => 'global')
    Handlebars.registerPartial('shared', 'global')
    try {
      const shout = { helpers: { shout: () => 'own' } }
      expect(await html('{{shout}}', {}, shout)).toBe('own')
      const other = template<object>({ engine: handlebars(), html: '{{shout}}' })
      expect((await failureOf(other({}))).message).toContain('shout is missing in the data')
      const partial = template<object>({ engine: handlebars(), html: '{{> shared}}' })
      expect((await failureOf(partial({}))).message).toContain('there is no "shared"')
    } finally {
      Handlebars.unregisterHelper('shout')
      Handlebars.unregisterPartial('shared')
    }
  })

  it('never reads from a prototype, and writes no warning about it', async () => {
    const log = vi.spyOn(console, 'error')
    for (const text of [
      '{{constructor}}',
      '{{name.constructor}}',
      '{{toString}}',
      '{{__proto__}}',
      '{{lookup this "constructor"}}',
    ])
      await expect(html(text, { name: 'Ann' })).rejects.toMatchObject({ code: 'compose/template' })
    expect(await html('{{#if name.constructor}}x{{/if}}', { name: 'Ann' })).toBe('')
    expect(log).not.toHaveBeenCalled()
    log.mockRestore()
  })

  it('does not let a value of the subject add a header field', async () => {
    const transport = memory()
    const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example', to: 'ann@rcpt.example' } })
    const welcome = template<{ name: string }>({ engine: handlebars(), subject: 'Hi {{name}}', text: 'Hi' })
    const name = 'Ann\r\nBcc: eve@evil.example'
    await expect(mailer.send({ template: welcome({ name }) })).rejects.toMatchObject({
      code: 'compose/header-injection',
    })
    expect(transport.messages).toEqual([])
  })

  it.each<[unknown, string]>([
    [{ helper: {} }, 'Did you mean helpers?'],
    [{ helpers: { upper: 'x' } }, 'the helper upper of handlebars() must be a function'],
    [{ partials: 3 }, 'partials of handlebars() must be the path or the file: URL of a folder'],
  ])('refuses %j', (options, says) => {
    expect(() => handlebars(options as object)).toThrow(says)
  })
})
