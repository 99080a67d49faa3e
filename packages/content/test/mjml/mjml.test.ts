import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { assert, asyncProperty } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { render, template, type TemplateEngine } from '../../src/index.ts'
import { mjml, type MjmlOptions } from '../../src/mjml/index.ts'
import { curly } from './curly-engine.ts'
import { hardNames } from '../hard-names.ts'
import { scratchFolder } from '../scratch-folder.ts'
import { failureOf, sent } from '../sent-template.ts'

/** The markup of a mail; the first line of the body is the sixth. */
function page(body: string, head = ''): string {
  return `<mjml>
  <mj-head>
    <mj-title>Tea for {{name}}</mj-title>${head}
  </mj-head>
  <mj-body><mj-section><mj-column>
${body}
  </mj-column></mj-section></mj-body>
</mjml>`
}

const BOTH: [string, MjmlOptions][] = [
  ['with the engine first', { engine: curly }],
  ['with MJML once', { engine: curly, once: true }],
]

describe.each(BOTH)('MJML %s', (_, options) => {
  const engine = mjml(options)

  it('has values in text, attributes and title', async () => {
    const source = page('<mj-text>Hi {{name}}</mj-text><mj-button href="{{url}}">Go</mj-button>')
    const tea = template<{ name: string; url: string }>({ engine, html: source })
    const mail = await sent(tea({ name: 'A & B', url: 'https://x.example/?a&b="c"' }))
    expect(mail).toMatchObject({ subject: 'Tea for A & B', text: expect.stringContaining('Hi A & B') })
    expect(mail.html).toContain('href="https://x.example/?a&#38;b=&#34;c&#34;"')
  })

  it('inlines the styles of <mj-style inline="inline"> and keeps the others', async () => {
    const head =
      '<mj-style inline="inline">.loud b { color: red }</mj-style><mj-style>@media print { b { color: blue } }</mj-style>'
    const tea = template<object>({
      engine,
      html: page('<mj-text css-class="loud"><b>Hi</b></mj-text>', head),
    })
    const { html } = await sent(tea({ name: 'Ann' }))
    expect(html).toContain('<b style="color: red;">Hi</b>')
    expect(html).toContain('@media print')
  })

  it('takes subject and text as the engine takes them', async () => {
    const tea = template<{ name: string }>({
      engine,
      subject: 'Dear {{name}}',
      text: 'Tea, {{name}}?',
      html: page('<mj-text>Tea</mj-text>'),
    })
    expect(await sent(tea({ name: '<b>' }))).toMatchObject({ subject: 'Dear <b>', text: 'Tea, <b>?' })
  })

  it('repeats blocks that stand in <mj-raw>', async () => {
    const source = page('<mj-raw>{{#teas}}</mj-raw>\n<mj-text>{{tea}}!</mj-text>\n<mj-raw>{{/teas}}</mj-raw>')
    const list = template<object>({ engine, html: source })
    const { text } = await sent(list({ name: 'Ann', teas: [{ tea: 'Assam' }, { tea: 'Darjeeling' }] }))
    expect(text).toMatch(/Assam!\s+Darjeeling!/)
  })

  it('brings any name as it is to HTML, text and subject', async () => {
    const hello = template<{ name: string }>({
      engine,
      html: page(
        '<mj-text><p>Hi {{name}}</p></mj-text>',
        '<mj-style inline="inline">p { color: red }</mj-style>',
      ),
    })
    await assert(
      asyncProperty(hardNames, async (name) => {
        const { subject, text, html } = await sent(hello({ name }))
        expect(subject).toBe(`Tea for ${name}`)
        expect(text).toBe(`Hi ${name}`)
        expect(html).toMatch(/<p style="color: red;">Hi [^<>"]*<\/p>/)
      }),
      { numRuns: 60 },
    )
  })

  it.each<[string, string, string, number]>([
    ['an unknown tag', '<mj-buton>Go</mj-buton>', "Element mj-buton doesn't exist", 6],
    ['an unknown attribute', '\n<mj-button hrf="x">Go</mj-button>', 'Attribute hrf is illegal', 7],
    ['a value of the wrong type', '<mj-image width="wide" src="a.png" />', 'width', 6],
    ['a tag at a wrong place', '<mj-section></mj-section>', 'mj-section cannot be used inside mj-column', 6],
    ['a tag that is not closed', '\n\n<mj-text>Hello', '<mj-text> is not closed', 8],
    [
      'text that MJML would leave out',
      '<mj-text>Hi</mj-text>\n Ann',
      'leaves out text that stands in <mj-column>',
      7,
    ],
    ['a file that is not there', '<mj-include path="nowhere.mjml" />', 'nowhere.mjml', 6],
    ['a value that is not there', '\n<mj-text>Hi\n {{nmae}}</mj-text>', 'nmae is not in the data', 8],
  ])('fails with the line of %s', async (what, body, says, line) => {
    await using folder = await scratchFolder({ 'tea.mjml': page(body) })
    const error = await failureOf(render({ engine, folder: folder.path })('tea', { name: 'Ann' }))
    expect(error).toMatchObject({
      code: 'compose/template',
      location: { file: join(folder.path, 'tea.mjml'), line },
    })
    expect(error.message).toContain(says)
  })

  it.each(['../secret.mjml', '%2e%2e/secret.mjml', 'link.mjml', '/etc/hostname'])(
    'does not include %s, which is outside of the folder',
    async (path) => {
      const files = {
        'mails/tea.mjml': page(`<mj-include path="${path}" />`),
        'secret.mjml': '<mj-text>s3cret</mj-text>',
      }
      await using folder = await scratchFolder(files)
      await symlink('../secret.mjml', join(folder.path, 'mails/link.mjml'))
      const mail = render({ engine, folder: join(folder.path, 'mails') })
      const error = await failureOf(mail('tea', { name: 'Ann' }))
      expect(error.location).toMatchObject({ file: join(folder.path, 'mails/tea.mjml'), line: 6 })
      expect(error.message).toMatch(/is not a file in the folder|there is no file/)
    },
  )

  it('finds the line in a program', async () => {
    const error = await failureOf(
      template<object>({ engine, html: page('<mj-text foo="a">Hi</mj-text>') })({ name: 'Ann' }),
    )
    expect(error).toMatchObject({
      location: { file: import.meta.filename },
      message: expect.stringContaining('foo'),
    })
  })
})

describe('MJML after an engine', () => {
  const engine = mjml({ engine: curly })

  it.each<[string, string, number]>([
    ['below a block that is gone', '{{#none}}\nx\ny\n{{/none}}\n<mj-text foo="1">Hi {{name}}</mj-text>', 10],
    [
      'on a line of its own words',
      '{{#none}}\n\n{{/none}}<mj-text>{{name}}</mj-text>\n<mj-text\n  foo="{{name}}"\n>Hi</mj-text>',
      9,
    ],
  ])('fails with the line of the source %s', async (_, body, line) => {
    await using folder = await scratchFolder({ 'tea.mjml': page(body) })
    const error = await failureOf(render({ engine, folder: folder.path })('tea', { name: 'Ann', none: [] }))
    expect(error.location).toMatchObject({ file: join(folder.path, 'tea.mjml'), line })
  })

  it('shows the markup where the source does not have the line', async () => {
    const body = '{{#rows}}<mj-text {{name}}="1">{{tea}}</mj-text>{{/rows}}'
    await using folder = await scratchFolder({ 'tea.mjml': page(body) })
    const rows = [{ tea: 'Assam' }, { tea: 'Ceylon' }]
    const error = await failureOf(render({ engine, folder: folder.path })('tea', { name: 'foo', rows }))
    expect(error.location).toMatchObject({
      file: join(folder.path, 'tea.mjml'),
      line: undefined,
      excerpt: expect.stringContaining('> 6 | <mj-text foo="1">Assam</mj-text>'),
    })
  })

  it('refuses an included file with something for the engine, which would be sent as it is', async () => {
    await using folder = await scratchFolder({
      'tea.mjml': page('<mj-include path="hello.mjml" />'),
      'hello.mjml': '<mj-text>Hello {{name}}</mj-text>',
    })
    const error = await failureOf(render({ engine, folder: folder.path })('tea', { name: 'Ann' }))
    expect(error.location).toMatchObject({ file: join(folder.path, 'hello.mjml') })
    expect(error.message).toContain('partial of curly')
    const once = render({ engine: mjml({ engine: curly, once: true }), folder: folder.path })
    expect((await sent(once('tea', { name: 'Ann' }))).text).toBe('Hello Ann')
  })
})

describe.each<[string, TemplateEngine]>([
  ['with the engine first', mjml({ engine: curly })],
  ['without an engine', mjml()],
])('the files of mj-include, %s,', (_, engine) => {
  it('are looked at again when they have changed', async () => {
    await using folder = await scratchFolder({
      'orders/tea.mjml': page('<mj-include path="../foot.mjml" />'),
      'foot.mjml': '<mj-include path="./city.mjml" />',
      'city.mjml': '<mj-text>London</mj-text>',
    })
    const mail = render({ engine, folder: folder.path, reload: true })
    expect((await sent(mail('orders/tea', { name: 'Ann' }))).text).toBe('London')
    await writeFile(join(folder.path, 'city.mjml'), '<mj-text>Edinburgh</mj-text>')
    expect((await sent(mail('orders/tea', { name: 'Ann' }))).text).toBe('Edinburgh')
    await writeFile(join(folder.path, 'city.mjml'), '\n<mj-text foo="1">Edinburgh</mj-text>')
    const error = await failureOf(mail('orders/tea', { name: 'Ann' }))
    expect(error.location).toMatchObject({ file: join(folder.path, 'city.mjml'), line: 2 })
    await writeFile(join(folder.path, 'city.mjml'), '<mj-text>Bath</mj-text>')
    expect((await sent(mail('orders/tea', { name: 'Ann' }))).text).toBe('Bath')
  })
})

describe('an included file', () => {
  it('has no absolute path, not even in the folder: MJML would leave it out', async () => {
    await using folder = await scratchFolder({ 'foot.mjml': '<mj-text>London</mj-text>' })
    const path = join(folder.path, 'foot.mjml')
    await writeFile(join(folder.path, 'tea.mjml'), page(`<mj-include path="${path}" />`))
    const error = await failureOf(render({ engine: mjml(), folder: folder.path })('tea', {}))
    expect(error.location).toMatchObject({ file: join(folder.path, 'tea.mjml'), line: 6 })
  })

  it('is among the files of a template that fails, which a preview watches', async () => {
    await using folder = await scratchFolder({
      'tea.mjml': page('<mj-include path="foot.mjml" />'),
      'foot.mjml': '<mj-text foo="1">London</mj-text>',
    })
    const html = pathToFileURL(join(folder.path, 'tea.mjml'))
    const filled = template<object>({ engine: mjml({ engine: curly }), html })({ name: 'Ann' })
    expect((await failureOf(filled)).location?.file).toBe(join(folder.path, 'foot.mjml'))
    expect(filled.files()).toContain(join(folder.path, 'foot.mjml'))
  })
})

describe('MJML of a function', () => {
  it('is what the function returns', async () => {
    const tea = template<{ name: string }>({
      engine: mjml(),
      html: ({ name }) =>
        `<mjml><mj-body><mj-section><mj-column><mj-text>Hi ${name}</mj-text></mj-column></mj-section></mj-body></mjml>`,
      subject: ({ name }) => `Tea, ${name}`,
    })
    expect(await sent(tea({ name: 'Ann' }))).toMatchObject({ subject: 'Tea, Ann', text: 'Hi Ann' })
  })

  it('fails with the line of the program', async () => {
    const tea = template<{ name: string }>({
      engine: mjml(),
      html: ({ name }) => `<mjml><mj-body><mj-section><mj-column>
          <mj-text foo="function">Hi ${name}</mj-text>
        </mj-column></mj-section></mj-body></mjml>`,
    })
    const error = await failureOf(tea({ name: 'Ann' }))
    expect(error.location).toMatchObject({
      file: import.meta.filename,
      excerpt: expect.stringMatching(/> \d+ | +<mj-text foo="function">/),
    })
  })
})

describe('mjml()', () => {
  it.each<[object, string]>([
    [{ onze: true }, 'onze'],
    [{ engine: {} }, 'the engine of mjml()'],
    [{ options: { filePath: '.' } }, 'filePath'],
  ])('refuses %o', (options, says) => {
    expect(() => mjml(options)).toThrow(says)
  })

  it.each(['', 'hello', '<mjml></mjml>', '<mj-body></mj-body>'])(
    'refuses %o, which is not MJML',
    async (html) => {
      const error = await failureOf(template<object>({ engine: mjml(), html })({}))
      expect(error).toMatchObject({ code: 'compose/template', location: { file: import.meta.filename } })
      expect(error.message).toContain('not MJML')
    },
  )

  it('passes options to MJML', async () => {
    const html = page('<mj-text>Hi</mj-text><!-- secret -->')
    const quiet = template<object>({ engine: mjml({ options: { keepComments: false, fonts: {} } }), html })
    const mail = await sent(quiet({}))
    expect(mail.html).not.toMatch(/secret|googleapis/)
  })
})
