import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ContentInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import { withCrlf } from '../src/encoding/line-endings.ts'

const envelope = { from: 'a@example.com', to: 'b@example.com' }
const raw = (content: ContentInput) => compose(toMessage({ raw: content, envelope }))

describe('a raw message', () => {
  it('is sent as it is', () => {
    const bytes = Buffer.from('Subject: x\r\nBcc: c@example.com\r\n\r\n.\r\nhi\r\n')
    expect(raw(bytes)).toEqual({ bytes, size: bytes.length, eightBit: false, smtputf8: false })
  })

  it.each([
    ['Subject: x\n\nhi', 'Subject: x\r\n\r\nhi\r\n'],
    ['A: b\r\n\r\nx\n.\r\nMAIL FROM:<c@example.com>', 'A: b\r\n\r\nx\r\n.\r\nMAIL FROM:<c@example.com>\r\n'],
    ['A: b\r\n\r\nx\r.\r', 'A: b\r\n\r\nx\r\n.\r\n'],
    ['A: b', 'A: b\r\n'],
  ])('%j has CRLF alone', (content, expected) => {
    expect(raw(content).bytes!.toString()).toBe(expected)
  })

  it.each([
    ['A: b\r\n\r\nx\r\n', false, false],
    ['A: b\r\n\r\nü\r\n', true, false],
    ['A: ü\r\n\r\nx\r\n', true, true],
    ['A: ü', true, true],
  ])('%j needs 8BITMIME: %s, SMTPUTF8: %s', (content, eightBit, smtputf8) => {
    expect(raw(content)).toMatchObject({ eightBit, smtputf8 })
  })

  it('is the same as a stream, in any chunks', async () => {
    const text = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', '.', 'a') })
    await fc.assert(
      fc.asyncProperty(fc.array(text), async (parts) => {
        const composed = raw(async function* () {
          yield 'A: b'
          yield* parts
        })
        let out = ''
        for await (const chunk of composed.chunks!) out += chunk.toString()
        const expected = withCrlf(`A: b${parts.join('')}`)
        expect(out).toBe(expected.endsWith('\r\n') ? expected : `${expected}\r\n`)
        expect(composed).toMatchObject({ eightBit: true, smtputf8: false })
      }),
    )
  })

  it('that cannot be read fails with an error that says so', async () => {
    const composed = raw(() => Promise.reject(new Error('gone')))
    const reading = composed.chunks![Symbol.asyncIterator]().next()
    await expect(reading).rejects.toMatchObject({
      code: 'compose/attachment',
      message: expect.stringContaining('the raw message'),
    })
  })
})
