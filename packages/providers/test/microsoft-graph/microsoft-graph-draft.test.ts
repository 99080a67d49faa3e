import { Readable } from 'node:stream'
import type { Message } from '@loudmail/core'
import { startHttpServer, type HttpAction, type HttpRequest, type HttpServer } from '@loudmail/server/http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { microsoftGraph } from '../../src/microsoft-graph/index.ts'
import { failureOf, TOKEN } from '../mailbox-suites.ts'
import { messageTo, shown } from '../suites.ts'

let server: HttpServer
const DRAFT = 'AAMkADI5/MAAIT3drCAAA='
const PATH = '/v1.0/me/messages/AAMkADI5%2FMAAIT3drCAAA%3D'
const UPLOAD_TOKEN = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IktmYUNIUlN6bllHMmNI'

beforeAll(async () => {
  server = await startHttpServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.clear()
  server.play(graph())
})

/** Graph with drafts, except for the requests whose method and path are given. */
function graph(instead: Readonly<Record<string, HttpAction>> = {}): (request: HttpRequest) => HttpAction {
  return (request) => {
    const { method, path } = request
    const name = `${method} ${path.replace(PATH, '')}`
    const other = instead[name]
    if (other) return other
    if (name === 'POST /v1.0/me/messages') return { status: 201, body: { id: DRAFT, isDraft: true } }
    if (name === 'POST /attachments') return { status: 201, body: { id: 'file' } }
    if (name === 'POST /attachments/createUploadSession') {
      const uploadUrl = `${server.url}/upload?authtoken=${UPLOAD_TOKEN}`
      return { status: 201, body: { uploadUrl, nextExpectedRanges: ['0-'] } }
    }
    if (name === 'PUT /upload') {
      const [, end, size] = /^bytes \d+-(\d+)\/(\d+)$/.exec(request.headers['content-range']!)!
      const isLast = Number(end) + 1 === Number(size)
      return isLast
        ? { status: 201, headers: { location: 'https://outlook.office.com/x' } }
        : { status: 200, body: { nextExpectedRanges: [String(Number(end) + 1)] } }
    }
    if (name === 'POST /send') return { status: 202 }
    if (name === 'DELETE ') return { status: 204 }
    return { status: 500, body: `unexpected: ${name}` }
  }
}

