import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { MailError, TemplateContent } from '@loudmail/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { finish } from '../../src/finish/finish.ts'
import type { FinishOptions } from '../../src/index.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
let root = ''
let folder = ''

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finish-'))
  folder = join(root, 'mails')
  await mkdir(join(folder, 'css'), { recursive: true })
  await Promise.all([
    writeFile(join(folder, 'logo.png'), PNG),
    writeFile(join(folder, 'a b.png'), PNG),
    writeFile(join(folder, 'größe.png'), PNG),
    writeFile(join(folder, 'wrong.png'), 'SECRET=1'),
    writeFile(join(folder, '.env'), 'SECRET=1'),
    writeFile(join(folder, 'huge.png'), PNG),
    writeFile(join(root, 'outside.png'), PNG),
    writeFile(
      join(folder, 'mail.css'),
      '\uFEFF@charset "utf-8";\n.a { color: red }\n.a:hover { color: blue }\n',
    ),
    writeFile(join(folder, 'css', 'deep.css'), '.a { background: url("../logo.png") }'),
    writeFile(join(folder, 'broken.css'), 'p { color: red }\n@media print {\n'),
    symlink(join(root, 'outside.png'), join(folder, 'link.png')),
    symlink(folder, join(folder, 'inner')),
  ])
  execFileSync('mkfifo', [join(folder, 'pipe.png')])
  await truncate(join(folder, 'huge.png'), 11 * 1024 * 1024)
})
afterAll(async () => rm(root, { recursive: true }))

async function finished(html: string, options: FinishOptions = {}, reload = false): Promise<TemplateContent> {
  await writeFile(join(folder, 'mail.html'), html)
  const file = join(folder, 'mail.html')
  return finish({ content: { html }, file, files: [], folder, isInlined: false, reload }, options)
}

async function failure(html: string): Promise<MailError> {
  return finished(html).then(
    () => Promise.reject(new Error('it did not fail')),
    (error: MailError) => error,
  )
}

