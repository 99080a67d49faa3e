import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodedWords } from '../src/header/encoded-word.ts'
import { headerField } from '../src/header/header-field.ts'
import { mailboxWords } from '../src/header/mailbox.ts'
import { parameter, withParameters } from '../src/header/parameter.ts'
import { unstructuredWords } from '../src/header/unstructured.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 300 })

describe('a header field', () => {
  it.each(['a\r\nBcc: x@example.com', 'a\nb', 'a\rb', 'a\0b', '\r\n x'])(
    'with %j in its value is refused',
    (value) => {
      expect(() => headerField('X', [value])).toThrow(
        expect.objectContaining({ code: 'compose/header-injection' }),
      )
    },
  )

  it.each(['', 'A B', 'A:', 'Ä', 'A\r\nB'])('is refused under the name %j', (name) => {
    expect(() => headerField(name, ['value'])).toThrow(
      expect.objectContaining({ code: 'compose/header-injection' }),
    )
  })

  it('with a word that does not fit on any line is refused', () => {
    expect(headerField('X', ['a'.repeat(995)])).toHaveLength(1000)
    expect(() => headerField('X', ['a'.repeat(996)])).toThrow(
      expect.objectContaining({ code: 'compose/invalid-message' }),
    )
    expect(() => headerField('X', ['ü'.repeat(500)])).toThrow(
      expect.objectContaining({ code: 'compose/invalid-message' }),
    )
  })

  it('is folded between words and nowhere else', () => {
    const word = fc.stringMatching(/^[!-~]{1,60}$/)
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const field = headerField('Subject', words)
        expect(field.endsWith('\r\n')).toBe(true)
        expect(field.slice(0, -2).replaceAll('\r\n', '')).toBe(`Subject: ${words.join(' ')}`)
        for (const line of field.split('\r\n')) expect(line.length).toBeLessThanOrEqual(76)
      }),
    )
  })

  it.each([1, 64, 70, 90, 900])(
    'has its first word on the line of its name, also with %i characters',
    (length) => {
      const word = 'x'.repeat(length)
      expect(headerField('In-Reply-To', [word, 'y'])).toMatch(
        new RegExp(`^In-Reply-To: ${word}(?:\r\n)? y\r\n$`),
      )
    },
  )
})

describe('encoded-words', () => {
  it('decode to the same text, are at most 75 characters long, and are never split inside a character', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 80 }), (text, room) => {
        const words = encodedWords(text, room)
        for (const word of words) expect(word).toMatch(/^=\?utf-8\?[QB]\?[!->@-~]*\?=$/)
        for (const word of words) expect(word.length).toBeLessThanOrEqual(75)
        expect(words[0]!.length).toBeLessThanOrEqual(room < 24 ? 75 : room)
        expect(words.map(decodedWord).join('')).toBe(text.toWellFormed())
      }),
    )
  })

  it.each([
    ['Viele liebe Grüße an alle', ['=?utf-8?Q?Viele_liebe_Gr=C3=BC=C3=9Fe_an_alle?=']],
    ['日本語', ['=?utf-8?B?5pel5pys6Kqe?=']],
    ['\ud800', ['=?utf-8?B?77+9?=']],
  ])('of %j', (text, words) => {
    expect(encodedWords(text)).toEqual(words)
  })
})

describe('an unstructured value', () => {
  it.each([
    ['plain words', ['plain words']],
    ['', []],
    [' before', ['=?utf-8?Q?_before?=']],
    [' outer blanks ', ['=?utf-8?Q?_outer_blanks_?=']],
    ['=?utf-8?Q?already?=', ['=?utf-8?B?PT91dGYtOD9RP2FscmVhZHk/PQ==?=']],
    ['a\u0007b', ['=?utf-8?B?YQdi?=']],
    ['Re: Grüße aus Köln an Ann', ['Re:', '=?utf-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?=', 'an', 'Ann']],
    ['"Ünal\'s list" <list.example.com>', ['=?utf-8?B?IsOcbmFsJ3M=?=', 'list"', '<list.example.com>']],
  ])('%j', (value, words) => {
    expect(unstructuredWords('Subject', value)).toEqual(words)
  })

  it('is split only at single blanks when it is long', () => {
    const value = `${'word '.repeat(15)}two  blanks`
    expect(unstructuredWords('Subject', value)).toEqual([
      ...Array.from({ length: 15 }, () => 'word'),
      'two  blanks',
    ])
  })

  it('without a place to fold becomes encoded-words if a line would be too long', () => {
    expect(unstructuredWords('X', 'a'.repeat(995))).toEqual(['a'.repeat(995)])
    expect(unstructuredWords('X', 'a'.repeat(996)).length).toBeGreaterThan(10)
  })
})

