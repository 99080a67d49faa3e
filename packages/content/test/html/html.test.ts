import { describe, expect, it } from 'vitest'
import { html as markup, template, TemplateProblem, type HtmlValue } from '../../src/index.ts'

const EVIL = `"><script>alert('1')</script>&`
const ESCAPED = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;'

describe('html', () => {
  it.each<[string, { toString(): string }, string]>([
    ['a text', markup`<p>${EVIL}</p>`, `<p>${ESCAPED}</p>`],
    ['numbers', markup`${1} ${2n} ${0}`, '1 2 0'],
    ['null, false and nothing', markup`a${null}${false}${''}b`, 'ab'],
    ['HTML', markup`<ul>${markup`<li>${'<'}</li>`}</ul>`, '<ul><li>&lt;</li></ul>'],
    ['a list', markup`${['a', '<', markup`<b>`]}`, 'a&lt;<b>'],
    ['trusted HTML', markup`${markup.raw('<b>')}`, '<b>'],
    ['a quoted attribute', markup`<a title="${EVIL}" b='${EVIL}'>`, `<a title="${ESCAPED}" b='${ESCAPED}'>`],
    ['HTML in an attribute', markup`<a title="${markup`"${'a'}"`}">`, '<a title="&quot;a&quot;">'],
    [
      'a URL',
      markup`<a href="${new URL('https://a.example/?a=1&b=2')}">`,
      '<a href="https://a.example/?a=1&amp;b=2">',
    ],
    [
      'a URL with a scheme of mail',
      markup`<a href="${'mailto:a@a.example'}">`,
      '<a href="mailto:a@a.example">',
    ],
    [
      'an image in a URL',
      markup`<img src="${'data:image/png;base64,AA'}">`,
      '<img src="data:image/png;base64,AA">',
    ],
    [
      'a comment',
      markup`<!--[if mso]><td title="${'-->'}"><![endif]-->`,
      '<!--[if mso]><td title="--&gt;"><![endif]-->',
    ],
    ['a text after a tag with >', markup`<a title="a>b">${'<'}</a>`, '<a title="a>b">&lt;</a>'],
    ['a text after a comment', markup`<!-- <a title=" -->${'<'}`, '<!-- <a title=" -->&lt;'],
    ['a text after a style', markup`<style>a > b {}</style>${'<'}`, '<style>a > b {}</style>&lt;'],
    ['a text after a lone <', markup`1 < 2 ${'<'}`, '1 < 2 &lt;'],
    ['a title', markup`<title>${'</title>'}</title>`, '<title>&lt;/title&gt;</title>'],
    ['a color in a style', markup`<style>p { color: ${'#fff'} }</style>`, '<style>p { color: #fff }</style>'],
    ['a style attribute', markup`<p style="color:${'red'};width:${3}px">`, '<p style="color:red;width:3px">'],
    ['an attribute on a condition', markup`<input ${markup`checked`} ${false}>`, '<input checked >'],
  ])('takes %s', (_, made, text) => {
    expect(String(made)).toBe(text)
  })

  it.each<[string, () => unknown, string]>([
    ['undefined', () => markup`<p>Hello ${undefined as never}`, 'the value after "<p>Hello " is undefined'],
    ['undefined in a list', () => markup`${[undefined as never]}`, 'the first value is undefined'],
    ['an object', () => markup`${{} as never}`, 'is an object, and not text'],
    ['a promise', () => markup`${Promise.resolve('') as never}`, 'await it first'],
    ['a date', () => markup`${new Date() as never}`, 'is a date'],
    ['a function', () => markup`${(() => '') as never}`, 'is a function'],
    ['true', () => markup`${true as never}`, 'is true, and not text'],
    ['no number', () => markup`${Number.NaN}`, 'is not a number'],
    ['an attribute without quotes', () => markup`<a href=${'a'}>`, 'needs quotes around it: href="…"'],
    ['a part of one', () => markup`<a href=a${'a'}>`, 'needs quotes'],
    ['one with a space before it', () => markup`<a href = ${''}>`, 'needs quotes'],
    ['a text as an attribute', () => markup`<a ${'onclick=1'}>`, 'is inside of a tag'],
    ['HTML with a value as an attribute', () => markup`<a ${markup`b=${'c d'}`}>`, 'cannot be made safe'],
    ['a name of an attribute', () => markup`<a data-${'b'}="c">`, 'is inside of a tag'],
    ['a name of a tag', () => markup`<${'b'}>`, 'is inside of a tag'],
    ['a part of the name of a tag', () => markup`<h${1}>`, 'is inside of a tag'],
    ['a script', () => markup`<script>${'1'}</script>`, 'is in a script'],
    [
      'HTML with a value in a script',
      () => markup`<script>${markup`${'1'}`}</script>`,
      'cannot be made safe',
    ],
    ['an event handler', () => markup`<a onClick="${'1'}">`, 'is in a script'],
    ['a style sheet', () => markup`<style>${'} a { background: url(b) }'}</style>`, 'is in a <style>'],
    ['a URL in a style', () => markup`<p style="${'background:url(b)'}">`, 'is in a style'],
    ['a URL that runs a script', () => markup`<a href="${' java\tscript:1'}">`, 'could run a script'],
    ['one behind an empty value', () => markup`<a href=" ${''}${'JavaScript:1'}">`, 'could run a script'],
    ['a page in a URL', () => markup`<a href='${'data:text/html,1'}'>`, 'could run a script'],
    ['an SVG in a URL', () => markup`<img src="${'data:image/svg+xml,1'}" />`, 'could run a script'],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(TemplateProblem)
    expect(make).toThrow(message)
  })

  it('says in which line an undefined value stands', async () => {
    const wrong = template(() => ({
      html: markup`<p>Hello</p>
        <p>${undefined as never}</p>`,
    }))
    await expect(wrong({})({ signal: new AbortController().signal })).rejects.toMatchObject({
      code: 'compose/template',
      location: {
        file: import.meta.filename,
        excerpt: expect.stringMatching(/^> +\d+ \| +<p>\$\{undefined/m),
      },
    })
  })

  it('in a function names what is missing in the data', async () => {
    const welcome = template(({ user, note }: { user: { name: string }; note?: string }) => ({
      html: markup`<p>${note ?? 'no note'}: ${user.name}</p>`,
    }))
    await expect(
      welcome({ user: {} as { name: string } })({ signal: new AbortController().signal }),
    ).rejects.toThrow('user.name is missing in the data')
  })

  it('is the HTML of a template', async () => {
    const context = { signal: new AbortController().signal }
    const whole = template(({ name }: { name: string }) => ({
      html: markup`<title>Hi</title><p>${name}</p>`,
    }))
    expect(await whole({ name: '<b>' })(context)).toMatchObject({
      html: '<title>Hi</title><p>&lt;b&gt;</p>',
      subject: 'Hi',
    })
    const part = template<{ name: string }>({
      html: new URL('no.html', import.meta.url),
      subject: ({ name }) => name,
    })
    expect(part).toBeTypeOf('function')
    const nothing = template<object>({ text: () => undefined })
    await expect(nothing({})(context)).rejects.toThrow('returned nothing')
  })

  it('never lets a text out of its place, whatever it is', () => {
    const pieces = [
      '<',
      '>',
      '"',
      "'",
      '&',
      '-->',
      '</title>',
      '</style',
      '`',
      '=',
      '\0',
      '\u2028',
      '<!--',
      'a',
      ' ',
    ]
    let seed = 7
    const next = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most
    for (let round = 0; round < 500; round++) {
      const text: HtmlValue = Array.from({ length: 6 }, () => pieces[next(pieces.length)]!).join('')
      const made = String(
        markup`<title>${text}</title><!-- ${text} --><p title="${text}" lang='${text}'>${text}</p>`,
      )
      expect(made.match(/[<>"']/g)?.join('')).toBe(`<><><><""''><>`)
    }
  })
})
