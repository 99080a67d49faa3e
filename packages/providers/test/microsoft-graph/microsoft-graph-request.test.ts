import { retry, type MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { providerAnswers, startHttpServer, type HttpServer } from '@loudmail/server/http'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { microsoftGraph, type MicrosoftGraphOptions } from '../../src/microsoft-graph/index.ts'
import { answerNamed, failureOf, TOKEN } from '../mailbox-suites.ts'
import { messageTo } from '../suites.ts'

let server: HttpServer
const [success] = providerAnswers.microsoftGraph.successes

beforeAll(async () => {
  server = await startHttpServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.clear()
  server.play(success!)
})

const to = (more: Partial<MicrosoftGraphOptions> = {}): ReturnType<typeof microsoftGraph> =>
  microsoftGraph({ url: server.url, accessToken: TOKEN, ...more })
const notKept: Partial<MessageInput> = { transportData: { microsoftGraph: { saveToSentItems: false } } }

it('posts the message as it is composed here, in base64', async () => {
  const delivery = await to().send(
    messageTo({
      to: 'Bob <bob@rcpt.example>',
      bcc: 'dave@rcpt.example',
      subject: 'Grüße 🍵',
      html: '<p>Tea</p>',
      attachments: [
        {
          filename: 'tëa.txt',
          content: async function* () {
            yield Buffer.from('leaves')
          },
        },
      ],
    }),
  )
  expect(delivery).toMatchObject({ state: 'sent', response: '202 Accepted' })
  const [request] = server.requests
  expect(request).toMatchObject({ method: 'POST', target: '/v1.0/me/sendMail' })
  expect(request!.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'content-type': 'text/plain' })
  const mime = Buffer.from(request!.body.toString(), 'base64').toString()
  expect(mime).toMatch(/^Bcc: dave@rcpt\.example\r\nDate: [^]*^To: Bob <bob@rcpt\.example>\r$/m)
  expect(mime).toContain(Buffer.from('leaves').toString('base64'))
  expect(delivery.transcript?.entries.some(({ text }) => text.includes('(request 9e4f5a6b'))).toBe(true)
})

it('sends as the mailbox that `user` names', async () => {
  await to({ user: 'tea shop'.replace(' ', '/') + '@example.com' }).send(messageTo())
  expect(server.requests[0]!.target).toBe('/v1.0/users/tea%2Fshop@example.com/sendMail')
})

it('goes to a national cloud', () => {
  expect(microsoftGraph({ accessToken: TOKEN, url: 'https://graph.microsoft.us' }).name).toBe(
    'microsoftGraph(graph.microsoft.us)',
  )
})

it('names only those in the header who are still to get the message', async () => {
  const message = messageTo({ cc: 'carol@rcpt.example' })
  await to().send(message.forRecipients(['bob@rcpt.example']))
  const mime = Buffer.from(server.requests[0]!.body.toString(), 'base64').toString()
  expect(mime).toMatch(/^To: bob@rcpt\.example\r$/m)
  expect(mime).not.toMatch(/ann@|carol@/)
})

it('posts the parts of a message that is not kept in Sent Items', async () => {
  const message = messageTo({
    from: 'Tea shop <tea@example.com>',
    sender: 'desk@example.com',
    to: 'Bob, B <bob@rcpt.example>'.replace('Bob, B', '"Bob, B"'),
    cc: 'carol@rcpt.example',
    bcc: ['dave@rcpt.example', 'erin@rcpt.example'],
    replyTo: 'answers@example.com',
    subject: 'Grüße 🍵',
    html: '<img src="cid:logo">',
    inReplyTo: '<first@rcpt.example>',
    references: ['<zero@rcpt.example>', '<first@rcpt.example>'],
    messageId: '<own@example.com>',
    headers: { 'X-Order': '4711' },
    attachments: [
      { filename: 'tea.txt', content: 'leaves' },
      { filename: 'logo.png', content: 'png', contentId: 'logo', contentType: 'image/png' },
    ],
    ...notKept,
  })
  await to().send(message.forRecipients(['bob@rcpt.example', 'carol@rcpt.example', 'erin@rcpt.example']))
  const [request] = server.requests
  expect(request!.headers['content-type']).toBe('application/json')
  expect(request!.json).toEqual({
    saveToSentItems: false,
    message: {
      subject: 'Grüße 🍵',
      body: { contentType: 'HTML', content: '<img src="cid:logo">' },
      from: { emailAddress: { name: 'Tea shop', address: 'tea@example.com' } },
      sender: { emailAddress: { address: 'desk@example.com' } },
      toRecipients: [{ emailAddress: { name: 'Bob, B', address: 'bob@rcpt.example' } }],
      ccRecipients: [{ emailAddress: { address: 'carol@rcpt.example' } }],
      bccRecipients: [{ emailAddress: { address: 'erin@rcpt.example' } }],
      replyTo: [{ emailAddress: { address: 'answers@example.com' } }],
      internetMessageId: '<own@example.com>',
      internetMessageHeaders: [{ name: 'X-Order', value: '4711' }],
      singleValueExtendedProperties: [
        { id: 'String 0x1042', value: '<first@rcpt.example>' },
        { id: 'String 0x1039', value: '<zero@rcpt.example> <first@rcpt.example>' },
      ],
      attachments: [
        {
          '@odata.type': '#microsoft.graph.fileAttachment',
          name: 'tea.txt',
          contentType: 'text/plain; charset=utf-8',
          contentBytes: Buffer.from('leaves').toString('base64'),
        },
        {
          '@odata.type': '#microsoft.graph.fileAttachment',
          name: 'logo.png',
          contentType: 'image/png',
          contentBytes: Buffer.from('png').toString('base64'),
          isInline: true,
          contentId: 'logo',
        },
      ],
    },
  })
})

