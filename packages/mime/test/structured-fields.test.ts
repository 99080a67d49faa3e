import * as fc from 'fast-check'
import { addressParser, decodeWords } from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import { customField } from '../src/header/custom-field.ts'

/** The value of a field without its folds. */
function unfolded(name: string, value: string): string {
  const field = customField(name, value)
  expect(field.startsWith(`${name}: `)).toBe(true)
  expect(field.endsWith('\r\n')).toBe(true)
  expect(field).toMatch(/^[\r\n\t -~]*$/)
  return field.slice(name.length + 2, -2).replaceAll('\r\n', '')
}

const long = (length: number) => `<https://example.com/u?t=${'e'.repeat(length)}>`

describe('a list of URLs', () => {
  const NAMES = ['List-Unsubscribe', 'list-help', 'List-Subscribe', 'LIST-POST', 'List-Owner', 'List-Archive']
  it.each([...NAMES, 'Archived-At'])('in %s is written as URLs', (name) => {
    expect(unfolded(name, '<https://example.com/ü b>')).toBe('<https://example.com/%C3%BC%20b>')
  })

  it.each([
    ['<https://example.com/u>', '<https://example.com/u>'],
    ['<https://a.example/u>,<mailto:x@a.example>', '<https://a.example/u>, <mailto:x@a.example>'],
    [' <https://a.example/u> ,\t<mailto:x@a.example>, ', '<https://a.example/u>, <mailto:x@a.example>'],
    ['< https://a.example/u >', '<https://a.example/u>'],
    ['<https://a.example/?x=1,2;3&b=(4)>', '<https://a.example/?x=1,2;3&b=(4)>'],
    ['<https://a.example/?q=%C3%BC>', '<https://a.example/?q=%C3%BC>'],
    ['<https://a.example/?q=😀>', '<https://a.example/?q=%F0%9F%98%80>'],
    ['<https://bücher.example:8080/ü>', '<https://xn--bcher-kva.example:8080/%C3%BC>'],
    ['<https://ü:p@bücher.example/>', '<https://%C3%BC:p@xn--bcher-kva.example/>'],
    [
      '<mailto:ü@bücher.example?subject=leave ä>',
      '<mailto:%C3%BC@xn--bcher-kva.example?subject=leave%20%C3%A4>',
    ],
    ['<https://a.example/=?utf-8?Q?x?=>', '<https://a.example/=?utf-8?Q?x?=>'],
    ['<https://a.example/\u0007\u007f>', '<https://a.example/%07%7F>'],
    ['https://a.example/u?x=1,2', '<https://a.example/u?x=1,2>'],
    ['https://a.example/u, mailto:x@a.example', '<https://a.example/u>, <mailto:x@a.example>'],
    ['https://a.example/u,mailto:x@a.example,<b:c>', '<https://a.example/u>, <mailto:x@a.example>, <b:c>'],
    ['<a:b>,, ,<c:d>', '<a:b>, <c:d>'],
    ['NO', 'NO'],
    ['NO (posting is (not) allowed)', 'NO (posting is (not) allowed)'],
    [
      '<mailto:x@a.example> (Leave \\) list), <https://b.example>',
      '<mailto:x@a.example> (Leave \\) list), <https://b.example>',
    ],
  ])('%j is written as %j', (value, expected) => {
    expect(unfolded('List-Unsubscribe', value)).toBe(expected)
  })

  it('has encoded-words only in comments', () => {
    const value = unfolded('List-Post', 'NO (Beiträge sind nicht möglich)')
    expect(value).toMatch(/^NO \( =\?utf-8\?Q\?[^?]*\?= \)$/)
    expect(decodeWords(value)).toBe('NO ( Beiträge sind nicht möglich )')
  })

  it('is folded after commas and nowhere else', () => {
    const urls = [long(60), '<mailto:leave@example.com?subject=leave>', long(200)]
    expect(customField('List-Unsubscribe', urls.join(','))).toBe(
      `List-Unsubscribe: ${urls[0]},\r\n ${urls[1]},\r\n ${urls[2]}\r\n`,
    )
  })

  it('goes out as it is up to 998 octets in a line; longer is an error that names the field and the limit', () => {
    expect(customField('List-Unsubscribe', long(930))).toBe(`List-Unsubscribe: ${long(930)}\r\n`)
    expect(customField('List-Help', `<mailto:x@a.example>, ${long(970)}`)).toContain(`\r\n ${long(970)}\r\n`)
    for (const value of [
      long(990),
      `<mailto:x@a.example>, ${long(990)}`,
      `<https://a.example/${'ü'.repeat(200)}>`,
    ])
      expect(() => customField('List-Unsubscribe', value)).toThrow(
        expect.objectContaining({
          code: 'compose/invalid-message',
          message: expect.stringMatching(/List-Unsubscribe .* octets .* 998/),
        }),
      )
  })

  it.each([
    '<https://a.example',
    'https://a.example>',
    '<a> (b',
    'Abmelden für alle',
    '',
    ' ',
    ',',
    '<a\u0007',
  ])('%j is an error that names the field', (value) => {
    expect(() => customField('List-Unsubscribe', value)).toThrow(
      expect.objectContaining({
        code: 'compose/invalid-message',
        message: expect.stringContaining('List-Unsubscribe'),
        hint: expect.stringContaining('List-Unsubscribe: <https://'),
      }),
    )
  })

  it('is never damaged, whatever the URLs are', () => {
    const url = fc.webUrl({ withQueryParameters: true, withFragments: true })
    fc.assert(
      fc.property(fc.array(url, { minLength: 1, maxLength: 8 }), (urls) => {
        const value = unfolded('List-Archive', urls.map((each) => `<${each}>`).join(' , '))
        expect(value).toBe(urls.map((each) => `<${each}>`).join(', '))
      }),
    )
  })
})

