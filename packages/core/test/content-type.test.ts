import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { AttachmentInput } from '../src/index.ts'
import { contentTypeOf, identify, toMessage, type Attachment } from '../src/transport.ts'

function attached(input: AttachmentInput): Attachment {
  const message = toMessage({ from: 'ann@sender.example', to: 'bob@rcpt.example', attachments: [input] })
  return (message.raw ? undefined : message.attachments[0])!
}

const folder = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function* cut(content: Uint8Array, octets: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(octets)
  for (let at = 0; at < content.length; at += octets)
    yield chunk.subarray(0, Buffer.from(content.subarray(at, at + octets)).copy(chunk))
}

/** The type of the same content in memory, in a file, and in streams of larger and of tiny chunks. */
async function types(content: Uint8Array, said: AttachmentInput): Promise<(string | undefined)[]> {
  const path = join(folder, 'content')
  writeFileSync(path, content)
  const streamed = await Promise.all(
    [60_001, content.length > 10_000 ? 4_093 : 1].map(async (octets) => {
      const attachment = attached({ ...said, content: () => cut(content, octets) })
      const { contentType, chunks } = await identify(attachment, attachment.open())
      const read: Uint8Array[] = []
      for await (const chunk of chunks) read.push(Uint8Array.from(chunk))
      expect(Buffer.concat(read).equals(content)).toBe(true)
      return contentType
    }),
  )
  const filename = said.filename ?? 'content'
  return [
    contentTypeOf(attached({ ...said, content })),
    contentTypeOf(attached({ ...said, filename, path })),
    ...streamed,
  ]
}

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const CSV = { contentType: 'text/csv' }

describe('a text has its charset, in memory, in files and in streams', () => {
  it.each<[string, Uint8Array, AttachmentInput, string]>([
    ['UTF-8', Buffer.from('Zürich;1'), CSV, 'text/csv; charset=utf-8'],
    ['ASCII', Buffer.from('a;b'), CSV, 'text/csv; charset=utf-8'],
    ['nothing', Buffer.alloc(0), CSV, 'text/csv; charset=utf-8'],
    ['a type from the name', Buffer.from('ü'), { filename: 'A.CSV' }, 'text/csv; charset=utf-8'],
    ['UTF-8 with a mark', Buffer.from('\uFEFFü'), CSV, 'text/csv; charset=utf-8'],
    ['four octets', Buffer.from('😀'), CSV, 'text/csv; charset=utf-8'],
    ['Latin-1', latin1('Zürich'), CSV, 'text/csv'],
    ['Latin-1 at the end', latin1('Zü'), CSV, 'text/csv'],
    ['half a character', Buffer.from('Zü').subarray(0, 2), CSV, 'text/csv'],
    ['Latin-1 late', latin1(`${'a;b\r\n'.repeat(20_000)}ü`), CSV, 'text/csv'],
    ['Shift_JIS', Buffer.from('93fa967b8cea', 'hex'), CSV, 'text/csv'],
    ['ISO-2022-JP', latin1('\x1B$BF|K\\8l\x1B(B'), CSV, 'text/csv'],
    ['a coloured log', latin1('\x1B[31mred'), { filename: 'a.log' }, 'text/plain; charset=utf-8'],
    ['UTF-16 with a mark', Buffer.from('\uFEFFü;1', 'utf16le'), CSV, 'text/csv; charset=utf-16'],
    ['UTF-16, the other way', Buffer.from('feff00fc', 'hex'), CSV, 'text/csv; charset=utf-16'],
    ['UTF-16 without a mark', Buffer.from('a;b', 'utf16le'), CSV, 'text/csv'],
    ['that, the other way', Buffer.from('0061003b', 'hex'), CSV, 'text/csv'],
    ['UTF-32', Buffer.from('0000feff000000fc', 'hex'), CSV, 'text/csv; charset=utf-32'],
    ['UTF-32, the other way', Buffer.from('fffe0000fc000000', 'hex'), CSV, 'text/csv; charset=utf-32'],
    [
      'its own charset',
      latin1('ü'),
      { contentType: 'text/csv; charset=ISO-8859-1' },
      'text/csv; charset=ISO-8859-1',
    ],
    [
      'that in odd spelling',
      latin1('ü'),
      { contentType: 'text/csv;CharSet = "x"' },
      'text/csv;CharSet = "x"',
    ],
    [
      'another parameter',
      Buffer.from('ü'),
      { contentType: 'text/csv; header=present;' },
      'text/csv; header=present; charset=utf-8',
    ],
    [
      'a parameter that only mentions it',
      Buffer.from('ü'),
      { contentType: 'text/plain; x="; charset=a"' },
      'text/plain; x="; charset=a"; charset=utf-8',
    ],
    ['capital letters', Buffer.from('ü'), { contentType: 'TEXT/CSV' }, 'TEXT/CSV; charset=utf-8'],
    ['no text', Buffer.from('ü'), { contentType: 'application/json' }, 'application/json'],
  ])('%s', async (_what, content, said, expected) => {
    expect(await types(content, said)).toEqual(Array(4).fill(expected))
  })

  it('decided by the first MiB of a stream or file, even if that ends within a character', async () => {
    const start = Buffer.alloc(1_048_575, 'a')
    const utf8 = Buffer.concat([start, Buffer.from('ü'.repeat(100_000))])
    expect(await types(utf8, CSV)).toEqual(Array(4).fill('text/csv; charset=utf-8'))
    const broken = Buffer.concat([start.subarray(1), latin1('ü'), start])
    expect(await types(broken, CSV)).toEqual(Array(4).fill('text/csv'))
  })
}, 30_000)

