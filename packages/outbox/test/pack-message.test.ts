import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { MessageInput } from '@loudmail/core'
import { isInMemory, toMessage, type ComposedMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { sealWith } from '../src/message/encryption/seal.ts'
import { packMessage } from '../src/message/pack-message.ts'
import { ID, keptMessage, octetsOf, pack, unpack } from './packed.ts'

const folder = mkdtempSync(join(tmpdir(), 'packing-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const seal = sealWith({ keys: { a: Buffer.alloc(32, 1) } })
const noise = (octets: number) =>
  Buffer.from(Uint8Array.from({ length: octets }, (_, index) => (index * 7919) >> 5))
const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), noise(500)])
const forwarded = 'From: eve@sender.example\r\nSubject: Before\r\n\r\nHi\r\n'
const base: MessageInput = {
  from: 'ann@sender.example',
  to: 'bob@rcpt.example',
  subject: 'Hello',
  text: 'Hi',
  messageId: '<1@sender.example>',
  date: new Date('2026-11-27T10:00:00Z'),
}
const raw =
  'From: ann@sender.example\r\nTo: bob@rcpt.example\r\nMessage-ID: <raw@sender.example>\r\nSubject: raw\r\n\r\n.Hi\n'
const rawEnvelope = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
const long = (text: string, octets: number) => text.repeat(Math.ceil(octets / text.length))

async function* reusing(size: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(size)
  for (let octet = 0; octet < 10; octet++) yield chunk.fill(octet)
}