describe('images on disk', () => {
  it.each<[string, (src: string) => string]>([
    ['src', (src) => `<p><img alt='x'  src="${src}"></p>`],
    ['src without quotes', (src) => `<img src=${src} alt=x>`],
    [
      'srcset',
      (src) => `<img srcset="${src} 2x, https://a.example/b.png?a,b 3x" src='https://a.example/b.png'>`,
    ],
    ['background', (src) => `<table><tr><td background="${src}">x`],
    ['a style', (src) => `<p style='a:b; background: URL(${src})'>x</p>`],
    ['a quoted style', (src) => `<p style="background:url(&quot;${src}&quot;)">x</p>`],
    [
      'a style element',
      (src) =>
        `<style>@import url(a.css); @font-face{src:url(b.woff)} p { background: url('${src}') }</style>`,
    ],
    [
      'VML for Outlook',
      (src) => `<!--[if gte mso 9]><v:rect><v:fill type="tile" src="${src}" /></v:rect><![endif]-->`,
    ],
  ])('in %s are attached and shown by cid, and nothing else changes', async (_, html) => {
    const { html: made, attachments = [] } = await finished(html('logo.png'), { inlineCss: false })
    expect(attachments).toMatchObject([
      { filename: 'logo.png', contentType: 'image/png', disposition: 'inline', content: PNG },
    ])
    expect(made).toBe(html(`cid:${attachments[0]!.contentId}`))
  })

  it('are attached once, however often they are shown, and have the same id every time', async () => {
    const html =
      '<img src="logo.png"><img src="./logo.png?v=2#x"><td background="inner/logo.png"><img src="a%20b.png">'
    const first = await finished(html)
    const second = await finished(html, {}, true)
    expect(first.attachments).toHaveLength(2)
    expect(first.attachments!.map(({ contentId }) => contentId)).toEqual([
      expect.stringMatching(/^logo\.[0-9a-f]{16}@loudmail$/),
      expect.stringMatching(/^a-b\.[0-9a-f]{16}@loudmail$/),
    ])
    expect(second).toEqual(first)
  })

  it.each(['größe.png', 'gr%C3%B6%C3%9Fe.png', 'a b.png', ' logo.png '])('may be called %s', async (src) => {
    expect((await finished(`<img src="${src}">`)).attachments).toHaveLength(1)
  })

  it('may be named by their whole path or URL, inside of the folder', async () => {
    expect((await finished(`<img src="${join(folder, 'logo.png')}">`)).attachments).toHaveLength(1)
    expect((await finished(`<img src="file://${join(folder, 'logo.png')}">`)).attachments).toHaveLength(1)
  })

  it.each([
    'https://a.example/a.png',
    'HTTP://a.example/a.png',
    '//a.example/a.png',
    'cid:logo',
    'data:image/png;base64,AA',
    '#a',
    '',
  ])('are not meant by %j, which stays as it is', async (src) => {
    const html = `<img src="${src}">`
    const { html: made, attachments } = await finished(html)
    expect({ made, attachments }).toEqual({ made: html, attachments: undefined })
  })

  it.each<[string, string]>([
    ['../outside.png', 'is outside of the folder'],
    ['%2e%2e/outside.png', 'is outside of the folder'],
    ['..%2foutside.png', 'is outside of the folder'],
    ['x/../../outside.png', 'is outside of the folder'],
    ['/etc/passwd', 'is outside of the folder'],
    ['file:///etc/passwd', 'is outside of the folder'],
    ['file://host/etc/passwd', 'is not a path'],
    ['link.png', 'is a link that leaves the folder'],
    ['.env', 'is a file that is not an image'],
    ['wrong.png', 'is a file that is not an image'],
    ['css', 'is not a file'],
    ['huge.png', 'is larger than 10 MiB'],
    ['pipe.png', 'is not a file'],
    ['none.png', 'is missing'],
    ['logo.png/x', 'is missing'],
    ['a%00.png', 'is not a path'],
    ['%zz.png', 'percent-encoding'],
  ])('are refused as %s', async (src, reason) => {
    const error = await failure(`<p>\n  <img src="${src}">`)
    expect(error.message).toContain(reason)
    expect(error).toMatchObject({
      code: 'compose/template',
      location: { file: join(folder, 'mail.html'), line: 2, column: 13 },
    })
    expect(JSON.stringify(error)).not.toContain('SECRET')
  })

  it('that are missing are named with the path that was looked at', async () => {
    const { message } = await failure('<img src="none.png">')
    expect(message).toContain(
      `"none.png" is missing: there is no file ${relative('', join(folder, 'none.png'))}`,
    )
  })

  it('that come from data fail with the file of the HTML', async () => {
    const content = { html: '<img src="none.png">' }
    const file = join(folder, 'page.html')
    await writeFile(file, '<img src="{{avatar}}">')
    const error = await finish({ content, file, files: [], folder, isInlined: false }, {}).catch(
      (thrown) => thrown,
    )
    expect(error).toMatchObject({ code: 'compose/template', location: { file } })
    expect(error.location.line).toBeUndefined()
  })

  it('are named with the layout that has them', async () => {
    const content = { html: '<img src="none2.png">' }
    const [file, layout] = [join(folder, 'page.html'), join(folder, 'layout.html')]
    await writeFile(file, '<p>')
    await writeFile(layout, '\n<img src="big-none2.png"><img src="none2.png">')
    await expect(
      finish({ content, file, files: [layout], folder, isInlined: false }, {}),
    ).rejects.toMatchObject({ location: { file: layout, line: 2, column: 36 } })
  })

  it('stay as they are with images: false, and may be in another folder', async () => {
    const html = '<img src="outside.png">'
    expect((await finished(html, { images: false })).html).toBe(html)
    expect((await finished(html, { images: root })).attachments).toHaveLength(1)
  })

  it('are read again in development when they change, and once in production', async () => {
    const file = join(folder, 'fresh.png')
    for (const reload of [true, false]) {
      await writeFile(file, PNG)
      const first = await finished('<img src="fresh.png">', {}, reload)
      await writeFile(file, Buffer.concat([PNG, Buffer.from([reload ? 1 : 2])]))
      const second = await finished('<img src="fresh.png">', {}, reload)
      expect(first.html === second.html).toBe(!reload)
    }
  })
})

const MAIL = `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>Your order &amp; more</title>
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->
<!--[if mso]><style>td { font-family: Arial !important }</style><![endif]-->
<style type="text/css">CSS</style>
<style media="print">p { color: black }</style>
</head>
<body class=body bgcolor=#ffffff>
<p class='a' STYLE='margin:0; font-family:"Open Sans"'>Hello&nbsp;Ann &copy;<br/>x<o:p></o:p></p>
<!--[if mso]><v:roundrect href="https://a.example"><w:anchorlock/><![endif]-->
<table><td>no row</table>
</body></html>
`
const CSS = `@import url("https://a.example/font.css");
@font-face { font-family: "A"; src: url(a.woff) }
.a { color: red !important; padding: 1px }
.a:hover { color: blue }
@media (max-width: 600px) { .a { width: 100% !important } }
u + .body .a { color: green }
.b { color: red; &:hover { color: blue } }
`

