import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { MailError, type AttachmentInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import { parsedTwice } from './parsed.ts'

const base = { from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hello' }
const folder = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: Uint8Array | string): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

async function wire(...attachments: AttachmentInput[]): Promise<Buffer> {
  const composed = compose(toMessage({ ...base, attachments }))
  if (composed.bytes) return composed.bytes
  const parts: Buffer[] = []
  for await (const chunk of composed.chunks) parts.push(Buffer.from(chunk))
  const whole = Buffer.concat(parts)
  if (composed.size !== undefined) expect(composed.size).toBe(whole.length)
  return whole
}

/** The fields of the attachment that is last, unfolded. */
function fields(message: Buffer): string[] {
  const lines = String(message).replaceAll(/\r\n(?=[ \t])/g, '')
  return lines
    .split(/\r\n--[^\r]*\r\n/)
    .at(-2)!
    .split('\r\n\r\n')[0]!
    .split('\r\n')
}

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

async function* each(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const octet of content) yield Uint8Array.of(octet)
}

describe('an attachment has the same header whatever its source', () => {
  const csv = Buffer.from('Zürich;1')
  const stored = file('a.csv', csv)
  it.each<[string, AttachmentInput]>([
    ['a string', { filename: 'a.csv', content: 'Zürich;1' }],
    ['a string with a type', { filename: 'a.csv', contentType: 'text/csv', content: 'Zürich;1' }],
    ['bytes', { filename: 'a.csv', content: csv }],
    ['a Blob', { filename: 'a.csv', content: new Blob([csv], { type: 'text/csv' }) }],
    ['a File', { content: new File([csv], 'a.csv') }],
    ['a file', { path: stored }],
    ['a data: URL', { filename: 'a.csv', path: `data:text/csv;base64,${csv.toString('base64')}` }],
    ['base64', { filename: 'a.csv', content: csv.toString('base64'), encoding: 'base64' }],
    ['a stream', { filename: 'a.csv', content: () => each(csv) }],
    ['a bare stream', { filename: 'a.csv', content: each(csv) }],
  ])('%s', async (_what, attachment) => {
    const message = await wire(attachment)
    expect(fields(message)).toEqual([
      'Content-Type: text/csv; charset=utf-8; name="a.csv"',
      'Content-Disposition: attachment; filename="a.csv"',
      'Content-Transfer-Encoding: base64',
    ])
    for (const { attachments } of await parsedTwice(message))
      expect(attachments).toMatchObject([{ filename: 'a.csv', content: csv.toString('base64') }])
  })

  it.each<[string, AttachmentInput]>([
    ['bytes', { content: png }],
    ['a file', { filename: 'logo', path: file('logo', png) }],
    ['a stream', { filename: 'logo', content: () => each(png) }],
  ])('and an image is one: %s', async (_what, attachment) => {
    const [type, , id] = fields(await wire({ ...attachment, contentId: '<logo>' }))
    expect(type).toMatch(/^Content-Type: image\/png(?:; name=logo)?$/)
    expect(id).toBe('Content-ID: <logo>')
  })
})

describe('a stream whose beginning is looked at', () => {
  it('is whole, beside others', async () => {
    const long = Buffer.from('Grüße an alle; 1\r\n'.repeat(90_000))
    const message = await wire(
      { filename: 'long.csv', content: () => each(long.subarray(0, 3_000)) },
      { filename: 'logo', content: async () => new Blob([png]) },
      { filename: 'all.csv', content: async () => new Blob([long]) },
    )
    for (const { attachments } of await parsedTwice(message))
      expect(attachments).toMatchObject([
        { filename: 'long.csv', type: 'text/csv', content: long.subarray(0, 3_000).toString('base64') },
        { filename: 'logo', type: 'image/png', content: png.toString('base64') },
        { filename: 'all.csv', type: 'text/csv', content: long.toString('base64') },
      ])
  })

  it('is closed if nobody reads on after its header', async () => {
    let closed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(100_000, 'a')
      } finally {
        closed = true
      }
    }
    const { chunks } = compose(toMessage({ ...base, attachments: [{ filename: 'a.txt', content: endless }] }))
    for await (const chunk of chunks!) if (chunk.includes('name="a.txt"')) break
    expect(closed).toBe(true)
  })

  it('keeps its octets where the memory of chunks is used again', async () => {
    const content = Buffer.from('Grüße; 1\r\n'.repeat(300_000))
    async function* reusing(): AsyncGenerator<Uint8Array> {
      const memory = Buffer.alloc(50_000)
      for (let at = 0; at < content.length; at += memory.length)
        yield memory.subarray(0, content.copy(memory, 0, at, at + memory.length))
    }
    const message = toMessage({ ...base, attachments: [{ filename: 'a.csv', content: reusing }] })
    const parts: Buffer[] = []
    for await (const chunk of compose(message, { reuseChunks: true }).chunks!) parts.push(Buffer.from(chunk))
    const [{ attachments }] = await parsedTwice(Buffer.concat(parts))
    expect(attachments[0]!.content === content.toString('base64')).toBe(true)
  })
})

