import { previews } from '@loudmail/content/previews'
import type { TemplateContent } from '@loudmail/core'
import { expect, it } from 'vitest'
import { problemsOf } from './shown.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABc3UBGAAAAABJRU5ErkJggg==',
  'base64',
)
const logo = { filename: 'logo.png', content: PNG, contentId: 'logo' }
const words = 'one two three four five six seven eight nine ten'

/** HTML that is right but for this. The text is the same for each. */
const html = (body: string): TemplateContent => ({ html: `<body>${body}</body>`, text: 'Tea?' })

it.each<[why: string, TemplateContent, problem: string]>([
  ['no text', { html: '<p>Tea</p>' }, 'warning text: There is no text part.'],
  ['an empty text', { html: '<p>Tea</p>', text: ' \n' }, 'error text: The text part is empty'],
  [
    'another text',
    { html: `<p>${words}</p>`, text: 'View this mail in a browser' },
    'warning text: The text part has only 0 of the 10 words',
  ],
  [
    'other words in Japanese',
    { html: '<p>東京タワーへの旅行の予約が完了しました</p>', text: 'お茶' },
    'warning text: The text part has only',
  ],
  ['only a subject', {}, 'error text: There is neither HTML nor a text.'],
  ['an empty subject', { ...html('Tea'), subject: ' ' }, 'error subject: The subject is empty.'],
  [
    'a long subject',
    { ...html('Tea'), subject: '🍵'.repeat(101) },
    'warning subject: The subject has 101 characters.',
  ],
  ['a script', html('<script>tea()</script>'), 'warning html: Something that mail programs drop: "script".'],
  [
    'a frame',
    html('<iframe src="https://a.example">'),
    'warning html: Something that mail programs drop: "https://a.example".',
  ],
  [
    'a remote style sheet',
    html('<link rel="stylesheet" href="https://a.example/tea.css">'),
    'warning html: Something that mail programs drop: "https://a.example/tea.css".',
  ],
  [
    'undefined in the subject',
    { ...html('Tea'), subject: 'Hello undefined' },
    'error subject: Left over in the subject: "undefined". A value',
  ],
  [
    'null in the subject',
    { ...html('Tea'), subject: 'Order null' },
    'error subject: Left over in the subject: "null"',
  ],
  [
    'an object in the subject',
    { ...html('Tea'), subject: 'Hi [object Object]!' },
    'error subject: Left over in the subject: "[object Object]". An object',
  ],
  [
    'braces in the subject',
    { ...html('Tea'), subject: 'Hi {{ name }}' },
    'error subject: Left over in the subject: "{{ name }}". The template',
  ],
  [
    'a template literal in the subject',
    { ...html('Tea'), subject: 'Hi ${name}' },
    'error subject: Left over in the subject: "${name}"',
  ],
  [
    'undefined in the HTML',
    html('Hello <b>undefined</b>, undefined!'),
    'error text: Left over in the HTML (2 times): "undefined". A value',
  ],
  ['an amount that is no number', html('Total: $NaN'), 'error text: Left over in the HTML: "NaN"'],
  ['a date that is none', html('On Invalid Date'), 'error text: Left over in the HTML: "Invalid Date"'],
  ['a promise', html('[object Promise]'), 'error text: Left over in the HTML: "[object Promise]"'],
  ['braces', html('Hello {{{name}}}'), 'error text: Left over in the HTML: "{{name}}"'],
  ['a tag of Eta', html('Hello <%= it.name %>'), 'error text: Left over in the HTML: "<%= it.name %>"'],
  ['entities', html('Hello &#123;&#123;name&#125;&#125;'), 'error text: Left over in the HTML: "{{name}}"'],
  [
    'undefined in alt',
    html('<img src="cid:x" alt="undefined" width="9">'),
    'error text: Left over in the HTML: "undefined"',
  ],
  [
    'undefined in the text',
    { html: '<p>Tea</p>', text: 'Tea, undefined' },
    'error text: Left over in the text: "undefined"',
  ],
  [
    'a link without href',
    html('<a>Shop <b>now</b></a><a href=" ">More</a>'),
    'error link: A link without an address (2 times): "Shop now", "More". Give',
  ],
  ['#', html('<a href="#">Shop</a>'), 'error link: A link that leads nowhere (href="#"): "Shop"'],
  [
    'a place that is not there',
    html('<a href="#end">End</a>'),
    'error link: A link to a place that is not in this mail: "#end"',
  ],
  [
    'a relative link',
    html('<a href="/shop">Shop</a>'),
    'error link: A link without https:// and a host in front: "/shop"',
  ],
  [
    'a link without a scheme',
    html('<a href="www.example.com">Shop</a>'),
    'error link: A link without https://',
  ],
  [
    'a link that only lacks the scheme',
    html('<a href="//example.com/">Shop</a>'),
    'error link: A link without https://',
  ],
  [
    'a link that is not valid',
    html('<a href="https://exa mple.com">Shop</a>'),
    'error link: A link with an address that is not valid',
  ],
  [
    'a host that is missing',
    html('<a href="https:///">Shop</a>'),
    'error link: A link with an address that is not valid',
  ],
  ['javascript:', html('<a href="JavaScript:alert(1)">Shop</a>'), 'error link: A link with javascript:'],
  ['file:', html('<a href="file:///tmp/a">Shop</a>'), 'error link: A link that mail programs do not open'],
  [
    'http:',
    html('<a href="http://example.com/">Shop</a>'),
    'warning link: A link without TLS: "http://example.com/"',
  ],
  [
    'localhost',
    html('<a href="http://localhost:3000/confirm">Confirm</a>'),
    'warning link: A link that leads to this machine',
  ],
  [
    'loopback in IPv6',
    html('<a href="http://[::1]:3000/">Confirm</a>'),
    'warning link: A link that leads to this machine',
  ],
  [
    'a private network',
    html('<a href="https://192.168.1.20/">Confirm</a>'),
    'warning link: A link that only works within a private network',
  ],
  [
    'a host without a domain',
    html('<a href="https://shop/">Confirm</a>'),
    'warning link: A link that only works within a private network',
  ],
  [
    'undefined in a link',
    html('<a href="https://example.com/undefined?a=1">Shop</a>'),
    'error link: A link with a part that was not filled in',
  ],
  [
    'null in a link',
    html('<a href="https://example.com/?id=null&amp;a=1">Shop</a>'),
    'error link: A link with a part that was not filled in',
  ],
  [
    'encoded braces in a link',
    html('<a href="https://example.com/%7B%7Bid%7D%7D">Shop</a>'),
    'error link: A link with a part that was not filled in',
  ],
  ['mailto: nobody', html('<a href="mailto:">Write</a>'), 'error link: A link to nobody (mailto:'],
  ['tel: nobody', html('<a href="tel:">Call</a>'), 'error link: A link to nobody (without a number)'],
  [
    'an area without href',
    html('<map><area alt="Door"></map>'),
    'error link: A link without an address: "Door"',
  ],
  [
    'a link around an image',
    html('<a href=""><img src="cid:logo" alt="Logo" width="9"></a>'),
    'error link: A link without an address: "Logo"',
  ],
  ['an image without src', html('<img alt="Logo">'), 'error image: An image without src: "Logo"'],
  ['a relative image', html('<img src="logo.png" width="9">'), 'error image: An image without https://'],
  ['an image on disk', html('<img src="file:///logo.png" width="9">'), 'error image: An image on a disk'],
  [
    'a blob',
    html('<img src="blob:https://example.com/1" width="9">'),
    'error image: An image that mail programs do not load',
  ],
  [
    'an image in the HTML',
    html('<img src="data:image/png;base64,AAAA" width="9">'),
    'error image: An image within the HTML (data:)',
  ],
  [
    'undefined in an image',
    html('<img src="https://example.com/undefined.png" width="9">'),
    'error image: An image with a part of its address',
  ],
  [
    'an image with http:',
    html('<img src="http://example.com/a.png" width="9">'),
    'warning image: An image without TLS',
  ],
  [
    'an image in SVG',
    html('<img src="https://example.com/a.svg?1" width="9">'),
    'warning image: An image in SVG',
  ],
  [
    'an attached image in SVG',
    {
      ...html('<img src="cid:logo" width="9">'),
      attachments: [{ content: '<svg/>', contentType: 'image/svg+xml', contentId: 'logo' }],
    },
    'warning image: An image in SVG',
  ],
  [
    'a cid: that is not there',
    { ...html('<img src="cid:lgo" width="9">'), attachments: [logo] },
    'error image: An image that shows an attachment which is not there: "cid:lgo"',
  ],
  [
    'a background that is not there',
    html('<td style="background: url(cid:back)">'),
    'error image: An image that shows an attachment which is not there: "cid:back"',
  ],
  [
    'an attachment that is not shown',
    { ...html('Tea'), attachments: [logo] },
    'warning image: An attachment with a contentId that the HTML does not show: "logo.png"',
  ],
  [
    'an attachment without HTML',
    { text: 'Tea', attachments: [logo] },
    'warning image: An attachment with a contentId that the HTML does not show',
  ],
  [
    'a width only in CSS',
    html('<img src="https://example.com/a.png" style="height: 2px; max-width:100%">'),
    'warning image: An image with a width only in its style',
  ],
  [
    'an image of 1 MiB',
    {
      ...html('<img src="cid:logo" width="9">'),
      attachments: [{ ...logo, content: Buffer.alloc(1_048_577) }],
    },
    'warning size: An image with more than 1 MiB: "logo.png"',
  ],
  [
    'attachments of 8 MiB',
    { ...html('Tea'), attachments: [{ content: Buffer.alloc(2 ** 23) }] },
    'warning size: The attachments have 8.0 MiB.',
  ],
  [
    'attachments of 19 MiB',
    { ...html('Tea'), attachments: [{ content: Buffer.alloc(19 * 2 ** 20) }] },
    'error size: The attachments have 19.0 MiB.',
  ],
  [
    'more than can be sent',
    { ...html('Tea'), attachments: [{ content: Buffer.alloc(26 * 2 ** 20) }] },
    'error size: The attachments have more than 25.0 MiB.',
  ],
  ['elements that are never closed', html('<font>'.repeat(20_000)), 'error text: More than 1,000 elements'],
])('%s is a problem', async (_why, content, problem) => {
  const found = await problemsOf(content)
  expect(found.filter((each) => each.startsWith(problem))).toHaveLength(1)
})

