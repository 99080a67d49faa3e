import { describe, expect, it } from 'vitest'
import { textOf } from '../../src/finish/text-of.ts'

describe('the text of HTML', () => {
  it.each<[string, string, string]>([
    ['headings as they are', '<h1>Hello <b>Ann</b></h1><p>x</p>', 'Hello Ann\n\nx'],
    [
      'a link with its URL',
      '<a href="https://a.example/?a=1&amp;b=2">Open it</a>',
      'Open it (https://a.example/?a=1&b=2)',
    ],
    ['a link whose text is the URL once', '<a href="https://a.example/">a.example</a>', 'a.example'],
    [
      'a link whose text is the whole URL once',
      '<a href="https://a.example/x y">https://a.example/x y</a>',
      'https://a.example/x y',
    ],
    ['an address once', '<a href="mailto:a@a.example?subject=x">a@a.example</a>', 'a@a.example'],
    ['a telephone number once', '<a href="tel:+1555123">+1 555-123</a>', '+1 555-123'],
    ['a link without a URL as text', '<a href="#top">up</a> <a>x</a> <a href="javascript:1">y</a>', 'up x y'],
    [
      'brackets in a URL so that programs find its end',
      '<a href="https://a.example/(x)">x</a>',
      'x (https://a.example/%28x%29)',
    ],
    ['an image by its words', '<img src="cid:logo" alt="Our logo">', 'Our logo'],
    ['an image without words as nothing', 'a<img src="cid:logo">b<img alt="">', 'ab'],
    [
      'a link around an image',
      '<a href="https://a.example"><img src="cid:b" alt="Shop"></a>',
      'Shop (https://a.example)',
    ],
    [
      'a link around nothing by its URL',
      '<a href="https://a.example"><img src="cid:b"></a>',
      'https://a.example',
    ],
    [
      'a layout in its order',
      '<table role="presentation"><tr><td><table><tr><td><p>A</p></td></tr><tr><td>B</td><td>C</td></tr></table></td></tr></table>',
      'A\n\nB C',
    ],
    [
      'a layout with headings in its order',
      '<table role="presentation"><tr><th>A</th></tr><tr><td>B</td><td>C</td></tr></table>',
      'A\nB C',
    ],
    [
      'data in columns',
      '<table><tr><th>Item</th><th>Price</th></tr><tr><td>Tea</td><td>4.00</td></tr></table>',
      'Item   Price\nTea    4.00',
    ],
    [
      'a caption above its columns',
      '<table><caption>Order</caption><tr><th>Item</th><th>Price</th></tr><tr><td>Tea</td><td>4</td></tr></table>',
      'Order\n\nItem   Price\nTea    4',
    ],
    [
      'terms on lines of their own',
      '<dl><dt>From</dt><dd>Rome</dd><dt>To</dt><dd>Paris</dd></dl>',
      'From\nRome\nTo\nParis',
    ],
    [
      'the parts of a figure on lines of their own',
      '<figure><img alt="Map"><figcaption>The way</figcaption></figure><details><summary>More</summary>x</details>',
      'Map\nThe way\nMore\nx',
    ],
    [
      'raised digits raised',
      'only $8<sup>99</sup>, the 1<sup>st</sup><sup><a href="https://a.example/1">1</a></sup>',
      'only $8⁹⁹, the 1st¹ (https://a.example/1)',
    ],
    ['lists', '<ul><li>a</li><!-- c --><li>b</li></ul><ol><li>c</li></ol>', ' * a\n * b\n\n 1. c'.trim()],
    ['spaces', 'a&nbsp;b &zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp; c', 'a b c'],
    ['emoji and joined letters', '👩‍👩‍👧 می‌خواهم', '👩‍👩‍👧 می‌خواهم'],
    [
      'no style, script, title or comment',
      '<title>t</title><style>p{}</style><script>1</script><!-- c -->x',
      'x',
    ],
    ['what is for all but Outlook', '<!--[if !mso]><!-->a<!--<![endif]--><!--[if mso]>b<![endif]-->', 'a'],
    ['a comment that has no end at once', 'a<!-->b<!--->c', 'abc'],
    ['no hidden preview', '<div style="display: none; max-height:0">pre</div>x', 'x'],
    ['no preview without height', '<div style="max-height:0px;overflow:hidden">pre</div>x', 'x'],
    ['no hidden element', '<p hidden>a</p><p style="visibility:hidden">b</p>x', 'x'],
    [
      'what only Outlook hides',
      '<a style="mso-hide:all" href="https://a.example">Open</a>',
      'Open (https://a.example)',
    ],
    ['what has no size of its own', '<td style="font-size:0px"><p style="font-size:13px">x</p></td>', 'x'],
    ['long lines as they are', `<p>${'word '.repeat(100)}</p>`, 'word '.repeat(100).trim()],
    ['a text as it is', 'Hello', 'Hello'],
    ['nothing', '', ''],
  ])('has %s', async (_, html, text) => {
    expect(await textOf(html)).toBe(text)
  })

  it('loses nothing of a large mail', async () => {
    const html = '<table>' + '<tr><th>a</th><td>hello</td></tr>'.repeat(20_000) + '</table>'
    expect((await textOf(html)).match(/hello/g)).toHaveLength(20_000)
  })

  it('keeps a great many spaces', async () => {
    const line = `a${' '.repeat(300_000)}b`
    expect(await textOf(`<pre>${line}  \t\nc</pre>`)).toBe(`${line}\nc`)
  })

  it('says what to do about HTML that is nested too deep', async () => {
    await expect(textOf(`${'<b>'.repeat(100_000)}x`)).rejects.toThrow('nested too deep')
    expect(await textOf('<p>a<br>'.repeat(5000))).toMatch(/^a\n/)
    expect(await textOf(`${'<div>'.repeat(500)}x`)).toBe('x')
  })
})