describe('headers of an attachment', () => {
  it('are written behind its own, each by its syntax', async () => {
    const headers = {
      'Content-Description': 'Grüße',
      'Content-Location': 'https://host.example/größe 1.png',
      'X-Attachment-Id': ['a', 'b'],
    }
    const written = [
      'Content-Description: =?utf-8?B?R3LDvMOfZQ==?=',
      'Content-Location: https://host.example/gr%C3%B6%C3%9Fe%201.png',
      'X-Attachment-Id: a',
      'X-Attachment-Id: b',
      'Content-Transfer-Encoding: base64',
    ]
    expect(fields(await wire({ filename: 'a.png', content: png, headers })).slice(2)).toEqual(written)
    expect(fields(await wire({ filename: 'a', content: () => each(png), headers })).slice(2)).toEqual(written)
  })
})

async function failure(attachment: AttachmentInput): Promise<MailError> {
  try {
    await wire(attachment)
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('an attachment that cannot be read', () => {
  const stored = file('stored.pdf', 'x')
  mkdirSync(join(folder, 'folder.pdf'))
  symlinkSync(join(folder, 'circle.pdf'), join(folder, 'circle.pdf'))
  it.each<[string, string, RegExp, RegExp]>([
    ['does not exist', join(folder, 'none.pdf'), /"none\.pdf" could not be read: ENOENT/, /Check the path/],
    ['has no type and does not exist', join(folder, 'none'), /"none".*ENOENT/, /Check the path/],
    ['is text and does not exist', join(folder, 'none.txt'), /"none\.txt".*ENOENT/, /Check the path/],
    ['lies in a file', join(stored, 'a.pdf'), /ENOTDIR/, /a part of it is a file/],
    ['is a folder', join(folder, 'folder.pdf'), /is a folder/, /pack it/],
    ['has too long a name', join(folder, 'x'.repeat(300)), /ENAMETOOLONG/, /pass it as `content`/],
    ['is a link to itself', join(folder, 'circle.pdf'), /ELOOP/, /symbolic links/],
  ])('because it %s is permanent', async (_what, path, words, hint) => {
    const error = await failure({ path })
    expect(error).toMatchObject({ code: 'compose/attachment', permanence: 'permanent', retryable: false })
    expect(error.message).toMatch(words)
    expect(error.hint).toMatch(hint)
  })

  it.each([
    ['ENOENT', 'permanent'],
    ['EACCES', 'permanent'],
    ['EISDIR', 'permanent'],
    ['EMFILE', 'transient'],
    ['EBUSY', 'transient'],
  ])('in a stream depends on its code, too: %s is %s', async (code, permanence) => {
    const content = () => Promise.reject(Object.assign(new Error('no'), { code }))
    expect(await failure({ filename: 'a.pdf', content })).toMatchObject({
      code: 'compose/attachment',
      permanence,
      retryable: permanence === 'transient',
      message: expect.stringContaining('"a.pdf"'),
    })
  })

  it('because a download failed is transient, and the page about the error is not sent', async () => {
    const get = async () => new Response('Not here', { status: 503 })
    const content = async () => {
      const response = await get()
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      return response.body
    }
    const error = await failure({ filename: 'a.pdf', content })
    expect(error).toMatchObject({ permanence: 'transient', message: expect.stringContaining('HTTP 503') })
  })
})