const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path.replace(PATH, '')}`)
const to = (timeoutMs = 5_000): ReturnType<typeof microsoftGraph> =>
  microsoftGraph({ url: server.url, accessToken: TOKEN, timeoutMs })

const PICTURE = Buffer.alloc(5_000_000, 'picture ')
const large = (): Message =>
  messageTo({
    bcc: 'dave@rcpt.example',
    html: '<img src="cid:pic">',
    attachments: [
      {
        filename: 'pic.png',
        content: () => Readable.from([PICTURE]),
        contentId: 'pic',
        contentType: 'image/png',
      },
      { filename: 'tea.txt', content: 'leaves' },
    ],
  })

it('sends a large message as a draft, whose files go up one by one', async () => {
  const delivery = await to().send(large())
  expect(delivery).toMatchObject({ state: 'sent', response: '202 Accepted' })
  expect(asked()).toEqual([
    'POST /v1.0/me/messages',
    'POST /attachments/createUploadSession',
    'PUT /upload',
    'PUT /upload',
    'POST /attachments',
    'POST /send',
  ])
  const [draft, session, first, second, file, send] = server.requests
  const mime = Buffer.from(draft!.body.toString(), 'base64').toString()
  expect(draft!.headers['content-type']).toBe('text/plain')
  expect(mime).toMatch(/^Bcc: dave@rcpt\.example\r\n/)
  expect(mime).toContain('cid:pic')
  expect(mime).not.toContain('pic.png')
  expect(session!.json).toEqual({
    AttachmentItem: {
      attachmentType: 'file',
      name: 'pic.png',
      size: 5_000_000,
      contentType: 'image/png',
      isInline: true,
      contentId: 'pic',
    },
  })
  expect(first!.headers).toMatchObject({
    'content-range': 'bytes 0-3932159/5000000',
    'content-length': '3932160',
    'content-type': 'application/octet-stream',
  })
  expect(second!.headers['content-range']).toBe('bytes 3932160-4999999/5000000')
  expect(Buffer.concat([first!.body, second!.body]).equals(PICTURE)).toBe(true)
  expect(first!.headers.authorization).toBeUndefined()
  expect(file!.json).toMatchObject({
    name: 'tea.txt',
    contentBytes: Buffer.from('leaves').toString('base64'),
  })
  expect(send!.headers.authorization).toBe(`Bearer ${TOKEN}`)
})

it('shows every step, and no secret', async () => {
  const lines: string[] = []
  const trace = {
    add: ({ entries }: { entries: readonly { text: string }[] }) =>
      void lines.push(...entries.map(({ text }) => text)),
  }
  await to().send(large(), { trace })
  const all = lines.join('\n')
  expect(lines.filter((line) => line.startsWith('PUT '))).toEqual(
    Array.from({ length: 2 }, () => `PUT ${PATH}/attachments (upload session)`),
  )
  expect(all).toContain(`POST ${PATH}/send`)
  expect(all).not.toContain(UPLOAD_TOKEN)
  expect(all).not.toContain(TOKEN)
})

it('sends a message of the usual size in one request', async () => {
  server.play({ status: 202 })
  await to().send(messageTo({ attachments: [{ filename: 'tea.bin', content: Buffer.alloc(2_000_000) }] }))
  expect(asked()).toEqual(['POST /v1.0/me/sendMail'])
})

describe('a message of which nothing was sent', () => {
  it.each([
    ['POST /v1.0/me/messages', 403, 'policy', 'POST /v1.0/me/messages'],
    ['POST /attachments/createUploadSession', 500, 'server-error', 'DELETE '],
    ['PUT /upload', 500, 'server-error', 'DELETE '],
    ['PUT /upload', 404, 'invalid-config', 'DELETE '],
    ['POST /attachments', 413, 'message-too-large', 'DELETE '],
    ['POST /attachments', 504, 'timeout', 'DELETE '],
    ['POST /send', 429, 'rate-limited', 'DELETE '],
    ['POST /send', 403, 'policy', 'DELETE '],
  ])('is a failure if %s is answered with %i, and the draft is deleted', async (name, status, kind, last) => {
    server.play(graph({ [name]: { status, body: { error: { message: `No ${UPLOAD_TOKEN} ${TOKEN}` } } } }))
    const transport = to()
    const error = await failureOf(transport.send(large()))
    expect(error).toMatchObject({ stage: 'submit', kind, delivered: 'none', reply: { code: status } })
    expect(error.permanence).toBe(status >= 500 || status === 429 ? 'transient' : 'permanent')
    expect(error.transcript?.entries[0]?.text).toBe('POST /v1.0/me/messages')
    expect(shown(error)).not.toContain(TOKEN)
    if (name === 'PUT /upload') expect(shown(error)).not.toContain(UPLOAD_TOKEN)
    await transport.close!()
    expect(asked().at(-1)).toBe(last)
  })

  it.each(['POST /v1.0/me/messages', 'PUT /upload', 'POST /attachments'])(
    'can be tried again if %s is not answered',
    async (name) => {
      server.play(graph({ [name]: { close: 'reset' } }))
      const error = await failureOf(to().send(large()))
      expect(error).toMatchObject({
        stage: 'submit',
        kind: 'connection-lost',
        delivered: 'none',
        retryable: true,
      })
      expect(error.recipients.every(({ status }) => status === 'not-attempted')).toBe(true)
    },
  )

  it.each([
    ['POST /v1.0/me/messages', { status: 201, body: {} }],
    [
      'POST /attachments/createUploadSession',
      { status: 201, body: { uploadUrl: 'http://elsewhere.example/' } },
    ],
    ['POST /attachments/createUploadSession', { status: 201, body: {} }],
    ['PUT /upload', { status: 200, body: {} }],
  ])('is a failure if %s is answered with %j', async (name, answer) => {
    server.play(graph({ [name]: answer }))
    expect(await failureOf(to().send(large()))).toMatchObject({
      code: 'submit/protocol',
      delivered: 'none',
      retryable: true,
    })
    expect(asked()).not.toContain('POST /send')
  })

  it('is given up in the middle of an upload', async () => {
    const giveUp = new AbortController()
    server.play((request) => {
      if (request.method !== 'PUT') return graph()(request)
      giveUp.abort()
      return { stall: true }
    })
    const transport = to()
    const error = await failureOf(transport.send(large(), { signal: giveUp.signal }))
    expect(error).toMatchObject({ kind: 'aborted', delivered: 'none' })
    server.play(graph())
    await transport.close!()
    expect(asked().at(-1)).toBe('DELETE ')
  })

  it('is a failure even if the draft cannot be deleted', async () => {
    server.play(graph({ 'POST /send': { status: 403 }, 'DELETE ': { close: 'reset' } }))
    const transport = to()
    expect(await failureOf(transport.send(large()))).toMatchObject({ delivered: 'none' })
    await transport.close!()
  })
})

describe('a message that may have been sent', () => {
  it.each<[HttpAction, string]>([
    [{ close: 'fin' }, 'connection-lost'],
    [{ close: 'reset' }, 'connection-lost'],
    [{ status: 500 }, 'server-error'],
    [{ status: 200 }, 'protocol'],
    [{ cutAt: 8, answer: { status: 202 } }, 'connection-lost'],
  ])('is in doubt, and its draft stays, if sending it ends with %j', async (action, kind) => {
    server.play(graph({ 'POST /send': action }))
    const transport = to()
    const error = await failureOf(transport.send(large()))
    expect(error).toMatchObject({ stage: 'submit', kind, delivered: 'unknown', retryable: false })
    await transport.close!()
    expect(asked()).not.toContain('DELETE ')
  })
})

it('renews the access token at any step', async () => {
  const steps: string[] = []
  server.play((request) => {
    const name = `${request.method} ${request.path}`
    if (request.headers.authorization === undefined || steps.includes(name)) return graph()(request)
    steps.push(name)
    return { status: 401 }
  })
  const asks: boolean[] = []
  const transport = microsoftGraph({
    url: server.url,
    accessToken: ({ renew }) => {
      asks.push(renew)
      return TOKEN
    },
  })
  await expect(transport.send(large())).resolves.toMatchObject({ state: 'sent' })
  expect(steps).toHaveLength(4)
  expect(asks).toEqual([false, true, false, true, false, true, false, true])
})

it('is told of the send only, not of what comes before', async () => {
  const before: string[][] = []
  await to().send(large(), { beforeTransmission: async () => void before.push(asked()) })
  expect(before).toHaveLength(1)
  expect(before[0]).toContain('POST /attachments')
})
