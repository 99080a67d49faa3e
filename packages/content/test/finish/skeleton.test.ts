import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cssInliner } from '../../src/finish/css-inliner.ts'
import { selectorsOf } from '../../src/finish/css-parts.ts'
import { edited } from '../../src/finish/edit.ts'
import { MARK, readInlined } from '../../src/finish/inlined.ts'
import { scan } from '../../src/finish/scan.ts'
import { skeleton } from '../../src/finish/skeleton.ts'

const SELECTORS = [
  'p',
  '.a',
  '#i',
  'td > a',
  'table tr',
  'div p',
  'p + p',
  'h1 ~ .b',
  'a:hover',
  'td:first-child',
  'tr:nth-child(2n+1)',
  'p:empty',
  'span:not(.a)',
  'a[href]',
  '[title="x"]',
  'input[type=hidden i]',
  ':lang(de)',
  'a:link',
  '[href*="{"]',
  String.raw`.a\:b`,
  '*',
  'li:last-child',
  ':root',
]
const NAMES = [
  'p',
  'a',
  'table',
  'tr',
  'td',
  'div',
  'h1',
  'span',
  'li',
  'ul',
  'b',
  'input',
  'br',
  'body',
  'head',
  'title',
  'pre',
  'font',
  'o:p',
]
const ATTRIBUTES = [
  'class="a b"',
  "class='b'",
  'class=a',
  'id=i',
  'href="https://a.example/{?a=1&amp;b=>"',
  'title=x',
  'style="color: red"',
  "style='margin:0'",
  'lang="de"',
  'type=hidden',
  'nowrap',
  'alt=""',
  'data-css-inline=ignore',
  'hidden/',
]
const TEXTS = [
  ' ',
  '\n',
  '\n  ',
  'x',
  ' words & more ',
  '&amp;&nbsp;',
  '&#32;',
  '1 < 2',
  '\0',
  '&copy',
  '<!-- <p> -->',
  '<!---->',
  '<!--> x -->',
  '<!-- --!> x',
  '<!doctype html>',
  '<![CDATA[x]]>',
  '<?x?>',
  '</p',
  '</>',
  '<!--[if mso]><table class="a"><![endif]-->',
]

const tag = fc
  .tuple(
    fc.constantFrom(...NAMES),
    fc.array(fc.constantFrom(...ATTRIBUTES), { maxLength: 3 }),
    fc.constantFrom('>', ' >', '/>', ' />'),
  )
  .map(([name, attributes, end]) => `<${[name, ...attributes].join(' ')}${end}`)
const closing = fc.constantFrom(...NAMES).map((name) => `</${name}>`)
const html = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: tag },
      { weight: 3, arbitrary: closing },
      { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
    ),
    { maxLength: 25 },
  )
  .map((pieces) => pieces.join(''))
const css = fc
  .uniqueArray(fc.constantFrom(...SELECTORS), { minLength: 1, maxLength: 4 })
  .map((selectors) =>
    selectors.map((selector, index) => `${selector} { padding: ${index}px; top: "}" }`).join('\n'),
  )

describe('HTML that is shortened for the library', () => {
  it('has the same styles as the whole', async () => {
    const inline = await cssInliner()
    await fc.assert(
      fc.asyncProperty(html, css, async (body, sheet) => {
        const whole = `<style ${MARK}="sheet">${sheet}</style>${body}`
        const scanned = scan(whole)
        const mark = (_: unknown, index: number): string => `${MARK}="${index}"`
        const marks = scanned.tags.flatMap(({ inComment, nameEnd }, index) =>
          inComment || index === 0
            ? []
            : [{ start: nameEnd, end: nameEnd, text: ` ${mark(undefined, index)}` }],
        )
        const text = { start: whole.indexOf('>') + 1, end: whole.indexOf('</style>'), text: sheet }
        const short = skeleton(whole, scanned, selectorsOf(sheet), (each, index) =>
          index === 0 ? '' : mark(each, index),
        )
        if (!short) return
        expect(readInlined(await inline(edited(whole, [text, ...short])))).toStrictEqual(
          readInlined(await inline(edited(whole, marks))),
        )
      }),
      {
        examples: [
          // The browser reads the whole address as a value of the tag at the end.
          ['</p<p href="https://a.example/{?a=1&amp;b=>"><p>', 'p { top: 0 }'],
          ['<pre>\n</pre><p>  </p><p></p>', 'p:empty, pre:empty { top: 0 }'],
          ['<table> <p class=a>x</p> <!-- --><tr title=x>&#32;<td>', '.a, [title] { top: 0 }'],
          ['<table><input type=hidden><input>', 'table > input { top: 0 }'],
        ],
        numRuns: 500,
      },
    )
  })

  it('is the same for mails that differ only in texts and addresses', () => {
    const mail = (name: string, id: string): string =>
      `<p class="a">Dear <b>${name}</b>,<!-- ${id} --><a href="https://a.example/${id}" title="${name}">go</a>`
    const short = (whole: string): string =>
      edited(
        whole,
        skeleton(whole, scan(whole), 'p.a a:hover', () => '')!,
      )
    expect(short(mail('Zoë &amp; Tom', '17'))).toBe(short(mail('Ann', '4242')))
    expect(short(mail('Ann', '17'))).toMatch(/^<p *class="a" *>x<b *>x<\/b>,<!----><a *>x<\/a>$/)
  })
})

describe('the selectors of a style sheet', () => {
  it.each([
    ['p { color: red } .a:hover, b { top: 0 }', 'p   .a:hover, b  '],
    ['a[title="{"] { top: "}" } i {}', 'a[title="{"]   i  '],
    ['/* a:b { */ p { /* " */ } q {}', '  p   q  '],
    ['', ''],
  ])('of %s', (styleSheet, selectors) => {
    expect(selectorsOf(styleSheet)).toBe(selectors)
  })
})