describe('mailboxes', () => {
  const NAMES = [
    'Disposition-Notification-To',
    'Return-Receipt-To',
    'X-Confirm-Reading-To',
    'Errors-To',
    'Resent-From',
    'Resent-To',
    'Resent-Cc',
    'resent-sender',
    'Mail-Followup-To',
    'MAIL-REPLY-TO',
    'Author',
    'X-Original-From',
  ]
  it.each(NAMES)('in %s are written as mailboxes', (name) => {
    const value = unfolded(name, '"Müller, Anna" <anna@example.com>, bob@bücher.example')
    expect(addressParser(value)).toEqual([
      { name: 'Müller, Anna', address: 'anna@example.com' },
      { name: '', address: 'bob@xn--bcher-kva.example' },
    ])
  })

  it('survive with any name', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'ü', ' ', ',', '(', ')', '<', ';', ':', '@', '.', '😀', '=?'),
      maxLength: 100,
    })
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const given = names.map((each) => `"${each}" <a@example.com>`).join(', ')
        const read = addressParser(unfolded('Resent-To', given))
        expect(read.map((each) => each.address)).toEqual(names.map(() => 'a@example.com'))
        const bare = (text: string) => text.replaceAll(' ', '')
        expect(read.map((each) => bare(each.name ?? ''))).toEqual(names.map(bare))
      }),
    )
  })

  it.each([
    ['Anna Müller', 'it has no @'],
    ['a@example.com b@example.com', 'not expected'],
    ['', 'empty'],
    ['"Anna <a@example.com>', 'quote'],
  ])('that are %j are an error that names the field', (value, why) => {
    expect(() => customField('Errors-To', value)).toThrow(
      expect.objectContaining({
        code: 'compose/invalid-address',
        message: expect.stringMatching(new RegExp(`header Errors-To .*${why}`)),
      }),
    )
  })

  it('beyond ASCII before the @ need SMTPUTF8', () => {
    const headers = { 'Return-Receipt-To': 'ü@example.com' }
    const composed = compose(toMessage({ from: 'a@example.com', to: 'b@example.com', text: 'x', headers }))
    expect(composed.smtputf8).toBe(true)
    expect(composed.bytes!.toString()).toContain('Return-Receipt-To: ü@example.com\r\n')
  })
})

