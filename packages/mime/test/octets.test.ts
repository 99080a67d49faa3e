import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dotStuff, dotStuffer, lineEndings } from '@loudmail/mime'
import { base64Length, writeBase64 } from '../src/encoding/base64.ts'
import { withCrlf, withCrlfBytes } from '../src/encoding/line-endings.ts'
import { quotedPrintable } from '../src/encoding/quoted-printable.ts'
import { hasLongLine } from '../src/part/text-part.ts'

/** Short texts in which everything that matters here is frequent. */
const lines = fc.string({
  unit: fc.constantFrom('.', '\r', '\n', '\r\n', '\r\n.', ' ', '\t', 'a', '=', 'ü', '\0'),
})
const cuts = fc.array(fc.nat({ max: 40 }))

function chunked(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size))
    at = Math.min(at + size, bytes.length)
  }
  return [...chunks, bytes.subarray(at)]
}

const stuffed = (text: string) => text.replace(/(^|\r\n)\./g, '$1..')

describe('line ends', () => {
  it.each([
    ['a\nb', 'a\r\nb'],
    ['a\rb', 'a\r\nb'],
    ['a\r\nb', 'a\r\nb'],
    ['\r\r\n\n', '\r\n\r\n\r\n'],
    ['', ''],
  ])('of the text %j', (text, expected) => {
    expect(withCrlf(text)).toBe(expected)
  })

  it('bytes become the same as text, with a CRLF at the end, in any chunks', () => {
    fc.assert(
      fc.property(lines, cuts, (text, sizes) => {
        const right = withCrlf(text)
        const expected = right.endsWith('\r\n') ? right : `${right}\r\n`
        expect(withCrlfBytes(Buffer.from(text)).toString()).toBe(expected)
        const endings = lineEndings()
        const out = chunked(Buffer.from(text), sizes).map((chunk) => endings.push(chunk))
        expect(Buffer.concat([...out, endings.end()]).toString()).toBe(expected)
      }),
    )
  })

  it('correct bytes are not copied', () => {
    const bytes = Buffer.from('a\r\nb\r\n')
    expect(withCrlfBytes(bytes)).toBe(bytes)
  })
})

describe('dot-stuffing', () => {
  it('doubles the dots at the beginning of lines, in any chunks', () => {
    fc.assert(
      fc.property(lines, cuts, (text, sizes) => {
        const right = withCrlf(text)
        expect(dotStuff(Buffer.from(right)).toString()).toBe(stuffed(right))
        const stuff = dotStuffer()
        const out = chunked(Buffer.from(right), sizes).map((chunk) => Buffer.from(stuff(chunk)))
        expect(Buffer.concat(out).toString()).toBe(stuffed(right))
      }),
    )
  })

  it('finds a line after any number of other dots', () => {
    for (let dots = 0; dots < 140; dots++) {
      const text = `${'a.'.repeat(dots)}\r\n.\r\n..\r\n`
      expect(dotStuff(Buffer.from(text)).toString()).toBe(stuffed(text))
    }
  })

  it('does not copy if there is nothing to do', () => {
    const bytes = Buffer.from('a.b\r\nc.\r\n')
    expect(dotStuff(bytes)).toBe(bytes)
  })
})

describe('base64', () => {
  it('decodes to the input, in lines of 76', () => {
    for (const length of [0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 14_591, 14_592, 14_593, 40_000]) {
      const content = Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 7919) >> 3))
      // An odd offset: the code must not assume alignment.
      const out = Buffer.alloc(base64Length(length) + 3)
      expect(writeBase64(content, out, 3)).toBe(out.length)
      const text = out.toString('latin1', 3)
      expect(Buffer.from(text, 'base64').equals(content)).toBe(true)
      expect(text.replace(/(?:[\w+/]{76}\r\n)*/, '')).toMatch(/^(?:[\w+/=]{1,76}\r\n)?$/)
    }
  })
})

describe('quoted-printable', () => {
  it('decodes to the input, in lines of 76 without a blank at the end', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 30 }), (texts) => {
        const text = withCrlf(texts.join(''))
        const encoded = quotedPrintable(Buffer.from(text), Infinity)!.toString('latin1')
        expect(encoded).toMatch(/^(?:[!-~\t ]{0,75}[!-~]\r\n|\r\n)*(?:[!-~\t ]{0,75}[!-~])?$/)
        const plain = encoded.replaceAll('=\r\n', '').replace(/%/g, '%25').replaceAll('=', '%')
        expect(decodeURIComponent(plain)).toBe(text)
      }),
    )
  })

  it('gives up if the result is longer than the limit', () => {
    fc.assert(
      fc.property(lines, fc.nat({ max: 200 }), (text, limit) => {
        const bytes = Buffer.from(withCrlf(text))
        const whole = quotedPrintable(bytes, Infinity)!
        expect(quotedPrintable(bytes, limit)?.toString()).toBe(
          whole.length > limit ? undefined : whole.toString(),
        )
      }),
    )
  })
})

describe('a long line', () => {
  it.each([
    ['a'.repeat(998), false],
    ['a'.repeat(999), true],
    [`${'a'.repeat(998)}\r\n${'a'.repeat(998)}\r\n`, false],
    [`${'a'.repeat(998)}\r\n${'a'.repeat(999)}\r\n`, true],
    [`${'a\r\n'.repeat(2000)}${'a'.repeat(999)}\r\nb`, true],
    [`${'a\r\n'.repeat(2000)}${'a'.repeat(998)}`, false],
  ])('case %#', (text, expected) => {
    expect(hasLongLine(text)).toBe(expected)
    expect(hasLongLine(Buffer.from(text))).toBe(expected)
  })
})