describe('a mailbox', () => {
  it.each([
    ['', 'a@example.com'],
    ['Ann Lee', 'Ann Lee <a@example.com>'],
    ["O'Hara-Smith", "O'Hara-Smith <a@example.com>"],
    ['Lee, Ann', '"Lee, Ann" <a@example.com>'],
    ['A. Lee', '"A. Lee" <a@example.com>'],
    ['the "boss" \\o/', '"the \\"boss\\" \\\\o/" <a@example.com>'],
    ['x@example.com', '"x@example.com" <a@example.com>'],
    ['Ann  Lee', '"Ann  Lee" <a@example.com>'],
    ['=?utf-8?Q?x?=', '=?utf-8?B?PT91dGYtOD9RP3g/PQ==?= <a@example.com>'],
    ['日本', '=?utf-8?B?5pel5pys?= <a@example.com>'],
  ])('with the name %j', (name, text) => {
    expect(mailboxWords('To', [{ name, address: 'a@example.com' }]).join(' ')).toBe(text)
  })

  it('is never split inside its address', () => {
    const address = `"a b c"@${'x'.repeat(60)}.example.com`
    const field = headerField(
      'To',
      mailboxWords('To', [
        { name: 'A'.repeat(100), address },
        { name: '', address },
      ]),
    )
    expect(field).toContain(`<${address}>,\r\n ${address}\r\n`)
  })
})

describe('a parameter', () => {
  it.each([
    ['report', ['filename=report']],
    ['report.pdf', ['filename="report.pdf"']],
    ['a b;c.pdf', ['filename="a b;c.pdf"']],
    ['', ["filename*=utf-8''"]],
    ['a"b\\c', ["filename*=utf-8''a%22b%5Cc"]],
    ['ü.pdf', ["filename*=utf-8''%C3%BC.pdf"]],
    ['😀', ["filename*=utf-8''%F0%9F%98%80"]],
  ])('of %j', (value, words) => {
    expect(parameter('filename', value)).toEqual(words)
  })

  it('of a content type that the caller wrote is folded between parameters, not within quotes', () => {
    const type = `multipart/x; a="${'1; '.repeat(20)}"; b=${'2'.repeat(30)};c=3`
    expect(withParameters(type, parameter('boundary', 'x'))).toEqual([
      'multipart/x;',
      `a="${'1; '.repeat(20)}";`,
      `b=${'2'.repeat(30)};`,
      'c=3;',
      'boundary=x',
    ])
  })

  it('decodes to the same value, in sections that fit on their lines and are never split inside a character', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const words = withParameters('attachment', parameter('filename', value))
        for (const word of words) expect(word.length).toBeLessThanOrEqual(75)
        const sections = words.slice(1).map((word) => /=(?:utf-8'')?(.*?);?$/.exec(word)![1]!)
        const isPlain = !words[1]!.startsWith('filename*')
        const read = isPlain ? sections[0]!.replace(/^"|"$/g, '') : sections.map(decodeURIComponent).join('')
        expect(read).toBe(value.toWellFormed())
      }),
    )
  })
})

/** Each word on its own: a character that was split would not come out. */
function decodedWord(word: string): string {
  const [, , method, text] = word.split('?') as [string, string, string, string]
  if (method === 'B') return Buffer.from(text, 'base64').toString()
  return decodeURIComponent(text.replaceAll('_', ' ').replaceAll('%', '%25').replaceAll('=', '%'))
}
