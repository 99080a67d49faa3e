import { isAscii } from 'node:buffer'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import { comparable, parsedTwice, type Mailbox, type Parsed } from './parsed.ts'

const DATE = new Date('2026-03-01T12:05:06Z')

/** Characters of every plane, those that matter in mail more often than others. */
const character = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '"',
      '\\',
      '=?',
      '?=',
      '=',
      '.',
      ',',
      ';',
      '<',
      '>',
      '@',
      '(',
      ')',
      '%',
      "'",
      '  ',
      ' ',
    ),
  },
)
// oxlint-disable-next-line no-control-regex -- core refuses them in header fields
const inHeader = fc
  .string({ unit: character, maxLength: 120 })
  .map((text) => text.replace(/[\r\n\0]/g, '').trim())
const line = fc.oneof(
  fc.string({ unit: character, maxLength: 100 }),
  fc.constantFrom(
    '',
    '.',
    '..',
    '. ',
    'From me',
    '--',
    ' ',
    '\t',
    'x'.repeat(76),
    'x'.repeat(998),
    'x'.repeat(2000),
    'ü'.repeat(1000),
  ),
)
const body = fc
  .array(fc.tuple(line, fc.constantFrom('\r\n', '\n', '\r')), { maxLength: 12 })
  .map((lines) => lines.flat().join(''))
const address = fc
  .tuple(
    fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(?:\.[a-z0-9]{1,20})?$/),
    fc.stringMatching(/^[a-z0-9]{1,20}$/),
  )
  .map(([local, domain]) => `${local}@${domain}.example`)
const mailbox = fc.record({ name: inHeader, address })
const attachment = fc.record({
  filename: inHeader.filter((name) => name !== '').map((name) => `${name}.bin`),
  content: fc.uint8Array({ maxLength: 300 }),
})

const input: fc.Arbitrary<MessageInput> = fc.record(
  {
    from: mailbox,
    to: fc.array(mailbox, { minLength: 1, maxLength: 6 }),
    cc: fc.array(mailbox, { maxLength: 3 }),
    subject: inHeader,
    text: body,
    html: body,
    headers: fc.record({ 'X-Custom': inHeader }),
    attachments: fc.array(attachment, { maxLength: 3 }),
  },
  { requiredKeys: ['from', 'to', 'subject'] },
)

/** What both parsers find, and the lines that break a rule. */
async function arrived(message: MessageInput, eightBitMime = false): Promise<unknown> {
  const composed = compose(toMessage({ ...message, messageId: '<id@example.com>', date: DATE }), {
    eightBitMime,
  })
  const broken = brokenRules(composed.bytes!, composed.eightBit || composed.smtputf8)
  return [broken, ...(await parsedTwice(composed.bytes!))]
}

/** What `arrived` is to answer. */
function sent(message: MessageInput): unknown {
  const parsed: Parsed = {
    from: [message.from as Mailbox],
    to: message.to as Mailbox[],
    cc: (message.cc ?? []) as Mailbox[],
    subject: message.subject ?? '',
    custom: (message.headers?.['X-Custom'] as string | undefined) ?? '',
    messageId: '<id@example.com>',
    date: DATE.toISOString(),
    text: comparable(message.text ?? ''),
    html: comparable(message.html ?? ''),
    attachments: (message.attachments ?? []).map(({ filename, content }) => ({
      filename,
      type: 'application/octet-stream',
      disposition: 'attachment',
      contentId: undefined,
      content: Buffer.from(content as Uint8Array).toString('base64'),
    })),
  }
  return [[], parsed, parsed]
}

/** RFC 5322 section 2.1.1, RFC 2045 sections 2.7 and 2.8, RFC 2047 section 2. */
function brokenRules(bytes: Buffer, eightBit: boolean): string[] {
  const text = bytes.toString('latin1')
  const lines = text.split('\r\n')
  const header = lines.slice(0, lines.indexOf(''))
  return [
    ...(/\r(?!\n)|(?<!\r)\n/.test(text) ? ['a bare line end'] : []),
    ...(text.includes('\0') ? ['a NUL'] : []),
    ...(text.endsWith('\r\n') ? [] : ['no line end at the end']),
    ...(eightBit || isAscii(bytes) ? [] : ['8bit unannounced']),
    ...lines.filter((each) => each.length > 998),
    ...lines.filter((each) => each.includes('=?utf-8?') && each.length > 76),
    // Longer than 78 only with a word that cannot be folded.
    ...header.filter((each) => each.length > 78 && !/(?:^| )\S{60,}$/.test(each)),
  ]
}

describe('two parsers read exactly what was composed', () => {
  it('for any message', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(input, fc.boolean(), async (message, eightBitMime) => {
        expect(await arrived(message, eightBitMime)).toEqual(sent(message))
      }),
      { numRuns: 300 },
    )
  })

  it('for a thousand recipients', async () => {
    const to = Array.from({ length: 1000 }, (_, index) => ({
      name: ['', `Empfänger ${index}`, `Last, First ${index}`][index % 3]!,
      address: `recipient.${index}@example.com`,
    }))
    const message = { from: { name: '', address: 'a@example.com' }, to, text: 'Hi' }
    expect(await arrived(message)).toEqual(sent(message))
  })

  it('for a character of every plane', async () => {
    const planes = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0xfedc))
    const name = `x${planes.join('')}`
    const message = {
      from: { name, address: 'a@example.com' },
      to: [{ name, address: 'b@example.com' }],
      subject: name.repeat(5),
      text: name.repeat(100),
      html: name,
      attachments: [{ filename: `${name.repeat(3)}.bin`, content: Uint8Array.of(0, 255) }],
    }
    expect(await arrived(message)).toEqual(sent(message))
  })

  it('for addresses beyond ASCII', async () => {
    const from = { name: 'Ünal', address: 'ünal@example.com' }
    const to = [{ name: '', address: '日本@example.com' }]
    const { bytes, smtputf8 } = compose(toMessage({ from, to, text: 'x' }))
    expect(smtputf8).toBe(true)
    for (const parsed of await parsedTwice(bytes!)) expect(parsed).toMatchObject({ from: [from], to })
  })

  it('for inline images and an invitation', async () => {
    const { bytes } = compose(
      toMessage({
        from: 'a@example.com',
        to: 'b@example.com',
        text: 'Come',
        html: '<img src="cid:map@x">',
        calendar: { method: 'request', content: 'BEGIN:VCALENDAR\r\nSUMMARY:Größe\r\nEND:VCALENDAR\r\n' },
        attachments: [{ filename: 'map.png', contentId: 'map@x', content: Uint8Array.of(1, 2, 3) }],
      }),
    )
    for (const parsed of await parsedTwice(bytes!)) {
      expect(parsed).toMatchObject({ text: 'Come', html: '<img src="cid:map@x">' })
      const image = {
        filename: 'map.png',
        type: 'image/png',
        disposition: 'inline',
        contentId: '<map@x>',
        content: 'AQID',
      }
      expect(parsed.attachments).toContainEqual(image)
      const invitation = parsed.attachments.find(({ type }) => type === 'text/calendar')
      expect(comparable(Buffer.from(invitation!.content, 'base64').toString())).toContain('SUMMARY:Größe')
    }
  })
})