/** Each is called twice: a bare stream can be read once. */
const messages: Readonly<Record<string, () => MessageInput>> = {
  'a text': () => base,
  'no text, and an attachment': () => ({
    ...base,
    text: undefined,
    attachments: [{ content: 'x', filename: 'a.txt' }],
  }),
  'text, HTML, an inline image and a calendar': () => ({
    ...base,
    html: '<img src="cid:logo">',
    attachments: [{ content: png, contentId: 'logo' }],
    calendar: { method: 'request', content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' },
  }),
  'every header field': () => ({
    ...base,
    from: ['Änn <ann@sender.example>', { name: 'B, "b"', address: 'b@sender.example' }],
    sender: 'ann@sender.example',
    replyTo: 'Re <re@sender.example>',
    cc: ['cc@rcpt.example', 'Grüße <dd@rcpt.example>'],
    bcc: 'secret@rcpt.example',
    inReplyTo: '<0@rcpt.example>',
    references: ['<a@rcpt.example>', '<0@rcpt.example>'],
    headers: {
      'X-One': ['1', '2'],
      Comments: 'grüße 🎉',
    },
    listUnsubscribe: { url: 'https://sender.example/x?a=1', mailto: 'leave@sender.example' },
  }),
  'addresses that need SMTPUTF8': () => ({ ...base, to: 'jürgen@rcpt.example', from: 'ännе@sender.example' }),
  'an attachment without content': () => ({ ...base, attachments: [{ filename: 'empty.bin', content: '' }] }),
  'many empty streams': () => ({
    ...base,
    attachments: Array.from({ length: 20 }, () => ({ filename: 'empty.bin', content: Readable.from([]) })),
  }),
  'bytes that fill the head, and more': () => ({
    ...base,
    attachments: [131_072, 1, 0, 65_536, 200_000].map((size) => ({ content: noise(size) })),
  }),
  'a type guessed from the first octets of bytes': () => ({ ...base, attachments: [{ content: png }] }),
  'a type guessed from the first octets of many bytes': () => ({
    ...base,
    attachments: [{ content: Buffer.concat([png, noise(300_000)]) }],
  }),
  'a type guessed from the first octets of a stream': () => ({
    ...base,
    attachments: [{ content: Readable.from([png]) }],
  }),
  'a type guessed from the file name': () => ({
    ...base,
    attachments: [{ content: noise(10), filename: 'a.pdf' }],
  }),
  'a file': () => ({ ...base, attachments: [{ path: file('a.png', png) }] }),
  'a large file': () => ({
    ...base,
    attachments: [{ path: file('b.bin', noise(300_000)) }, { path: file('a.png', png) }],
  }),
  'an empty file': () => ({ ...base, attachments: [{ path: file('c.txt', '') }] }),
  'a data: URL': () => ({ ...base, attachments: [{ path: 'data:text/plain,Hello%20%C3%BC' }] }),
  'a function that returns a string': () => ({
    ...base,
    attachments: [{ filename: 'a.txt', content: () => 'ü' }],
  }),
  'a function that opens a long text': () => ({
    ...base,
    attachments: [{ filename: 'a.txt', content: async () => Readable.from([long('ü\n', 300_000), 'end']) }],
  }),
  'a web stream': () => ({
    ...base,
    attachments: [{ filename: 'a.bin', content: new Blob([noise(70_000), noise(70_000)]).stream() as never }],
  }),
  'a File': () => ({
    ...base,
    attachments: [{ content: new File([noise(200_000)], 'ä.bin', { type: 'application/x-a' }) }],
  }),
  'a text in another charset, also beyond what is small': () => ({
    ...base,
    attachments: [
      { filename: 'a.txt', content: Buffer.from('gr\xfc\xdfe', 'latin1') },
      { filename: 'b.txt', content: Buffer.concat([Buffer.alloc(1_200_000, 'a'), Buffer.from([0xfc])]) },
      { filename: 'c.txt', content: () => Buffer.from('gr\xfc\xdfe', 'latin1') },
      { filename: 'd.txt', content: () => Buffer.from(`${'a'.repeat(1_200_000)}gr\xfc\xdfe`, 'latin1') },
    ],
  }),
  'a message in a message': () => ({
    ...base,
    attachments: [
      { contentType: 'message/rfc822', content: forwarded },
      { contentType: 'message/rfc822', content: forwarded + long('a line\r\n', 200_000) },
      { contentType: 'message/rfc822', content: () => forwarded },
      { contentType: 'message/rfc822', path: file('m.eml', forwarded) },
    ],
  }),
  'a message in a message, from a function and a file': () => ({
    ...base,
    attachments: [
      { contentType: 'message/rfc822', content: () => forwarded },
      { contentType: 'message/rfc822', path: file('m.eml', forwarded) },
    ],
  }),
  'a source that uses its memory again': () => ({
    ...base,
    attachments: [10, 30_000].map((size) => ({ filename: 'a.pdf', content: () => reusing(size) })),
  }),
  'header fields of a part': () => ({
    ...base,
    attachments: [
      { content: 'x', filename: 'a.txt', headers: { 'Content-Description': 'größe' }, disposition: 'inline' },
    ],
  }),
  'a raw message': () => ({ raw, envelope: rawEnvelope }),
  'a raw message in latin1': () => ({
    raw: Buffer.from(`${raw}gr\xfcn\r\n`, 'latin1'),
    envelope: rawEnvelope,
  }),
  'a large raw message': () => ({ raw: raw + long('a line\n', 300_000), envelope: rawEnvelope }),
  'a raw message from a mailbox file, as a stream': () => ({
    raw: Readable.from(['From ann Fri Nov 27\n', raw, long('x\r', 150_000)]),
    envelope: rawEnvelope,
  }),
  'many recipients': () => ({
    ...base,
    bcc: Array.from({ length: 20_000 }, (_, index) => `r${index}@rcpt.example`),
  }),
  'a long text and HTML': () => ({
    ...base,
    text: long('ü🎉 line\r\n', 200_000),
    html: long('<p>"x"</p>\n', 200_000),
  }),
}

describe.each([
  ['in clear', undefined],
  ['encrypted', seal],
])('kept %s, a message with', (_, own) => {
  it.each(Object.entries(messages))('%s is sent as the same octets', async (_name, input) => {
    const original = toMessage(input())
    const kept = await keptMessage(input(), own)
    expect(await octetsOf(kept)).toBe(await octetsOf(original))
    // Again, as a second attempt does.
    expect(await octetsOf(kept)).toBe(await octetsOf(toMessage(input())))
    expect(kept.envelope).toEqual(original.envelope)
    expect(kept.messageId).toBe(original.messageId)
    expect(kept.replayable).toBe(true)
  })
})

const mailbox = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.stringMatching(/^[a-zü]{1,10}$/))
  .map(([name, local]) => ({
    name: name.replaceAll(/[\p{C}\p{Z}]/gu, ' '),
    address: `${local}@rcpt.example`,
  }))