it('keeps no message if the option says so, except one that says otherwise', async () => {
  const transport = to({ saveToSentItems: false })
  await transport.send(messageTo())
  await transport.send(messageTo({ transportData: { microsoftGraph: { saveToSentItems: true } } }))
  expect(server.requests.map(({ headers }) => headers['content-type'])).toEqual([
    'application/json',
    'text/plain',
  ])
  expect(server.requests[0]!.json).toMatchObject({
    message: { body: { contentType: 'Text', content: 'It is ready.' } },
  })
})

const RAW = toMessage({
  raw: 'From: tea@example.com\r\nTo: ann@rcpt.example\r\n\r\nTea\r\n',
  envelope: { from: 'tea@example.com', to: 'ann@rcpt.example' },
  ...notKept,
})

it.each([
  [RAW, /every message in Sent Items that was composed before/],
  [messageTo({ ...notKept, headers: { 'List-Unsubscribe': '<https://example.com/u>' } }), /List-Unsubscribe/],
  [messageTo({ ...notKept, calendar: { method: 'request', content: 'BEGIN:VCALENDAR' } }), /an invitation/],
  [
    messageTo({ ...notKept, from: ['a@example.com', 'b@example.com'], sender: 'a@example.com' }),
    /several authors/,
  ],
  [messageTo({ transportData: { microsoftGraph: { saveToSentItems: 'no' } } }), /must be true or false/],
])('refuses what Graph cannot take in parts (%#)', async (message, summary) => {
  const error = await failureOf(to().send(message))
  expect(error).toMatchObject({ code: 'compose/invalid-message', delivered: 'none' })
  expect(error.summary).toMatch(summary)
  expect(server.requests).toEqual([])
})

it('refuses a raw message that would reach somebody else', async () => {
  const message = toMessage({
    raw: 'From: tea@example.com\r\nTo: ann@rcpt.example\r\nCc: mallory@rcpt.example\r\n\r\nTea\r\n',
    envelope: { from: 'tea@example.com', to: 'ann@rcpt.example' },
  })
  expect(await failureOf(to().send(message))).toMatchObject({
    code: 'compose/invalid-message',
    summary:
      'Microsoft Graph sends to everybody whom the header names, and the raw message names 1 that its envelope does not',
  })
})

it.each([
  [
    toMessage({
      raw: `From: a@b.example\r\nTo: ann@rcpt.example\r\n\r\n${'tea\r\n'.repeat(700_000)}`,
      envelope: { from: '', to: 'ann@rcpt.example' },
    }),
    /composed here/,
  ],
  [messageTo({ text: 'tea '.repeat(800_000) }), /composed here/],
  [
    messageTo({ text: 'tea '.repeat(800_000), attachments: [{ filename: 'a', content: 'a' }] }),
    /Shorten its text/,
  ],
  [
    messageTo({ ...notKept, attachments: [{ filename: 'a', content: Buffer.alloc(3_100_000) }] }),
    /is kept in Sent Items/,
  ],
])('refuses what does not fit into a request (%#)', async (message, hint) => {
  const error = await failureOf(to().send(message))
  expect(error).toMatchObject({ code: 'submit/message-too-large', delivered: 'none' })
  expect(error.hint).toMatch(hint)
  expect(server.requests).toEqual([])
})

it.each([
  [400, 'BadRequest', '/me request is only valid with delegated authentication flow.', 'invalid-config'],
  [403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.', 'policy'],
  [403, 'ErrorExceededMessageLimit', 'Cannot send mail. The limit is exceeded.', 'rate-limited'],
  [403, 'ErrorMessageSubmissionBlocked', 'Cannot send mail.', 'account-blocked'],
  [403, 'ErrorAccountSuspend', 'Account suspended.', 'account-blocked'],
  [403, 'ErrorQuotaExceeded', 'The mailbox is full.', 'server-storage'],
  [400, 'ErrorMessageSizeExceeded', 'The message exceeds the maximum supported size.', 'message-too-large'],
  [404, 'ResourceNotFound', 'Resource could not be discovered.', 'invalid-config'],
  [404, 'Request_ResourceNotFound', "Resource 'x' does not exist.", 'invalid-config'],
  [401, 'CompactToken', 'CompactToken parsing failed with error code: 80049217', 'oauth-token'],
  [429, 'activityLimitReached', 'Too many requests.', 'rate-limited'],
  [509, 'BandwidthLimitExceeded', 'Too much.', 'rate-limited'],
  [400, 'ErrorIrresolvableConflict', 'The send failed.', 'invalid-message'],
])('knows %i %s', async (status, code, message, kind) => {
  server.play({ status, body: { error: { code, message } } })
  const error = await failureOf(to().send(messageTo()))
  expect(error).toMatchObject({ kind, delivered: 'none' })
  expect(error.reply?.text).toBe(message)
})

it('goes by the innermost code that it knows', async () => {
  const innererror = { code: 'ErrorSendAsDenied', innererror: { code: 'SomethingNew' } }
  server.play({ status: 403, body: { error: { code: 'Forbidden', message: 'No', innererror } } })
  expect(await failureOf(to().send(messageTo()))).toMatchObject({ kind: 'sender-not-owned', scope: 'sender' })
})

it('is tried again after a limit, with the same message', async () => {
  const { status, body } = answerNamed('microsoftGraph', 'ApplicationThrottled')
  server.play([{ status, body }, success!])
  const delivery = await retry(to(), { delayMs: 1 }).send(messageTo())
  expect(delivery.failures).toMatchObject([{ kind: 'rate-limited' }])
  expect(server.requests[1]!.body).toEqual(server.requests[0]!.body)
})
