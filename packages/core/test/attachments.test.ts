import { createReadStream, mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import { afterAll, describe, expect, it } from 'vitest'
import { MailError, type AttachmentInput } from '../src/index.ts'
import { toMessage, unreadableContent, type Attachment } from '../src/transport.ts'

const base = { from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hello' }

function attached(input: unknown): Attachment {
  const message = toMessage({ ...base, attachments: [input as AttachmentInput] })
  return (message.raw ? undefined : message.attachments[0])!
}

function refused(input: unknown): MailError {
  try {
    attached(input)
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new Error('it was not refused')
}

async function contentOf(attachment: Attachment): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of attachment.open()) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks)
}

const folder = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'grüße #1.txt')
writeFileSync(file, 'Grüße')

const bytes = Buffer.from('Grüße')
const memory = Uint8Array.from([1, ...bytes, 2])

function shared(): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(bytes.length)
  new Uint8Array(copy).set(bytes)
  return copy
}

async function* pieces(...chunks: readonly unknown[]): AsyncGenerator {
  yield* chunks
}

function webStream(...chunks: readonly unknown[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
}

describe('content may be', () => {
  it.each<[string, unknown]>([
    ['a string', 'Grüße'],
    ['a Buffer', bytes],
    ['a part of an array', memory.subarray(1, -1)],
    ['an ArrayBuffer', Uint8Array.from(bytes).buffer],
    ['a SharedArrayBuffer', shared()],
    ['a DataView', new DataView(memory.buffer, 1, bytes.length)],
    ['an array of Int8', new Int8Array(memory.buffer, 1, bytes.length)],
    ['clamped bytes', Uint8ClampedArray.from(bytes)],
    ['bytes of another realm', runInNewContext(`Uint8Array.from([${[...bytes].join()}])`)],
    ['an ArrayBuffer of another realm', runInNewContext(`Uint8Array.from([${[...bytes].join()}]).buffer`)],
    ['a Buffer that was turned into JSON', JSON.parse(JSON.stringify(bytes))],
    ['a Blob', new Blob(['Grü', Buffer.from('ße')])],
    ['a File', new File([bytes], 'a.txt')],
    ['a stream of bytes', pieces(bytes.subarray(0, 3), bytes.subarray(3))],
    ['a stream of strings', pieces('Grü', 'ße')],
    ['a stream of ArrayBuffers', pieces(Uint8Array.from(bytes).buffer)],
    ['a Node stream', Readable.from([bytes])],
    ['a web stream', webStream(bytes)],
    ['a web stream of strings', webStream('Grü', 'ße')],
    ['a web stream without an iterator', { getReader: () => webStream(bytes).getReader() }],
    ['a function that returns a string', () => 'Grüße'],
    ['a function that returns an ArrayBuffer', async () => Uint8Array.from(bytes).buffer],
    ['a function that returns a DataView', () => new DataView(memory.buffer, 1, bytes.length)],
    ['a function that returns a Blob', () => openAsBlob(file)],
    ['a function that opens a file', () => createReadStream(file)],
    [
      'a function that returns the body of a response',
      () => Promise.resolve(new Response('Grüße')).then((r) => r.body),
    ],
  ])('%s', async (_what, content) => {
    expect(String(await contentOf(attached({ content })))).toBe('Grüße')
  })

  it('a list of numbers with two octets each: the octets of its memory', async () => {
    expect([...(await contentOf(attached({ content: Uint16Array.of(0x0201, 0x0403) })))]).toEqual([
      1, 2, 3, 4,
    ])
  })

  it('strings that are cut within a character', async () => {
    const content = () => pieces('a\u{1F600}'.slice(0, 2), '\u{1F600}b'.slice(1), 'c\uD83D')
    expect(String(await contentOf(attached({ content })))).toBe('a😀bc\uFFFD')
  })

  it('a Blob, whose size is known, and which can be read again', async () => {
    const found = attached({ content: new Blob(['Grüße']) })
    expect(found.size?.()).toBe(bytes.length)
    expect(String(await contentOf(found)) + String(await contentOf(found))).toBe('GrüßeGrüße')
  })
})

describe('a File names itself', () => {
  const content = new File(['x'], 'räch.csv', { type: 'text/csv' })
  it('by its name and type', () => {
    expect(attached({ content })).toMatchObject({ filename: 'räch.csv', contentType: 'text/csv' })
  })
  it('unless the caller says something else', () => {
    expect(attached({ content, filename: 'a.txt', contentType: 'text/plain' })).toMatchObject({
      filename: 'a.txt',
      contentType: 'text/plain',
    })
  })
  it.each(['', 'application/octet-stream', 'nothing'])('but no type that says nothing: %j', (type) => {
    const named = { name: '', size: 1, type, stream() {}, arrayBuffer() {} }
    expect(attached({ content: named })).toMatchObject({ filename: undefined, contentType: undefined })
  })
  it('and cannot add a header with it', () => {
    const evil = new File(['x'], 'a\r\nBcc: x@y.example')
    expect(refused({ content: evil }).code).toBe('compose/header-injection')
  })
})

describe('what is not content is refused, with the forms that are', () => {
  const response = new Response('secret words')
  it.each<[string, unknown, RegExp, RegExp]>([
    ['a number', 7, /is a number, not content/, /a stream/],
    ['null', null, /is null/, /a string/],
    ['a boolean', true, /is a boolean/, /a string/],
    ['an object', { secret: 'words' }, /is an object/, /JSON\.stringify/],
    ['a list', [bytes], /is a list/, /Buffer\.concat/],
    ['a promise', Promise.resolve('secret words'), /is a promise/, /Await it/],
    ['a response', response, /is a response/, /response\.body/],
    ['a URL', new URL('https://host.example/?token=secret'), /is a URL/, /`path`/],
    ['a path in an object', { path: '/secret' }, /an object with a path/, /\{ path \}/],
    ['a broken Buffer in JSON', { type: 'Buffer', data: [1, 256] }, /JSON, and is broken/, /a string/],
    ['another one', { type: 'Buffer', data: 'secret' }, /JSON, and is broken/, /a string/],
  ])('%s', (_what, content, words, hint) => {
    const error = refused({ content })
    expect(error).toMatchObject({ code: 'compose/invalid-message', permanence: 'permanent' })
    expect(error.message).toMatch(/attachments\[0\]\.content /)
    expect(error.message).toMatch(words)
    expect(error.hint).toMatch(hint)
    expect(`${error.message} ${error.hint}`).not.toContain('secret')
  })

  it('as is memory that was transferred', () => {
    const content = Uint8Array.from(bytes)
    structuredClone(content.buffer, { transfer: [content.buffer] })
    expect(refused({ content }).message).toContain('transferred')
  })

  it.each<[string, unknown, RegExp]>([
    ['null, as some bodies are', () => null, /is null/],
    ['nothing', () => undefined, /is undefined/],
    ['a response', () => response, /is a response.*/],
    ['a number', async () => 5, /is a number/],
    ['a stream of objects', () => pieces({ id: 1 }), /a chunk that is neither/],
  ])('also where a function returns it: %s', async (_what, content, words) => {
    const reading = contentOf(attached({ content }))
    await expect(reading).rejects.toThrow(words)
    const failure = unreadableContent(await reading.catch((error: unknown) => error))
    expect(failure).toMatchObject({ kind: 'attachment', permanence: 'permanent', hint: expect.any(String) })
  })
})

describe('a string may be encoded', () => {
  it.each<[string, string]>([
    ['base64', 'R3LDvMOfZQ=='],
    ['base64', 'R3LDvMOfZQ'],
    ['base64', 'R3LD\r\nvMOf\r\n ZQ==\r\n'],
    ['base64url', 'R3LDvMOfZQ'],
    ['hex', '4772c3bcC39F 65'],
    ['utf8', 'Grüße'],
    ['utf-8', 'Grüße'],
  ])('as %s: %j', async (encoding, content) => {
    expect(String(await contentOf(attached({ content, encoding })))).toBe('Grüße')
  })

  it('with both alphabets of base64', async () => {
    expect(attached({ content: '+/+/', encoding: 'base64' }).bytes).toEqual(Buffer.from([251, 255, 191]))
    expect(attached({ content: '-_-_', encoding: 'base64url' }).bytes).toEqual(Buffer.from([251, 255, 191]))
  })

  it.each<[string, string, RegExp, RegExp]>([
    ['base64', 'R3LDv!OfZQ==', /character 6 of 12/, /without `encoding`/],
    ['base64', '-_-_', /character 1 of 4/, /without `encoding`/],
    ['base64', 'Grüße', /character 3 of 5/, /without `encoding`/],
    ['base64', 'R3LDvMOfZQ==R3LD', /after the padding at character 11 of 16/, /several values/],
    ['base64', 'QQ===', /after the padding at character 3/, /several values/],
    ['base64', 'R3LDv', /ends at character 5 within an octet/, /cut off/],
    ['base64', 'R3LDvM=', /ends at character 7/, /cut off/],
    ['base64', '=', /ends at character 1/, /cut off/],
    ['base64', 'data:image/png;base64,R3LD', /character 5 of 26/, /as `path`/],
    ['base64url', '+/+/', /character 1 of 4/, /without `encoding`/],
    ['hex', '47g2', /character 3 of 4/, /without `encoding`/],
    ['hex', '472', /ends at character 3/, /cut off/],
    ['binary', 'x', /must be 'utf8', 'base64', 'base64url' or 'hex'/, /Buffer\.from/],
    ['constructor', 'x', /must be 'utf8'/, /Buffer\.from/],
  ])('but not wrongly as %s: %j', (encoding, content, words, hint) => {
    const error = refused({ content, encoding })
    expect(error.code).toBe('compose/invalid-message')
    expect(error.message).toMatch(words)
    expect(error.hint).toMatch(hint)
  })

  it.each<[string, object]>([
    ['bytes', { content: bytes }],
    ['a function', { content: () => 'R3LDvMOfZQ==' }],
    ['a path', { path: file }],
  ])('not %s', (_what, input) => {
    expect(refused({ ...input, encoding: 'base64' }).code).toBe('compose/invalid-message')
  })
})

describe('a path may be', () => {
  it.each<[string, unknown]>([
    ['a path', file],
    ['a file: URL', pathToFileURL(file)],
    ['a file: URL as a string', pathToFileURL(file).href],
  ])('%s of a file, which gives it its name', async (_what, path) => {
    const found = attached({ path })
    expect(found).toMatchObject({ filename: 'grüße #1.txt' })
    expect(found.bytes).toBeUndefined()
    expect(found.size?.()).toBe(7)
    expect(String(await contentOf(found))).toBe('Grüße')
  })

  it.each<[url: string, type: string, content: string]>([
    ['data:text/csv;base64,R3LDvMOfZQ==', 'text/csv', 'Grüße'],
    ['data:text/csv;charset=iso-8859-1,a%3Bb', 'text/csv;charset=iso-8859-1', 'a;b'],
    ['data:,Gr%C3%BC%c3%9fe', 'text/plain', 'Grüße'],
    ['data:,Grüße', 'text/plain', 'Grüße'],
    ['data:;charset=utf-8,x', 'text/plain;charset=utf-8', 'x'],
    ['data:;base64,R3LDvMOfZQ', 'text/plain', 'Grüße'],
    ['DATA:image/png;BASE64,R3LD%0AvMOfZQ%3D%3D', 'image/png', 'Grüße'],
    ['data:text/plain,100%25 of 50%,x', 'text/plain', '100% of 50%,x'],
    ['data:image/svg+xml;utf8,<svg/>', 'image/svg+xml;utf8', '<svg/>'],
    ['data:,', 'text/plain', ''],
  ])('a data: URL: %s', async (path, contentType, content) => {
    const found = attached({ path })
    expect(found).toMatchObject({ filename: undefined, contentType })
    expect(String(await contentOf(found))).toBe(content)
  })

  it('a data: URL in an object, with another type', () => {
    const path = new URL('data:text/csv;base64,R3LDvMOfZQ==')
    expect(attached({ path, filename: 'a.txt', contentType: 'text/plain' })).toMatchObject({
      filename: 'a.txt',
      contentType: 'text/plain',
      bytes,
    })
  })

  it.each(['C:\\letters\\a.txt', 'a:b.txt', 'notes: today.txt', './https:/x', 'data'])(
    'a file with an odd name: %s',
    (path) => {
      expect(attached({ path })).toMatchObject({ open: expect.any(Function) })
    },
  )

  it.each<[unknown, RegExp, RegExp]>([
    ['https://host.example/a.png?token=secret', /a URL with https:/, /response\.ok.*response\.body/],
    ['HTTP://host.example/secret', /a URL with http:/, /fetch\(url\)/],
    [new URL('https://ann:secret@host.example/'), /a URL with https:/, /fetch\(url\)/],
    ['ftp://host.example/secret', /a URL with ftp:/, /as `content`/],
    ['s3://secret/key', /a URL with s3:/, /as `content`/],
    [new URL('blob:nodedata:secret'), /a URL with blob:/, /fetch\(url\)/],
    ['file://other.example/secret', /names no file of this machine/, /./],
    ['data:image/png;base64', /without a comma/, /./],
    ['data:secret,x', /media type is not valid/, /./],
    ['data:;base64,secre!', /is not base64: character 6 of 6/, /./],
    ['', /is empty/, /./],
    [7, /must be a string or a URL/, /./],
    [null, /must be a string or a URL/, /./],
    [{}, /must be a string or a URL/, /./],
  ])('but not %s', (path, words, hint) => {
    const error = refused({ path })
    expect(error).toMatchObject({ code: 'compose/invalid-message', permanence: 'permanent' })
    expect(error.message).toMatch(words)
    expect(error.hint).toMatch(hint)
    expect(`${error.message} ${error.hint}`).not.toContain('secret')
  })
})

describe('the content id', () => {
  it.each([
    ['logo', 'logo'],
    ['<logo@x.example>', 'logo@x.example'],
    ['a%20b+c/d"e', 'a%20b+c/d"e'],
  ])('%s is %s', (contentId, expected) => {
    expect(attached({ content: 'x', contentId })).toMatchObject({
      contentId: expected,
      disposition: 'inline',
    })
  })

  it.each<string>(['', '<>', 'a b', 'größe', '<a', 'a>b', 'a\tb', 'x'.repeat(901)])(
    'is not %j',
    (contentId) => {
      expect(refused({ content: 'x', contentId })).toMatchObject({
        code: 'compose/invalid-message',
        message: expect.stringContaining('contentId must consist of visible ASCII characters'),
      })
    },
  )

  it('adds no header', () => {
    expect(refused({ content: 'x', contentId: 'a\r\nBcc: x' }).code).toBe('compose/header-injection')
  })
})

describe('headers of an attachment', () => {
  it('are kept in order', () => {
    const headers = { 'Content-Description': 'Grüße', 'X-Attachment-Id': ['a', 'b'] }
    expect(attached({ content: 'x', headers }).headers).toEqual([
      ['Content-Description', 'Grüße'],
      ['X-Attachment-Id', 'a'],
      ['X-Attachment-Id', 'b'],
    ])
    expect(attached({ content: 'x' }).headers).toEqual([])
  })

  it.each<[object, string, RegExp]>([
    [{ 'content-TYPE': 'text/plain' }, 'invalid-message', /it comes from contentType/],
    [{ 'Content-ID': 'x' }, 'invalid-message', /it comes from contentId/],
    [{ 'Content-Disposition': 'inline' }, 'invalid-message', /disposition and filename/],
    [{ 'Content-Transfer-Encoding': '8bit' }, 'invalid-message', /it comes from composing/],
    [{ 'X-A': 'a\r\nBcc: x@y.example' }, 'header-injection', /./],
    [{ 'X-A\r\nBcc': 'x' }, 'header-injection', /./],
    [{ 'X A': 'x' }, 'invalid-message', /not a header name/],
    [{ 'X-A': 7 }, 'invalid-message', /must be a string/],
    [['X-A'], 'invalid-message', /attachments\[0\]\.headers must be an object/],
  ])('cannot be %j', (headers, kind, words) => {
    const error = refused({ content: 'x', headers })
    expect(error.kind).toBe(kind)
    expect(error.message).toMatch(words)
  })

  it('may have the name of something that every object has', () => {
    expect(attached({ content: 'x', headers: { Constructor: 'x' } }).headers).toEqual([['Constructor', 'x']])
  })
})

describe('content that cannot be read', () => {
  const failed = (code: string) => Object.assign(new Error(`${code}: no`), { code })
  it.each([
    'ENOENT',
    'ENOTDIR',
    'EISDIR',
    'EACCES',
    'EPERM',
    'ENAMETOOLONG',
    'ELOOP',
    'ERR_INVALID_ARG_VALUE',
    'ERR_INVALID_URL',
  ])('because of %s is permanent', (code) => {
    expect(unreadableContent(failed(code))).toMatchObject({ kind: 'attachment', permanence: 'permanent' })
  })

  it.each([
    'EMFILE',
    'ENFILE',
    'EBUSY',
    'EIO',
    'EAGAIN',
    'ENOMEM',
    'ETXTBSY',
    'ETIMEDOUT',
    'ESTALE',
    'ECONNRESET',
    'ENOTFOUND',
    'ERR_STREAM_PREMATURE_CLOSE',
  ])('because of %s is transient', (code) => {
    expect(unreadableContent(failed(code))).toMatchObject({ kind: 'attachment', permanence: 'transient' })
  })

  it.each<[unknown, string]>([
    [new Error('the disk is gone'), 'the disk is gone'],
    ['words', 'words'],
    [undefined, 'undefined'],
  ])('for another reason is transient: %s', (error, reason) => {
    expect(unreadableContent(error)).toMatchObject({ permanence: 'transient', reason })
  })
})
