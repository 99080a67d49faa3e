import type { MessageInput } from '@loudmail/core'
import { startHttpServer } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { failure, message } from '../engine/scene.ts'
import { postmark, type PostmarkOptions } from '../../src/postmark/index.ts'

const OK = { status: 200, body: { ErrorCode: 0, Message: 'OK', MessageID: 'id-1' } }

/** The body of the request for a message. */
async function bodyOf(
  changes: Partial<MessageInput>,
  options: Partial<PostmarkOptions> = {},
): Promise<Record<string, unknown>> {
  await using server = await startHttpServer(OK)
  await postmark({ token: 't', url: server.url, ...options }).send(message(changes))
  return server.requests[0]!.json as Record<string, unknown>
}

function refusal(changes: Partial<MessageInput>): ReturnType<typeof failure> {
  return failure(postmark({ token: 't', url: 'http://127.0.0.1:9' }).send(message(changes)))
}

it('the request is as Postmark documents it', async () => {
  await using server = await startHttpServer(OK)
  await postmark({ token: 'the-token', url: server.url }).send(
    message({
      from: { name: 'Tea "shop", Ltd', address: 'tea@sender.example' },
      to: ['Bob <bob@rcpt.example>', 'carol@rcpt.example'],
      cc: 'Dörte <doerte@rcpt.example>',
      bcc: 'eve@rcpt.example',
      replyTo: ['a@sender.example', 'b@sender.example'],
      subject: 'Tee & Kännchen 🍵',
      text: 'Hallo Ä',
      html: '<p>Hallo Ä <img src="cid:logo"></p>',
      messageId: '<id@sender.example>',
      inReplyTo: '<before@rcpt.example>',
      references: ['<first@rcpt.example>', '<before@rcpt.example>'],
      headers: { 'X-Long': 'long '.repeat(150).trim(), 'X-Name': 'Ä', 'X-Twice': ['1', '2'] },
      attachments: [
        { filename: 'Rechnung Ä.pdf', content: 'PDF', contentType: 'application/pdf' },
        {
          filename: 'logo.png',
          content: Buffer.from([1, 2, 3]),
          contentType: 'image/png',
          contentId: 'logo',
        },
      ],
      transportData: { tags: ['welcome'], metadata: { order: '4711' } },
    }),
  )
  const [request] = server.requests
  expect(request).toMatchObject({ method: 'POST', path: '/email' })
  expect(request!.headers).toMatchObject({
    'x-postmark-server-token': 'the-token',
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'loudmail',
  })
  expect(request!.json).toEqual({
    From: String.raw`"Tea \"shop\", Ltd" <tea@sender.example>`,
    To: '"Bob" <bob@rcpt.example>, carol@rcpt.example',
    Cc: '"Dörte" <doerte@rcpt.example>',
    Bcc: 'eve@rcpt.example',
    ReplyTo: 'a@sender.example, b@sender.example',
    Subject: 'Tee & Kännchen 🍵',
    TextBody: 'Hallo Ä',
    HtmlBody: '<p>Hallo Ä <img src="cid:logo"></p>',
    Headers: [
      { Name: 'Message-ID', Value: '<id@sender.example>' },
      { Name: 'In-Reply-To', Value: '<before@rcpt.example>' },
      { Name: 'References', Value: '<first@rcpt.example> <before@rcpt.example>' },
      { Name: 'X-Long', Value: 'long '.repeat(150).trim() },
      { Name: 'X-Name', Value: '=?utf-8?B?w4Q=?=' },
      { Name: 'X-Twice', Value: '1' },
      { Name: 'X-Twice', Value: '2' },
      { Name: 'X-PM-KeepID', Value: 'true' },
    ],
    Attachments: [
      { Name: 'Rechnung Ä.pdf', Content: 'UERG', ContentType: 'application/pdf' },
      { Name: 'logo.png', Content: 'AQID', ContentType: 'image/png', ContentID: 'cid:logo' },
    ],
    Tag: 'welcome',
    Metadata: { order: '4711' },
  })
})

it('an invitation is a file with its method', async () => {
  const content = 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n'
  expect(await bodyOf({ calendar: { method: 'request', content } })).toMatchObject({
    Attachments: [
      {
        Name: 'invite.ics',
        ContentType: 'text/calendar; charset=utf-8; method=REQUEST',
        Content: Buffer.from(content).toString('base64'),
      },
    ],
  })
})

it('recipients of the envelope alone are in Bcc, and those who are not in it get nothing', async () => {
  await using server = await startHttpServer(OK)
  const sent = message({ to: 'bob@rcpt.example', cc: 'carol@rcpt.example', bcc: 'eve@rcpt.example' })
  const transport = postmark({ token: 't', url: server.url })
  await transport.send(sent.forRecipients(['bob@rcpt.example', 'eve@rcpt.example']))
  expect(server.requests[0]!.json).toMatchObject({ To: 'bob@rcpt.example', Bcc: 'eve@rcpt.example' })
  expect(server.requests[0]!.json).not.toHaveProperty('Cc')
  await transport.send(sent.forRecipients(['carol@rcpt.example']))
  expect(server.requests[1]!.json).toMatchObject({ To: 'carol@rcpt.example' })
  expect(server.requests[1]!.json).not.toHaveProperty('Bcc')
})