const u32 = (value: number) => {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(value)
  return out
}
const padded = (hex: string, text = '') =>
  Buffer.concat([Buffer.from(hex, 'hex'), latin1(text), Buffer.alloc(40)])
const ftyp = (main: string, ...others: readonly string[]) =>
  Buffer.concat([
    Buffer.from([0, 0, 0, 16 + 4 * others.length]),
    latin1(`ftyp${main}\0\0\0\0${others.join('')}`),
    Buffer.alloc(40, 'x'),
  ])
const zipped = (name: string, content: string) =>
  Buffer.concat([
    latin1('PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0'),
    u32(content.length),
    u32(content.length),
    Buffer.from([name.length, 0, 0, 0]),
    latin1(name + content),
    latin1('PK'),
  ])
const bitmap = (header: number, reserved = 0) =>
  Buffer.concat([latin1('BM'), u32(100), u32(reserved), u32(54), u32(header), Buffer.alloc(60)])
const icon = (images: number, offset: number) =>
  Buffer.concat([Buffer.from([0, 0, 1, 0, images, 0, 16, 16, 0, 0, 1, 0, 32, 0]), u32(40), u32(offset)])

const OCTETS = 'application/octet-stream'

describe('a file without a type is recognised by its first octets, in memory, in files and in streams', () => {
  it.each<[string, Buffer, string]>([
    ['PNG', padded('89504e470d0a1a0a', '\0\0\0\rIHDR'), 'image/png'],
    ['JPEG', padded('ffd8ffe0', '\0\x10JFIF'), 'image/jpeg'],
    ['JPEG of a camera', padded('ffd8ffe1', '\0\x10Exif'), 'image/jpeg'],
    ['GIF', padded('', 'GIF89a'), 'image/gif'],
    ['old GIF', padded('', 'GIF87a'), 'image/gif'],
    ['WebP', padded('', 'RIFF\x1A\0\0\0WEBPVP8 '), 'image/webp'],
    ['BMP', bitmap(40), 'image/bmp'],
    ['a later BMP', bitmap(124), 'image/bmp'],
    ['TIFF', padded('', 'II*\0\x08\0\0\0'), 'image/tiff'],
    ['TIFF, the other way', padded('', 'MM\0*\0\0\0\x08'), 'image/tiff'],
    ['ICO', icon(1, 22), 'image/vnd.microsoft.icon'],
    ['AVIF', ftyp('avif', 'mif1'), 'image/avif'],
    ['AVIF under a general brand', ftyp('mif1', 'miaf', 'avif'), 'image/avif'],
    ['HEIC', ftyp('heic', 'mif1'), 'image/heic'],
    ['HEIC under a general brand', ftyp('mif1', 'heic'), 'image/heic'],
    ['MP4', ftyp('isom', 'iso2', 'avc1', 'mp41'), 'video/mp4'],
    ['M4A', ftyp('M4A ', 'mp42'), 'audio/mp4'],
    ['QuickTime', ftyp('qt  '), 'video/quicktime'],
    ['SVG', latin1('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml'],
    [
      'SVG behind a prolog',
      Buffer.from(
        '\uFEFF<?xml version="1.0"?>\n<!-- a - b -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x" [<!ENTITY a "b">]>\n<svg\nwidth="1">',
      ),
      'image/svg+xml',
    ],
    ['PDF', padded('', '%PDF-1.7\n'), 'application/pdf'],
    ['ZIP', zipped('a.txt', 'hello'), 'application/zip'],
    ['EPUB', zipped('mimetype', 'application/epub+zip'), 'application/epub+zip'],
    ['GZIP', padded('1f8b0800'), 'application/gzip'],
    ['MP3', padded('', 'ID3\x04\0'), 'audio/mpeg'],
    ['WAV', padded('', 'RIFF\x1A\0\0\0WAVEfmt '), 'audio/wav'],
    // What only looks like one.
    ['nothing', Buffer.alloc(0), OCTETS],
    ['an office file', zipped('[Content_Types].xml', '<?xml'), OCTETS],
    ['a text that begins with BM', latin1('BMW and other cars, in a list that is long'), OCTETS],
    ['a bitmap with something in its reserved octets', bitmap(40, 7), OCTETS],
    ['a bitmap with a header of another length', bitmap(41), OCTETS],
    ['an icon without images', icon(0, 22), OCTETS],
    ['an icon whose image lies in its directory', icon(2, 22), OCTETS],
    ['the first half of a PNG', Buffer.from('89504e47', 'hex'), OCTETS],
    ['other RIFF', padded('', 'RIFF\x1A\0\0\0ACONanih'), OCTETS],
    ['another brand', ftyp('crx '), OCTETS],
    ['HTML with a drawing', latin1('<!DOCTYPE html><svg></svg>'), OCTETS],
    ['a comment about <svg', latin1('<!-- <svg> --><html>'), OCTETS],
    ['<svgx>', latin1('<svgx>'), OCTETS],
    ['a text with a drawing', latin1('See: <svg></svg>'), OCTETS],
    ['a text', Buffer.from('Grüße'), OCTETS],
  ])('%s', async (_what, content, expected) => {
    expect(await types(content, {})).toEqual(Array(4).fill(expected))
    expect(await types(content, { filename: 'photo.v2' })).toEqual(Array(4).fill(expected))
  })

  it.each<[AttachmentInput, string]>([
    [{ contentType: 'application/x-own' }, 'application/x-own'],
    [{ contentType: OCTETS }, OCTETS],
    [{ filename: 'a.jpg' }, 'image/jpeg'],
    [{ filename: 'a.bin' }, OCTETS],
    [{ filename: 'png' }, 'image/gif'],
    [{ filename: 'toString' }, 'image/gif'],
    [{ filename: 'a.constructor' }, 'image/gif'],
  ])('but not if %j says what it is', async (said, expected) => {
    expect(await types(latin1('GIF89a'), said)).toEqual(Array(4).fill(expected))
  })

  it.each(['<!--'.repeat(1_000), ' '.repeat(4_096), '<!DOCTYPE svg ['.repeat(300), '<!---'.repeat(900)])(
    'in no time, whatever is in it: %#',
    (content) => {
      const before = performance.now()
      expect(contentTypeOf(attached({ content }))).toBe(OCTETS)
      expect(performance.now() - before).toBeLessThan(200)
    },
  )
})

describe('a stream', () => {
  it('that shows its type is not read for it', () => {
    const content = () => Promise.reject(new Error('it was opened'))
    expect(contentTypeOf(attached({ filename: 'a.pdf', content }))).toBe('application/pdf')
    expect(contentTypeOf(attached({ filename: 'a.csv', content }))).toBeUndefined()
    expect(contentTypeOf(attached({ filename: 'a', content }))).toBeUndefined()
  })

  it('is closed if its rest is not read', async () => {
    let closed = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(5_000)
      } finally {
        closed++
      }
    }
    const attachment = attached({ content: endless })
    await (await identify(attachment, attachment.open())).chunks.return()
    expect(closed).toBe(1)
    for await (const _ of (await identify(attachment, attachment.open())).chunks) break
    expect(closed).toBe(2)
  })

  it('does not depend on how a stream is cut into chunks', async () => {
    const content = Buffer.from(`${'a'.repeat(1_200_000)}gr\xfc\xdfe`, 'latin1')
    const attachment = attached({ filename: 'a.txt', content: () => content })
    for (const octets of [content.length, 100_003])
      expect((await identify(attachment, cut(content, octets))).contentType).toBe('text/plain; charset=utf-8')
  })

  it.skipIf(process.platform === 'win32')(
    'is also what a device or a pipe is, which is not read before',
    () => {
      expect(contentTypeOf(attached({ path: '/dev/null' }))).toBeUndefined()
    },
  )
})
