import { array, assert, asyncProperty, constantFrom, oneof, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { problemsOf, shown } from './shown.ts'

const piece = oneof(
  constantFrom(
    '<a href="',
    '<a>',
    '</a>',
    '<img src="',
    '<img',
    'cid:',
    '%',
    '%E0',
    '">',
    "'",
    '>',
    '</',
    '<p>',
    '<table><td>',
    '</p>',
    '</br>',
    '<!--',
    '-->',
    '<!--[if mso]>',
    '<![endif]-->',
    '<![CDATA[',
    ']]>',
    '<style>',
    '</style>',
    '<script>',
    '<svg>',
    '<title>',
    '{{',
    '}}',
    '${',
    '<%',
    '%>',
    '[object ',
    '#',
    'mailto:',
    'https://',
    'http://[',
    'data:',
    'undefined',
    ' ',
    '&#',
    '&amp;',
    '\0',
    '\uD800',
  ),
  string({ unit: 'binary', maxLength: 8 }),
)
const anyHtml = array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''))

it('no HTML, text or subject makes a preview fail', async () => {
  await assert(
    asyncProperty(anyHtml, anyHtml, async (html, text) => {
      const { error, problems } = await shown({ html, text, subject: text.replaceAll(/[\r\n\0]/g, ' ') })
      expect(error).toBeUndefined()
      for (const { message } of problems) {
        expect(message).toMatch(/\.$/)
        expect(message.length).toBeLessThan(600)
      }
    }),
    { numRuns: 1_000 },
  )
})

describe('five megabytes take no longer than their length', () => {
  it.each([
    '<b></i>',
    '<a href="#',
    '<a>',
    '{{',
    '{{a',
    '<%',
    '${',
    '[object O',
    '<!--',
    '<img style="',
    ' ',
    '<p>',
    'undefined',
    'cid:',
    'cid:a ',
    '<td>a</td>',
    '<font><a href="/x">x',
    '&',
    '<img src="data:',
    'width ',
    '<a href="https://example.com/',
    '茶',
  ])('of %j', async (part) => {
    const html = part.repeat(Math.ceil(5_000_000 / part.length))
    const problems = await problemsOf({ html, text: html })
    expect(problems.some((each) => each.startsWith('error size'))).toBe(true)
  })
})