it.each<[what: string, TemplateContent]>([
  [
    'a whole mail',
    {
      html: `<p>Hello Ann</p><a href="https://example.com/a?b=1&amp;c=2#d">${words}</a>`,
      text: `Hello Ann\n${words}\n`,
    },
  ],
  ['a text alone', { text: 'Hello' }],
  ['few words that differ', html('Hello Ann')],
  ['a shorter text', { html: `<p>${words} ${words.replaceAll('e', 'x')}</p>`, text: words }],
  ['a text whose words are written otherwise', { html: `<p>${words.toUpperCase()}</p>`, text: words }],
  [
    'HTML that has images only',
    { ...html('<img src="cid:logo" alt="" width="9">'), text: '', attachments: [logo] },
  ],
  ['an image by cid', { ...html('<img src="cid:logo" width="9">'), attachments: [logo] }],
  [
    'an id with an @',
    { ...html('<img src="CID:a%40b" width="9">'), attachments: [{ ...logo, contentId: '<a@b>' }] },
  ],
  [
    'a background in CSS',
    {
      html: '<head><style>td { background: url("cid:logo") }</style></head>Tea',
      text: 'Tea',
      attachments: [logo],
    },
  ],
  [
    'an image for Outlook',
    { ...html('<!--[if mso]><v:fill src="cid:logo" /><![endif]-->Tea'), attachments: [logo] },
  ],
  [
    'a comment for Outlook',
    html('<!--[if mso]><a href="#">{{x}}</a><img src="a.png" style="width:1px"><![endif]-->Tea'),
  ],
  [
    'what Outlook does not read',
    html(
      '<!--[if !mso]><!--><a href="https://example.com/">Tea</a><!--<![endif]--><![if !mso]>Tea<![endif]>',
    ),
  ],
  [
    'an attached file with an id',
    { ...html('Tea'), attachments: [{ ...logo, disposition: 'attachment' as const }] },
  ],
  [
    'a place to jump to',
    html(
      '<a name="a"></a><a id="b"></a><h2 id="c d">C</h2><a href="#a">A</a><a href="#c%20d">C</a><a href="#top">Top</a>',
    ),
  ],
  [
    'other schemes',
    html(
      '<a href="tel:+4312345">Call</a><a href="mailto:ann@example.com?subject=Tea">Write</a><a href="myapp://open">Open</a>',
    ),
  ],
  [
    'JSON-LD, and fonts on a server',
    html(
      '<script type="application/ld+json">{}</script><link rel="stylesheet" href="https://fonts.googleapis.com/css?family=Ubuntu">',
    ),
  ],
  ['a mail to whom the reader likes', html('<a href="mailto:?subject=Tea&body=Look">Tell a friend</a>')],
  [
    'code',
    html('<pre>let a = undefined; `${a}`</pre> <code>{{name}}</code> <style>a{color:undefined}</style>'),
  ],
  ['words that look alike', html('undefinedly, null, Naan, foo.undefined, undefined-like')],
  ['braces of CSS', { html: '<style>@media x{a{b:c}}</style>Tea', text: 'Tea' }],
  [
    'an image with a width',
    html(
      '<img src="https://example.com/a.png" width="9" style="width:9px"><img src="https://example.com/b.png">',
    ),
  ],
  ['a link to an address with a port', html('<a href="https://example.com:8443/">Tea</a>')],
  ['a public address in IPv6', html('<a href="https://[2606:4700::1111]/">Tea</a>')],
])('%s is no problem', async (_what, content) => {
  expect(await problemsOf(content)).toEqual([])
})

it('a missing subject is a problem', async () => {
  const preview = await previews({ mail: { text: 'Tea' } }).show('mail', 'default')
  expect(preview!.problems).toMatchObject([
    { kind: 'subject', level: 'error', message: expect.stringMatching(/^There is no subject\./) },
  ])
})

it('a flaw at many places is one problem, with three of them', async () => {
  const links = Array.from({ length: 50 }, (_, at) => `<a href="/${at}">x</a>`).join('')
  expect(await problemsOf(html(links))).toEqual([
    'error link: A link without https:// and a host in front (50 times): "/0", "/1", "/2" and more. A mail has no site that an address could belong to: write the whole address.',
  ])
})

it('a long address is shown in part', async () => {
  const [problem] = await problemsOf(html(`<a href="/${'🍵'.repeat(500)}">x</a>`))
  expect(problem!.length).toBeLessThan(300)
  expect(problem!.isWellFormed()).toBe(true)
})