describe('what only Postmark knows', () => {
  it('is in the options, and transportData.postmark is before them', async () => {
    const options = { messageStream: 'broadcast', trackOpens: true, trackLinks: 'HtmlOnly' } as const
    expect(await bodyOf({}, options)).toMatchObject({
      MessageStream: 'broadcast',
      TrackOpens: true,
      TrackLinks: 'HtmlOnly',
    })
    const own = { messageStream: 'outbound', trackOpens: false, trackLinks: 'None' }
    expect(await bodyOf({ transportData: { postmark: own } }, options)).toMatchObject({
      MessageStream: 'outbound',
      TrackOpens: false,
      TrackLinks: 'None',
    })
  })

  it('is not in the request if nobody says it', async () => {
    expect(Object.keys(await bodyOf({ cc: [], bcc: [] }))).toEqual([
      'From',
      'To',
      'Subject',
      'TextBody',
      'Headers',
    ])
  })

  it('a template brings the content', async () => {
    await using server = await startHttpServer(OK)
    const postmarkData = { templateAlias: 'welcome', templateModel: { name: 'Bob' } }
    const sent = message({ subject: undefined, text: undefined, transportData: { postmark: postmarkData } })
    await postmark({ token: 't', url: server.url, batch: true }).send(sent)
    expect(server.requests[0]!.path).toBe('/email/withTemplate')
    const body = server.requests[0]!.json
    expect(body).toMatchObject({ TemplateAlias: 'welcome', TemplateModel: { name: 'Bob' } })
    expect(body).not.toHaveProperty('Subject')
    expect(body).not.toHaveProperty('TextBody')
  })

  it.each<[object, string]>([
    [{ messagestream: 'x' }, 'Did you mean messageStream?'],
    [{ messageStream: 7 }, 'messageStream must be a text'],
    [{ trackOpens: 'yes' }, 'trackOpens must be true or false'],
    [{ trackLinks: 'All' }, 'trackLinks must be None'],
    [{ templateAlias: '' }, 'templateAlias must be a text'],
    [{ templateModel: { a: 1 } }, 'set templateAlias'],
    [{ templateAlias: 'a', templateModel: [] }, 'templateModel must be an object'],
    [{ templateAlias: 'a' }, 'has its own'],
  ])('%j is refused', async (own, words) => {
    const error = await refusal({ transportData: { postmark: own } })
    expect(error).toMatchObject({ code: 'compose/invalid-message', delivered: 'none' })
    expect(`${error.summary} ${error.hint}`).toContain(words)
  })
})

describe('what Postmark cannot send is refused before anything is sent', () => {
  it.each<[string, Partial<MessageInput>, string]>([
    [
      'several authors',
      { from: ['a@sender.example', 'b@sender.example'], sender: 'a@sender.example' },
      'one author',
    ],
    ['only hidden recipients', { to: [], bcc: ['bob@rcpt.example', 'carol@rcpt.example'] }, 'only in `bcc`'],
    ['a later time', { transportData: { sendAt: new Date(Date.now() + 60_000) } }, 'later'],
    ['long metadata', { transportData: { metadata: { order: 'x'.repeat(81) } } }, 'too long'],
    ['a long name in metadata', { transportData: { metadata: { ['x'.repeat(21)]: '1' } } }, 'too long'],
    ['the same name twice', { transportData: { metadata: { Order: '1', order: '2' } } }, 'the same name'],
    [
      'much metadata',
      { transportData: { metadata: Object.fromEntries('abcdefghijk'.split('').map((name) => [name, '1'])) } },
      'at most 10',
    ],
  ])('%s', async (_what, changes, words) => {
    const error = await refusal(changes)
    expect(error).toMatchObject({ code: 'compose/invalid-message', delivered: 'none' })
    expect(error.summary).toContain(words)
  })

  it('a message that is composed already', async () => {
    const raw = 'From: ann@sender.example\r\nTo: bob@rcpt.example\r\n\r\nHi\r\n'
    const { toMessage } = await import('@loudmail/core/transport')
    const error = await failure(
      postmark({ token: 't' }).send(
        toMessage({ raw, envelope: { from: 'ann@sender.example', to: 'bob@rcpt.example' } }),
      ),
    )
    expect(error).toMatchObject({ code: 'compose/invalid-message' })
    expect(error.hint).toContain('smtp()')
  })

  it('more than 50 recipients', async () => {
    const to = Array.from({ length: 51 }, (_, n) => `user${n}@rcpt.example`)
    const error = await refusal({ to })
    expect(error).toMatchObject({
      code: 'compose/too-many-recipients',
      permanence: 'permanent',
      retryable: false,
    })
    expect(error.summary).toContain('at most 50')
  })

  it('TLS all the way', async () => {
    expect(await refusal({ requireTlsOnward: true })).toMatchObject({ kind: 'requiretls-not-offered' })
  })
})

it('of several tags, Postmark gets the first', async () => {
  expect(await bodyOf({ transportData: { tags: ['welcome', 'new'] } })).toMatchObject({ Tag: 'welcome' })
})