describe('CSS', () => {
  it('moves into elements, and nothing else of the mail changes', async () => {
    const { html } = await finished(MAIL.replace('CSS', CSS))
    expect(html).toContain(`<p class='a' STYLE="`)
    const style = /STYLE="([^"]*)"/.exec(html!)![1]!
    expect(style).toMatch(/color: red ?!important/)
    expect(style).toContain('margin: 0')
    expect(style).toContain('padding: 1px')
    expect(style).toContain(`'Open Sans'`)
    const left = /<style type="text\/css">([\s\S]*?)<\/style>/.exec(html!)![1]!
    for (const rule of [
      '@import url("https://a.example/font.css");',
      '@font-face {',
      '.a:hover',
      '@media (max-width: 600px) { .a { width: 100% !important } }',
      'u + .body .a',
      '.b { color: red; &:hover { color: blue } }',
    ])
      expect(left).toContain(rule)
    expect(left.indexOf('@import')).toBeLessThan(left.indexOf('.a:hover'))
    expect(left.indexOf('.a:hover')).toBeLessThan(left.indexOf('@media'))
    const restored = html!
      .replace(style, 'margin:0; font-family:"Open Sans"')
      .replace(/STYLE="(.*?"Open Sans")"/, "STYLE='$1'")
    expect(restored.replace(left, 'CSS')).toBe(MAIL)
  })

  it('of @media wins over what was moved, and stays as it is where nothing was moved', async () => {
    const media = '@media (prefers-color-scheme: dark) { p { color: white } }'
    expect((await finished(`<style>p { color: black } ${media}</style><p>x</p>`)).html).toBe(
      '<style>\n @media (prefers-color-scheme: dark) { p { color: white !important } }</style><p style="color: black;">x</p>',
    )
    expect((await finished(`<style>${media}</style><p>x</p>`)).html).toBe(`<style>${media}</style><p>x</p>`)
  })

  it('that is not there leaves every octet as it is', async () => {
    const plain = MAIL.replace('<style type="text/css">CSS</style>', '')
    const { html, subject } = await finished(plain)
    expect({ html, subject }).toEqual({ html: plain, subject: 'Your order & more' })
    expect((await finished(MAIL, { inlineCss: false })).html).toBe(MAIL)
  })

  it.each([
    ['<br/>', '<br style="width: 1px;"/>'],
    ['<br />', '<br style="width: 1px;" />'],
    ['<br id=a/>', '<br id=a/ style="width: 1px;">'],
    ['<br hidden >', '<br hidden style="width: 1px;" >'],
    ['<br style=a:b id="c">', '<br style="width: 1px;a: b" id="c">'],
  ])('has its place in %s', async (tag, made) => {
    expect((await finished(`<style>br { width: 1px }</style>${tag}`)).html).toBe(made)
  })

  it('of which no rule is left has no element left', async () => {
    const { html } = await finished('<style>p { color: red }</style><p>x</p>')
    expect(html).toBe('<p style="color: red;">x</p>')
  })

  it('of a file is taken from the folder', async () => {
    const { html } = await finished('<link href="mail.css" rel="stylesheet"><p class="a">x</p>')
    expect(html).toMatch(
      /^<style>\s*\.a:hover \{ color: blue; \}\s*<\/style><p class="a" style="color: red;">x<\/p>$/,
    )
    const { attachments } = await finished('<link rel=stylesheet href=css/deep.css><p class=a>x')
    expect(attachments).toMatchObject([{ filename: 'logo.png' }])
  })

  it('of a file that is missing or outside fails with the line of its link', async () => {
    for (const [href, reason] of [
      ['none.css', 'is missing'],
      ['.env?.css', 'is not a file that ends in .css'],
      ['../x.css', 'is outside of the folder'],
    ] as const) {
      const error = await failure(`<p>\n<link rel="stylesheet" href="${href}">`)
      expect(error.message).toContain(`the style sheet "${href}" ${reason}`)
      expect(error).toMatchObject({ location: { file: join(folder, 'mail.html'), line: 2 } })
    }
  })

  it('of another host is never fetched', async () => {
    const html =
      '<link rel="stylesheet" href="http://127.0.0.1:1/a.css"><link rel="icon" href="x.ico"><p>x</p>'
    expect((await finished(html)).html).toBe(html)
  })

  it.each([
    ['p { color: red', 'has a { that is not closed'],
    ['p { color: red } }\nb { color: blue }', 'has a } too many'],
    ['p[a { color: red }', 'has a [ that is not closed'],
    ['@media (a { p { color: red } }', 'has a ( that is not closed'],
    ['p:not(a { color: red)', 'has a { that is not closed before a )'],
  ])('whose brackets do not match fails, so that no rule is lost: %j', async (css, reason) => {
    const error = await failure(`<p>\n<style>\n${css}\n</style>`)
    expect(error.message).toContain(reason)
    expect(error).toMatchObject({ code: 'compose/template', location: { line: 3 } })
  })

  it('of a file whose brackets do not match fails with that file', async () => {
    expect(await failure('<link rel="stylesheet" href="broken.css">')).toMatchObject({
      location: { file: join(folder, 'broken.css'), line: 2 },
    })
  })

  it.each([
    'p::before { content: "}" } b { color: red }',
    'p { background: url(data:image/png;base64,AA==) } /* } */ b { color: red }',
    '<!-- b { color: red } -->',
    'p{{color:blue}} b{color:red}',
    '.x\\{y { a: b } b { color: red }',
  ])('with odd parts keeps the other rules: %s', async (css) => {
    expect((await finished(`<style>${css}</style><b>x</b>`)).html).toContain('<b style="color: red;">')
  })

  it('is inlined for many mails at once', async () => {
    const mails = Array.from({ length: 20 }, (_, index) => `<style>p{width:${index}px}</style><p>x</p>`)
    const made = await Promise.all(
      mails.map(async (html) =>
        finish(
          { content: { html }, file: join(folder, 'mail.html'), files: [], folder, isInlined: false },
          {},
        ),
      ),
    )
    expect(made.map(({ html }) => html)).toEqual(
      mails.map((_, index) => `<p style="width: ${index}px;">x</p>`),
    )
  })
})