const text = fc.string({
  unit: fc.constantFrom('a', 'ü', '🎉', '\r\n', '\n', '.', '"', '<', '\0', ' ', '\u2028'),
  maxLength: 200,
})
const line = fc.string({ unit: fc.constantFrom('a', 'ü', '🎉', '"', '\\', ' ', '\u2028'), maxLength: 90 })
const anyContent = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 300 }),
  fc.nat({ max: 300_000 }).map((size) => noise(size)),
  fc.nat({ max: 200_000 }).map((size) => () => noise(size)),
  fc.array(text).map((parts) => () => Readable.from(parts)),
)
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const input = fc.record({
  from: mailbox,
  to: fc.array(mailbox, { minLength: 1, maxLength: 5 }),
  cc: maybe(fc.array(mailbox, { maxLength: 3 })),
  bcc: maybe(mailbox),
  replyTo: maybe(mailbox),
  sender: maybe(mailbox),
  subject: line,
  text: maybe(text),
  html: maybe(text),
  headers: fc.record({ 'X-A': line, 'X-B': fc.array(line, { maxLength: 3 }) }),
  attachments: fc.array(
    fc.record({
      content: anyContent,
      filename: maybe(line),
      contentType: maybe(fc.constantFrom('text/plain', 'message/rfc822', 'image/png', 'text/csv; charset=x')),
      contentId: maybe(fc.constantFrom('logo', 'a@b')),
      disposition: maybe(fc.constantFrom('inline' as const, 'attachment' as const)),
    }),
    { maxLength: 4 },
  ),
  date: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
  messageId: fc.constant('<1@sender.example>'),
  idempotencyKey: maybe(fc.stringMatching(/^[!-~]{1,30}$/)),
  dsn: maybe(
    fc.constantFrom<MessageInput['dsn']>(
      { notify: 'never' },
      { notify: ['success'], ret: 'full', envelopeId: 'x' },
    ),
  ),
  requireTlsOnward: maybe(fc.boolean()),
  transportData: maybe(fc.record({ tags: fc.array(line), data: fc.dictionary(fc.string(), fc.jsonValue()) })),
})

it('any message comes back as it was, for its recipients', async () => {
  await fc.assert(
    fc.asyncProperty(
      input,
      fc.boolean(),
      fc.integer({ min: 1, max: 100_000 }),
      async (given, isSealed, size) => {
        const message = toMessage(given)
        const own = isSealed ? seal : undefined
        const kept = unpack(await pack(message, own), own, size)
        expect(await octetsOf(kept)).toBe(await octetsOf(message))
        expect({ ...kept, attachments: [] }).toEqual({ ...message, attachments: [] })
        const [first = ''] = message.envelope.to
        expect(kept.forRecipients([first]).envelope.to).toEqual([first])
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)

it('content that is small is in memory again, also that of a file or a stream', async () => {
  const attachments = [
    { path: file('d.png', png) },
    { content: () => 'Hi' },
    { content: Readable.from(['Hi']) },
  ]
  expect(isInMemory(await keptMessage({ ...base, attachments }))).toBe(true)
})

it('the size of large content is known, and so is its type', async () => {
  const attachments = [{ content: () => Readable.from([png, noise(200_000)]) }]
  const kept = (await keptMessage({ ...base, attachments })) as ComposedMessage
  expect(kept.attachments[0]!.size?.()).toBe(200_000 + png.length)
  expect(kept.attachments[0]!.contentType).toBe('image/png')
  expect(compose(kept).size).toBeGreaterThan(260_000)
})

it('the chunks of large content may be collected', async () => {
  const content = noise(300_000)
  const kept = (await keptMessage({ ...base, attachments: [{ content }] })) as ComposedMessage
  const chunks: Uint8Array[] = []
  for await (const chunk of kept.attachments[0]!.open()) chunks.push(chunk)
  expect(Buffer.concat(chunks).equals(content)).toBe(true)
})

it('a stream is closed if its message is not kept in the end', async () => {
  const content = Readable.from([noise(200_000), noise(1)])
  const packed = await packMessage(toMessage({ ...base, attachments: [{ content }] }), ID)
  expect(content.destroyed).toBe(false)
  await packed.close()
  expect(content.destroyed).toBe(true)
})
