import { createHmac, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { UnsubscribeLinks } from '../../src/unsubscribe/index.ts'
import { links, SECRET } from './unsubscribe-server.ts'

const url = 'https://example.com/unsubscribe'
const tokenOf = (link: string): string => new URL(link).searchParams.get('token')!
const readToken = (token: string, by = links): unknown => by.read(`/unsubscribe?token=${token}`)

describe('a link', () => {
  it.each([
    ['ann@rcpt.example', 'newsletter', 'ann@rcpt.example'],
    ['Ann Lee <Ann.Lee@RCPT.Example>', 'News & offers', 'Ann.Lee@rcpt.example'],
    ['grün@bücher.example', 'Grüße 🎉 от нас', 'grün@xn--bcher-kva.example'],
    ['"a b"@rcpt.example', 'a', '"a b"@rcpt.example'],
    [{ address: 'ann@rcpt.example', name: 'Ann' }, '__proto__', 'ann@rcpt.example'],
    [`${'a'.repeat(241)}@rcpt.example`, 'ü'.repeat(100), `${'a'.repeat(241)}@rcpt.example`],
    ['a@[192.0.2.1]', '<script>', 'a@[192.0.2.1]'],
  ])('says whom it unsubscribes from what: %j, %s', (address, list, read) => {
    const link = links.link({ address, list })
    expect(link.address).toBe(read)
    expect(links.read(link.url)).toEqual({ address: read, list })
    // A line of a header has room for 998 octets, with the name of the field.
    expect(link.url.length).toBeLessThan(900)
    expect(tokenOf(link.url)).toMatch(/^[\w-]+$/)
  })

  it('keeps the query that the URL has, and works with what was added behind it', () => {
    const own = new UnsubscribeLinks({ url: `${url}?site=tea`, secret: SECRET, mailto: 'leave@example.com' })
    const link = own.link({ address: 'ann@rcpt.example', list: 'tea' })
    expect(link).toEqual({
      url: expect.stringMatching(/^https:\/\/example\.com\/unsubscribe\?site=tea&token=[\w-]+$/),
      mailto: 'leave@example.com',
      address: 'ann@rcpt.example',
    })
    for (const more of ['', '&utm_source=mail', '#top', '&utm_source=mail#?token=a'])
      expect(own.read(link.url + more)).toEqual({ address: 'ann@rcpt.example', list: 'tea' })
  })

  it('is the same for the same, so that it can be in the header and in the text', () => {
    const subscription = { address: 'ann@rcpt.example', list: 'tea' }
    expect(links.link(subscription)).toEqual(links.link(subscription))
  })
})

describe('what nobody here made is not read', () => {
  const names = [
    ['ann@rcpt.example', 'newsletter'],
    ['a@b.example', 'x'],
    ['ab@c.example', 'xy'],
    ['grün@rcpt.example', 'Grüße'],
  ] as const
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. ~%\0ü'

  it.each(names)('with any character changed: %s, %s', (address, list) => {
    const token = tokenOf(links.link({ address, list }).url)
    expect(readToken(token)).toEqual({ address, list })
    for (let at = 0; at < token.length; at++)
      for (const character of alphabet) {
        if (character === token[at]) continue
        const changed = encodeURIComponent(token.slice(0, at) + character + token.slice(at + 1))
        expect(readToken(changed), changed).toBeUndefined()
      }
  })

  it.each(names)('with characters left out, added or exchanged: %s, %s', (address, list) => {
    const token = tokenOf(links.link({ address, list }).url)
    for (let at = 0; at < token.length; at++) {
      expect(readToken(token.slice(0, at))).toBeUndefined()
      expect(readToken(token.slice(at + 1))).toBeUndefined()
      expect(readToken(token.slice(0, at) + token.slice(at + 1))).toBeUndefined()
      for (const character of alphabet)
        expect(
          readToken(encodeURIComponent(token.slice(0, at) + character + token.slice(at))),
        ).toBeUndefined()
      const [one, other] = [token[at], token[at + 1]]
      if (other !== undefined && one !== other)
        expect(readToken(token.slice(0, at) + other + one + token.slice(at + 2))).toBeUndefined()
    }
    for (const more of ['A', 'AA', 'AAAA', '=', '==', '%00', '%0A'])
      expect(readToken(token + more)).toBeUndefined()
  })

  it('with an address that has a piece of the name of the list', () => {
    const one = links.link({ address: 'a@b.example', list: 'cnews' }).url
    const other = links.link({ address: 'a@b.examplec', list: 'news' }).url
    expect(tokenOf(one)).not.toBe(tokenOf(other))
    expect([links.read(one), links.read(other)]).toMatchObject([{ list: 'cnews' }, { list: 'news' }])
  })

  /** A token as another program would make it, which knows the secret. */
  function made(version: number, purpose = 'loudmail unsubscribe\0'): string {
    const content = Buffer.from([version, 11, ...Buffer.from('a@b.examplex')])
    const mac = createHmac('sha256', SECRET).update(purpose).update(content).digest()
    return Buffer.concat([content, mac]).toString('base64url')
  }

  it('with another version, or with what the secret signed for another purpose', () => {
    // Mails that were sent keep their links: the form of a token must not change.
    expect(made(1)).toBe(tokenOf(links.link({ address: 'a@b.example', list: 'x' }).url))
    for (const forged of [made(0), made(2), made(1, ''), made(1, 'another purpose')])
      expect(readToken(forged)).toBeUndefined()
  })

  it.each(['', 'A', 'x'.repeat(100_000), '%', '..', '__proto__', 'constructor', 'AQ', '%FF%FE'])(
    'of another form (%#)',
    (token) => {
      expect(readToken(token)).toBeUndefined()
    },
  )

  it('at random', () => {
    for (let count = 0; count < 2_000; count++)
      expect(readToken(randomBytes(count % 200).toString('base64url'))).toBeUndefined()
  })

  it.each(['/unsubscribe', '', '?', '/unsubscribe?token', '/unsubscribe?Token=a', '/unsubscribe#?token=a'])(
    'without a token: %s',
    (link) => {
      expect(links.read(link)).toBeUndefined()
    },
  )

  it('with two tokens', () => {
    const token = tokenOf(links.link({ address: 'a@b.example', list: 'x' }).url)
    expect(links.read(`/?token=${token}&token=${token}`)).toBeUndefined()
  })

  it('with another secret', () => {
    const others = new UnsubscribeLinks({ url, secret: `${SECRET}.` })
    expect(others.read(links.link({ address: 'a@b.example', list: 'x' }).url)).toBeUndefined()
  })
})

describe('several secrets', () => {
  const [old, next] = [
    'the old secret of this test, long enough',
    'the next secret of this test, long enough',
  ]
  const subscription = { address: 'ann@rcpt.example', list: 'tea' }
  const before = new UnsubscribeLinks({ url, secret: old })
  const between = new UnsubscribeLinks({ url, secret: [next, old] })
  const after = new UnsubscribeLinks({ url, secret: next })

  it('are all valid, and the first one signs', () => {
    expect(between.read(before.link(subscription).url)).toEqual(subscription)
    expect(between.link(subscription)).toEqual(after.link(subscription))
    expect(after.read(before.link(subscription).url)).toBeUndefined()
  })

  it('are not shown', () => {
    expect(inspect(between, { depth: 9, showHidden: true }) + JSON.stringify(between)).not.toContain('secret')
  })
})

describe('links are refused', () => {
  it.each<[object, string, RegExp]>([
    [{ address: '', list: 'a' }, 'compose/invalid-address', /it is empty/],
    [{ address: undefined, list: 'a' }, 'compose/invalid-message', /exactly one address/],
    [{ address: 'a@b.example, c@d.example', list: 'a' }, 'compose/invalid-message', /exactly one address/],
    [{ address: 'ann', list: 'a' }, 'compose/invalid-address', /no @/],
    [{ address: 'a@b.example\r\nBcc: c@d.example', list: 'a' }, 'compose/header-injection', /a line break/],
    [{ address: `${'a'.repeat(242)}@rcpt.example`, list: 'a' }, 'compose/invalid-message', /254 octets/],
    [{ address: `${'ü'.repeat(130)}@rcpt.example`, list: 'a' }, 'compose/invalid-message', /254 octets/],
    [{ address: 'a@b.example' }, 'compose/invalid-message', /needs the name of a list/],
    [{ address: 'a@b.example', list: ' ' }, 'compose/invalid-message', /needs the name of a list/],
    [{ address: 'a@b.example', list: 'a\r\nBcc: b' }, 'compose/invalid-message', /one line of text/],
    [{ address: 'a@b.example', list: 'a\0' }, 'compose/invalid-message', /one line of text/],
    [{ address: 'a@b.example', list: 'a\u2028b' }, 'compose/invalid-message', /one line of text/],
    [{ address: 'a@b.example', list: '\uD800' }, 'compose/invalid-message', /one line of text/],
    [{ address: 'a@b.example', list: 'ü'.repeat(101) }, 'compose/invalid-message', /200 octets/],
  ])('for %j', (subscription, code, summary) => {
    expect(() => links.link(subscription as Parameters<typeof links.link>[0])).toThrow(
      expect.objectContaining({ code, summary: expect.stringMatching(summary) }),
    )
  })

  it.each<[object, RegExp]>([
    [{ secret: undefined }, /secret is missing/],
    [{ secret: '' }, /secret is missing/],
    [{ secret: [] }, /secret is missing/],
    [{ secret: [SECRET, ''] }, /secret is missing/],
    [{ secret: 'x'.repeat(31) }, /at least 32 characters/],
    [{ secret: [SECRET, 'short-k9'] }, /at least 32 characters/],
    [{ secret: Buffer.alloc(40) }, /at least 32 characters/],
    [{ url: undefined }, /must be an https URL/],
    [{ url: 'example.com' }, /must be an https URL/],
    [{ url: 'http://example.com/' }, /must be an https URL/],
    [{ url: 'https://user:k9@example.com/' }, /no user, no password/],
    [{ url: 'https://example.com/#a' }, /no fragment/],
    [{ url: 'https://example.com/?token=a' }, /parameter token/],
    [{ url: `https://example.com/${'a'.repeat(200)}` }, /200 characters/],
    [{ mailto: 'leave' }, /mailto is not valid/],
    [{ mailto: 'a@b.example\r\n' }, /mailto is not valid/],
    [{ key: SECRET }, /no option "key"/],
  ])('with the options %j', (options, words) => {
    let error: unknown
    try {
      error = new UnsubscribeLinks({ url, secret: SECRET, ...options })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ stage: 'config', summary: expect.stringMatching(words) })
    expect(inspect(error, { depth: 9 })).not.toMatch(/k9|xxx/)
  })

  it('but not with http on this machine, for development', () => {
    for (const local of ['http://localhost:3000/u', 'http://127.0.0.1/u', 'http://[::1]:3000/u'])
      expect(new UnsubscribeLinks({ url: local, secret: SECRET }).url).toBe(local)
  })
})
