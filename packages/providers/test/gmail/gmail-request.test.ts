import { retry, type MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { providerAnswers, startHttpServer, type HttpServer } from '@loudmail/server/http'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { gmail, type GmailData, type GmailOptions } from '../../src/gmail/index.ts'
import { answerNamed, failureOf, TOKEN } from '../mailbox-suites.ts'
import { messageTo, shown } from '../suites.ts'

let server: HttpServer
const [success] = providerAnswers.gmail.successes

beforeAll(async () => {
  server = await startHttpServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.clear()
  server.play(success!)
})

const to = (more: Partial<GmailOptions> = {}): ReturnType<typeof gmail> =>
  gmail({ url: server.url, accessToken: TOKEN, ...more })

const ownData = (own: GmailData): Partial<MessageInput> => ({ transportData: { gmail: own } })

/** The message in the last request. */
function posted(): string {
  const { raw } = server.requests.at(-1)!.json as { raw: string }
  return Buffer.from(raw, 'base64url').toString()
}

it('posts the message as it is composed here', async () => {
  const delivery = await to().send(
    messageTo({
      to: 'Bob Müller <bob@rcpt.example>',
      cc: '"Carol, of sales" <carol@rcpt.example>',
      bcc: ['dave@rcpt.example', 'erin@rcpt.example'],
      replyTo: 'answers@example.com',
      subject: 'Grüße 🍵',
      html: '<p>Tea</p>',
      inReplyTo: '<first@rcpt.example>',
      headers: { 'X-Order': '4711' },
      calendar: { method: 'request', content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' },
      attachments: [{ filename: 'tëa.txt', content: 'leaves' }],
    }),
  )
  expect(delivery).toMatchObject({
    state: 'sent',
    providerId: '19a0b1c2d3e40001',
    response: '200 19a0b1c2d3e40001',
    transport: `gmail(127.0.0.1:${server.port})`,
  })
  const [request] = server.requests
  expect(request).toMatchObject({ method: 'POST', target: '/gmail/v1/users/me/messages/send' })
  expect(request!.headers).toMatchObject({
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    'content-length': String(request!.body.length),
  })
  expect(Object.keys(request!.json as object)).toEqual(['raw'])
  const mime = posted()
  expect(mime).toMatch(/^Bcc: dave@rcpt\.example,\r\n erin@rcpt\.example\r\nDate: /)
  expect(mime).toMatch(/^To: [^<]*=\?UTF-8\?\S+\s+<bob@rcpt\.example>\r$/im)
  expect(mime).toMatch(/^Cc: "Carol, of sales" <carol@rcpt\.example>\r$/m)
  expect(mime).toMatch(/^Reply-To: answers@example\.com\r$/m)
  expect(mime).toMatch(/^Message-ID: <\S+@example\.com>\r$/m)
  expect(mime).toMatch(/^In-Reply-To: <first@rcpt\.example>\r$/m)
  expect(mime).toMatch(/^X-Order: 4711\r$/m)
  expect(mime).toContain('text/calendar')
  expect(mime).toContain(Buffer.from('leaves').toString('base64'))
})

it('names only those in the header who are still to get the message', async () => {
  const message = messageTo({ cc: 'carol@rcpt.example', bcc: 'dave@rcpt.example' })
  await to().send(message.forRecipients(['bob@rcpt.example', 'dave@rcpt.example']))
  expect(posted()).toMatch(/^Bcc: dave@rcpt\.example\r\n[^]*^To: bob@rcpt\.example\r$/m)
  expect(posted()).not.toMatch(/ann@|carol@/)
})

it('refuses a raw message that would reach somebody else', async () => {
  const message = toMessage({
    raw: 'From: tea@example.com\r\nTo: ann@rcpt.example, mallory@rcpt.example\r\n\r\nTea\r\n',
    envelope: { from: 'tea@example.com', to: 'ann@rcpt.example' },
  })
  expect(await failureOf(to().send(message))).toMatchObject({
    code: 'compose/invalid-message',
    summary:
      'Gmail sends to everybody whom the header names, and the raw message names 1 that its envelope does not',
    delivered: 'none',
  })
  expect(server.requests).toEqual([])
})

it('says which thread and which labels, and whose mailbox', async () => {
  const message = messageTo(ownData({ threadId: 'thread-1', labelIds: ['Label_12'] }))
  await to({ user: 'tea+shop@example.com' }).send(message)
  const [request] = server.requests
  expect(request!.target).toBe('/gmail/v1/users/tea%2Bshop@example.com/messages/send')
  expect(request!.json).toMatchObject({ threadId: 'thread-1', labelIds: ['Label_12'] })
})

const LARGE = { attachments: [{ filename: 'leaves.bin', content: Buffer.alloc(4_500_000, 7) }] }

it('uploads a large message as it is', async () => {
  await to().send(messageTo({ ...LARGE, bcc: 'dave@rcpt.example' }))
  const [request] = server.requests
  expect(request!.target).toBe('/upload/gmail/v1/users/me/messages/send?uploadType=media')
  expect(request!.headers['content-type']).toBe('message/rfc822')
  expect(request!.body.toString('latin1', 0, 100)).toMatch(/^Bcc: dave@rcpt\.example\r\nDate: /)
  expect(request!.body.length).toBeGreaterThan(6_000_000)
})

it('uploads a large message with its thread', async () => {
  await to().send(messageTo({ ...LARGE, ...ownData({ threadId: 'thread-1' }) }))
  const [request] = server.requests
  expect(request!.target).toBe('/upload/gmail/v1/users/me/messages/send?uploadType=multipart')
  const [, boundary] = /^multipart\/related; boundary=(\S+)$/.exec(request!.headers['content-type']!)!
  const body = request!.body.toString('latin1')
  const [before, fields, message, after] = body.split(`--${boundary}`)
  expect(before).toBe('')
  expect(fields).toBe('\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{"threadId":"thread-1"}\r\n')
  expect(message).toMatch(/^\r\nContent-Type: message\/rfc822\r\n\r\nDate: [^]*--\r\n\r\n$/)
  expect(after).toBe('--\r\n')
})

it('refuses a message that is larger than Gmail takes, before it is uploaded', async () => {
  const attachments = [{ filename: 'leaves.bin', content: Buffer.alloc(27_000_000) }]
  const error = await failureOf(to().send(messageTo({ attachments })))
  expect(error).toMatchObject({
    code: 'submit/message-too-large',
    delivered: 'none',
    permanence: 'permanent',
  })
  expect(error.summary).toMatch(/^the message has 36\d{6} octets, and Gmail takes 36700160$/)
  expect(server.requests).toEqual([])
})

it.each([
  [ownData({ threadId: 7 as never }), /threadId must be/],
  [ownData({ labelIds: 'Label_12' as never }), /labelIds must be a list/],
  [{ transportData: { gmail: { threadID: 'x' } } }, /transportData\.gmail has no threadID/],
  [{ transportData: { sendAt: new Date(Date.now() + 60_000) } }, /Gmail cannot send a message later/],
])('refuses what Gmail does not know: %j', async (changes, summary) => {
  const error = await failureOf(to().send(messageTo(changes)))
  expect(error).toMatchObject({ code: 'compose/invalid-message', delivered: 'none' })
  expect(error.summary).toMatch(summary)
})

it('leaves tags and metadata to other providers', async () => {
  await to().send(messageTo({ transportData: { tags: ['welcome'], metadata: { order: '4711' } } }))
  expect(Object.keys(server.requests[0]!.json as object)).toEqual(['raw'])
})

it('waits until the time that the words of Gmail name', async () => {
  const at = new Date(Date.now() + 90_000).toISOString()
  const message = `User-rate limit exceeded.  Retry after ${at} (Mail sending)`
  const errors = [{ domain: 'usageLimits', reason: 'userRateLimitExceeded', message }]
  server.play({ status: 429, body: { error: { code: 429, message, errors, status: 'RESOURCE_EXHAUSTED' } } })
  const { kind, retryAfterMs } = await failureOf(to().send(messageTo()))
  expect(kind).toBe('rate-limited')
  expect(retryAfterMs).toBeGreaterThan(60_000)
  expect(retryAfterMs).toBeLessThanOrEqual(90_000)
})

it.each([
  [400, 'Mail service not enabled', 'failedPrecondition', 'account-blocked', /has no Gmail/],
  [400, 'Precondition check failed.', 'failedPrecondition', 'invalid-config', /set `subject`/],
  [400, 'Recipient address required', 'invalidArgument', 'invalid-message', /./],
  [403, 'Delegation denied for tea@example.com', 'forbidden', 'invalid-config', /another mailbox/],
  [403, 'Quota exceeded', 'quotaExceeded', 'rate-limited', /limit\(\)/],
  [413, 'The request is too large.', 'uploadTooLarge', 'message-too-large', /./],
  [403, 'Forbidden', 'forbidden', 'policy', /./],
])('knows %i %s', async (status, message, reason, kind, hint) => {
  server.play({ status, body: { error: { code: status, message, errors: [{ reason, message }] } } })
  const error = await failureOf(to().send(messageTo()))
  expect(error).toMatchObject({ kind, delivered: 'none' })
  expect(error.hint).toMatch(hint)
  expect(error.reply?.text).toBe(message)
})

it.each([
  ['ACCESS_TOKEN_SCOPE_INSUFFICIENT', 403, 'PERMISSION_DENIED', 'oauth-token'],
  ['SERVICE_DISABLED', 403, 'PERMISSION_DENIED', 'invalid-config'],
  ['RATE_LIMIT_EXCEEDED', 403, 'PERMISSION_DENIED', 'rate-limited'],
  [undefined, 429, 'RESOURCE_EXHAUSTED', 'rate-limited'],
  [undefined, 400, 'FAILED_PRECONDITION', 'account-blocked'],
  [undefined, 403, 'PERMISSION_DENIED', 'policy'],
])('knows the newer form of errors: %s %i %s', async (reason, code, status, kind) => {
  const details =
    reason === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }]
  server.play({ status: code, body: { error: { code, message: 'No', status, details } } })
  expect(await failureOf(to().send(messageTo()))).toMatchObject({ kind, delivered: 'none' })
})

it('is tried again after a limit, with the same message', async () => {
  const limited = answerNamed('gmail', 'userRateLimitExceeded')
  server.play([limited, success!])
  const delivery = await retry(to(), { delayMs: 1 }).send(messageTo())
  expect(delivery.failures).toHaveLength(1)
  expect(server.requests[1]!.body).toEqual(server.requests[0]!.body)
})

it('is not tried again after a doubt', async () => {
  server.play([answerNamed('gmail', 'backendError'), success!])
  const error = await failureOf(retry(to(), { delayMs: 1 }).send(messageTo()))
  expect(error).toMatchObject({ kind: 'server-error', delivered: 'unknown' })
  expect(server.requests).toHaveLength(1)
  expect(shown(error)).not.toContain(TOKEN)
})