describe('the subject', () => {
  it.each<[string, string, string | undefined]>([
    ['has no character references', '<title>A &amp;&nbsp;B &eacute;&#x21;</title>', 'A & B é!'],
    ['is on one line', '<title>\n A\n  B </title>', 'A B'],
    ['is not that of a drawing', '<svg><title>No</title></svg><title>Yes</title>', 'Yes'],
    ['is not that of a drawing without an end', '<svg/><title>Yes</title>', 'Yes'],
    ['is not in a comment', '<!--[if mso]><title>No</title><![endif]--><title>Yes</title>', 'Yes'],
    ['has tags as text', '<title>a <b> c</title>', 'a <b> c'],
    ['is not there if the title is empty', '<title> </title>', undefined],
  ])('%s', async (_, html, subject) => {
    expect((await finished(html)).subject).toBe(subject)
  })
})

describe('any HTML', () => {
  it('is completed, or fails as a template', async () => {
    const pieces = [
      '<',
      '>',
      '"',
      "'",
      '<p',
      ' style="',
      'a:b',
      '<style>',
      '</style>',
      '<!--',
      '-->',
      '<!--[if mso]>',
      'url(',
      ')',
      '{',
      '}',
      '<img src=',
      'logo.png',
      '&amp;',
      '</',
      '<table>',
      '<title>',
      '=',
      ' ',
      '\n',
      '\0',
      '\uD800',
      '<svg>',
      '<link rel=stylesheet href=',
      '@media',
      ';',
      '/>',
    ]
    let seed = 11
    const next = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most
    for (let round = 0; round < 400; round++) {
      const html = Array.from({ length: 1 + next(25) }, () => pieces[next(pieces.length)]!).join('')
      try {
        await finish(
          { content: { html }, file: join(folder, 'none.html'), files: [], folder, isInlined: false },
          {},
        )
      } catch (error) {
        expect(error, JSON.stringify(html)).toMatchObject({ code: 'compose/template' })
        expect((error as Error).message, JSON.stringify(html)).toMatch(/the (?:image|style sheet|CSS) /)
      }
    }
  })
})
