import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { toMessage, type RawMessage } from '@loudmail/core/transport'
import type { ContentInput } from '@loudmail/core'

const envelope = { from: 'a@example.com', to: 'b@example.com' }
const HEADER = 'From: a@example.com\r\nSubject: x\r\n'

async function read(raw: ContentInput): Promise<string> {
  const { raw: content } = toMessage({ raw, envelope }) as RawMessage
  if (content.bytes) return Buffer.from(content.bytes).toString('latin1')
  const chunks: Uint8Array[] = []
  for await (const chunk of content.open()) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('latin1')
}

/** The same bytes as a stream, in chunks of this many octets, each in the same memory. */
const streamed = (bytes: Uint8Array, size: number) =>
  async function* () {
    const memory = Buffer.alloc(size)
    for (let at = 0; at < bytes.length; at += size) {
      const length = Buffer.from(bytes).copy(memory, 0, at, at + size)
      yield memory.subarray(0, length)
    }
  }

const FORMS = [
  ['in memory', (bytes: Buffer): ContentInput => bytes],
  ['a stream', (bytes: Buffer): ContentInput => streamed(bytes, 4096)],
  ['a stream of few octets at a time', (bytes: Buffer): ContentInput => streamed(bytes, 3)],
] as const

describe.each(FORMS)('a raw message, %s,', (_, form) => {
  it.each([
    ['a usual header', `${HEADER}\r\nhi`, undefined],
    ['no body', HEADER, undefined],
    ['a header with LF', 'From: a@example.com\nTo: b\n\nFrom here on', undefined],
    ['a header with CR', 'From: a@example.com\rTo: b\r\rhi', undefined],
    ['a long header', `${HEADER}X: ${'x'.repeat(100_000)}\r\n\r\nhi`, undefined],
    ['a blank before a colon', 'Subject : x\r\n\r\nhi', undefined],
    ['a blank after From', 'From  : a@example.com\r\n\r\nhi', undefined],
    ['a byte order mark', `\xEF\xBB\xBF${HEADER}\r\nhi`, `${HEADER}\r\nhi`],
    ['an mbox line', `From a@example.com Thu Nov 26 12:00:00 2026\r\n${HEADER}\r\nhi`, `${HEADER}\r\nhi`],
    ['an mbox line with LF', `From a Thu Nov 26 12:00:00 2026\n${HEADER}\r\nhi`, `${HEADER}\r\nhi`],
    ['an mbox line that was quoted', `>From a Thu Nov 26 12:00:00 2026\n${HEADER}\r\nhi`, `${HEADER}\r\nhi`],
    ['both', `\xEF\xBB\xBFFrom a Thu\n${HEADER}\r\nFrom x\r\n`, `${HEADER}\r\nFrom x\r\n`],
    ['a second mark in its text', `${HEADER}\r\n\xEF\xBB\xBFhi`, undefined],
  ])('with %s goes out from its first header field on', async (__, given, expected) => {
    expect(await read(form(Buffer.from(given, 'latin1')))).toBe(expected ?? given)
  })

  it.each([
    ['\xFF\xFEF\0r\0o\0m\0', 'UTF-16'],
    ['\xFE\xFF\0F\0r\0o\0m', 'UTF-16'],
    ['Hello Bob,\r\nhow are you?\r\n', 'its first line is "Hello Bob,"'],
    ['<p>Hi</p>', 'its first line is "<p>Hi</p>"'],
    ['HTTP/1.1 200 OK\r\nDate: x\r\n\r\n', 'must begin with a header field'],
    [` folded\r\n${HEADER}`, 'must begin with a header field'],
    ['', 'raw is empty'],
    ['\xEF\xBB\xBF', 'raw is empty'],
    ['\r\nhi', 'begins with an empty line'],
    [`\n${HEADER}\nhi`, 'begins with an empty line'],
    [`\r\n  \r\n${HEADER}\r\nhi`, 'begins with an empty line'],
  ])('that begins with %j is refused', async (given, why) => {
    const sending = Promise.resolve().then(() => read(form(Buffer.from(given, 'latin1'))))
    await expect(sending).rejects.toMatchObject({
      code: 'compose/invalid-message',
      message: expect.stringContaining(why),
    })
  })

  it('with a Bcc field is sent, and the process warns once', async () => {
    vi.resetModules()
    const { toMessage: fresh } = await import('@loudmail/core/transport')
    const warnings: string[] = []
    const emit = vi
      .spyOn(process, 'emitWarning')
      .mockImplementation((warning) => void warnings.push(String(warning)))
    onTestFinished(() => emit.mockRestore())
    const given = [
      `${HEADER}\r\nBcc: in the text`,
      `${HEADER}X: y\r\n bcc: z\r\n\r\n`,
      `${HEADER}bcc: c@example.com\r\n\r\n`,
      'Bcc: c\r\n\r\n',
    ]
    const heard: number[] = []
    for (const each of given) {
      const { raw } = fresh({ raw: form(Buffer.from(each)), envelope }) as RawMessage
      for await (const chunk of raw.open()) expect(chunk).toBeInstanceOf(Uint8Array)
      heard.push(warnings.length)
    }
    expect(heard).toEqual([0, 0, 1, 1])
    expect(warnings[0]).toContain('Remove the field')
  })
})

it('the Message-ID of a raw message is found behind a byte order mark', () => {
  const raw = '\uFEFFMessage-ID: <1@example.com>\n\nx'
  expect(toMessage({ raw, envelope }).messageId).toBe('<1@example.com>')
})
