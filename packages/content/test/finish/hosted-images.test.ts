import { describe, expect, it } from 'vitest'
import { template, type FinishOptions } from '../../src/index.ts'

const { signal } = new AbortController()
const images = new URL('https://shop.example/mail')

describe('images on a web server', () => {
  it.each([
    ['<img src="logo.png">', '<img src="https://shop.example/mail/logo.png">'],
    ["<img src='/tea/a b.png'>", "<img src='https://shop.example/mail/tea/a%20b.png'>"],
    ['<img src="it\'s (1).png">', '<img src="https://shop.example/mail/it%27s%20%281%29.png">'],
    [
      '<td style="background: url(logo.png)">',
      '<td style="background: url(https://shop.example/mail/logo.png)">',
    ],
    ['<img src="cid:logo">', '<img src="cid:logo">'],
    ['<img src="https://other.example/a.png">', '<img src="https://other.example/a.png">'],
    ['<img src="file:///etc/passwd">', '<img src="file:///etc/passwd">'],
  ])('shows %s from there, and attaches nothing', async (html, expected) => {
    const made = await template(() => ({ html }), { images })({})({ signal })
    expect(made).toMatchObject({ html: expected })
    expect(made.attachments).toBeUndefined()
  })

  it.each<[FinishOptions['images'], RegExp]>([
    ['https://shop.example/mail', /write new URL/],
    ['', /images must be false, or a folder/],
    [new URL('ftp://shop.example/'), /images must be false, or a folder/],
    [true as never, /images must be false, or a folder/],
  ])('are refused as %s when the template is made', (wrong, text) => {
    expect(() => template(() => ({ html: '' }), { images: wrong })).toThrow(text)
    expect(() => template({ html: '<p>', images: wrong })).toThrow(text)
  })
})