describe('a field of tokens', () => {
  it.each([
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
    ['Auto-Submitted', 'auto-replied; owner-email="a@example.com"'],
    ['Precedence', 'bulk'],
    ['Feedback-ID', 'campaign:customer:newsletter:=?x?='],
    ['Content-Language', 'de, en'],
    ['Resent-Message-ID', `<${'a'.repeat(400)}@example.com>`],
    ['Original-Message-ID', '<a@b>'],
    ['Return-Path', '<>'],
    ['X-Priority', '1 (Highest)'],
    ['Authentication-Results', `mx.example.com; ${'dkim=pass header.d=example.com; '.repeat(8)}spf=none`],
    [
      'Received',
      'from a (b [192.0.2.1]) by c with ESMTPS id d for <e@example.com>; Fri, 1 May 2026 10:00:00 +0000',
    ],
    ['DKIM-Signature', `v=1; a=rsa-sha256; b=${'b'.repeat(940)}`],
    ['x-auto-response-suppress', 'DR, RN, NRN, OOF, AutoReply'],
  ])('%s: %s stays as it is', (name, value) => {
    expect(unfolded(name, value)).toBe(value)
  })

  it.each([
    ['Auto-Submitted', 'auto-généré'],
    ['Feedback-ID', 'ü:1:2:3'],
    ['Resent-Message-ID', '<ü@example.com>'],
    ['Precedence', 'bulk\u0007'],
  ])('%s: %s is an error that names the field', (name, value) => {
    expect(() => customField(name, value)).toThrow(
      expect.objectContaining({ code: 'compose/invalid-message', message: expect.stringContaining(name) }),
    )
  })

  it('is folded between words', () => {
    const field = customField('X-Auto-Response-Suppress', 'AutoReply, '.repeat(20) + 'OOF')
    for (const line of field.split('\r\n')) expect(line.length).toBeLessThanOrEqual(76)
  })

  it('that is longer than a line may be is an error that names the field and the limit', () => {
    expect(() => customField('Feedback-ID', 'a'.repeat(1000))).toThrow(/Feedback-ID .* 998/)
  })
})

describe('List-ID', () => {
  it.each([
    ['<list.example.com>', '<list.example.com>'],
    ['list.example.com', 'list.example.com'],
    ['Our list <list.example.com>', 'Our list <list.example.com>'],
    ['"Our, list" <list.example.com>', '"Our, list" <list.example.com>'],
    ['"Ünal\'s list" <list.example.com>', '=?utf-8?B?w5xuYWwncyBsaXN0?= <list.example.com>'],
    ['Grüße< list.bücher.example >', '=?utf-8?B?R3LDvMOfZQ==?= <list.xn--bcher-kva.example>'],
  ])('%j is written as %j', (value, expected) => {
    expect(unfolded('List-ID', value)).toBe(expected)
  })

  it.each(['Liste <a b ü>', 'Grüße', 'Liste <>'])('%j is an error that names the field', (value) => {
    expect(() => customField('List-Id', value)).toThrow(
      expect.objectContaining({
        code: 'compose/invalid-message',
        message: expect.stringContaining('List-Id'),
      }),
    )
  })
})

describe('keywords', () => {
  it.each([
    ['mail, delivery report', 'mail, delivery report'],
    ['Grüße, "a, b",  c ,', '=?utf-8?B?R3LDvMOfZQ==?=, "a, b", c'],
  ])('%j are written as %j', (value, expected) => {
    expect(unfolded('Keywords', value)).toBe(expected)
  })
})

describe('any other field', () => {
  it('is unstructured, as Subject is', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'ü', ' ', ',', '<', '>', '"', '😀', '=?'),
      maxLength: 300,
    })
    fc.assert(
      fc.property(text, (value) => {
        const field = customField('X-Note', value)
        for (const line of field.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998)
        expect(decodeWords(field.slice('X-Note:'.length, -2).replaceAll('\r\n', '').replace(/^ /, ''))).toBe(
          value,
        )
      }),
    )
  })

  it('has no empty first line, whatever its name and value are', () => {
    const name = fc.stringMatching(/^X-[a-z]{0,74}$/)
    fc.assert(
      fc.property(name, fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (given, value) => {
        fc.pre(!/[\r\n\0]/.test(value))
        expect(customField(given, value)).toMatch(/^X-[a-z]*: [^\r\n]/)
      }),
    )
  })
})
