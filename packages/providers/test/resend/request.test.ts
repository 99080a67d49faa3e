import type { MessageInput } from '@loudmail/core'
import { startHttpServer } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { ACCEPTED, api, failure, message } from '../engine/scene.ts'
import { resend } from '../../src/resend/index.ts'

/** The body of the request for a message. */
async function bodyOf(changes: Partial<MessageInput>): Promise<Record<string, unknown>> {
  await using server = await startHttpServer(ACCEPTED)
  await api(server.url).send(message(changes))
  return server.requests[0]!.json as Record<string, unknown>
}

function refusal(changes: Partial<MessageInput>): ReturnType<typeof failure> {
  return failure(api('http://127.0.0.1:9').send(message(changes)))
}

it('the request is as Resend documents it', async () => {
  await using server = await startHttpServer(ACCEPTED)
  const sendAt = new Date(Date.now() + 3_600_000)
  await resend({ key: 're_1', url: server.url }).send(
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
      headers: { 'X-Long': 'long '.repeat(150).trim(), 'X-Name': 'Ä' },
      attachments: [
        { filename: 'Rechnung Ä.pdf', content: 'PDF', contentType: 'application/pdf' },
        {
          filename: 'logo.png',
          content: Buffer.from([1, 2, 3]),
          contentType: 'image/png',
          contentId: 'logo',
        },
      ],
      idempotencyKey: 'order-4711',
      transportData: { tags: ['welcome'], metadata: { order: '4711' }, sendAt, resend: { topicId: 't-1' } },
    }),
  )
  const [request] = server.requests
  expect(request).toMatchObject({ method: 'POST', path: '/emails' })
  expect(request!.headers).toMatchObject({
    authorization: 'Bearer re_1',
    'content-type': 'application/json',
    'idempotency-key': 'order-4711',
    'user-agent': 'loudmail',
  })
  expect(request!.json).toEqual({
    from: String.raw`"Tea \"shop\", Ltd" <tea@sender.example>`,
    to: ['"Bob" <bob@rcpt.example>', 'carol@rcpt.example'],
    subject: 'Tee & Kännchen 🍵',
    cc: ['"Dörte" <doerte@rcpt.example>'],
    bcc: ['eve@rcpt.example'],
    reply_to: ['a@sender.example', 'b@sender.example'],
    text: 'Hallo Ä',
    html: '<p>Hallo Ä <img src="cid:logo"></p>',
    headers: {
      'Message-ID': '<id@sender.example>',
      'In-Reply-To': '<before@rcpt.example>',
      References: '<first@rcpt.example> <before@rcpt.example>',
      'X-Long': 'long '.repeat(150).trim(),
      'X-Name': '=?utf-8?B?w4Q=?=',
    },
    attachments: [
      { filename: 'Rechnung Ä.pdf', content: 'UERG', content_type: 'application/pdf' },
      { filename: 'logo.png', content: 'AQID', content_type: 'image/png', content_id: 'logo' },
    ],
    tags: [
      { name: 'welcome', value: 'true' },
      { name: 'order', value: '4711' },
    ],
    scheduled_at: sendAt.toISOString(),
    topic_id: 't-1',
  })
})

it('Resend makes no text from the HTML', async () => {
  expect(await bodyOf({ text: undefined, html: '<p>Hi</p>' })).toMatchObject({ text: '', html: '<p>Hi</p>' })
})

it('an invitation is a file with its method', async () => {
  const content = 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n'
  expect(await bodyOf({ calendar: { method: 'request', content } })).toMatchObject({
    attachments: [
      {
        filename: 'invite.ics',
        content_type: 'text/calendar; charset=utf-8; method=REQUEST',
        content: Buffer.from(content).toString('base64'),
      },
    ],
  })
})

it('recipients of the envelope alone are in bcc, and those who are not in it get nothing', async () => {
  await using server = await startHttpServer(ACCEPTED)
  const sent = message({ to: 'bob@rcpt.example', cc: 'carol@rcpt.example', bcc: 'eve@rcpt.example' })
  await api(server.url).send(sent.forRecipients(['bob@rcpt.example', 'eve@rcpt.example']))
  expect(server.requests[0]!.json).toMatchObject({ to: ['bob@rcpt.example'], bcc: ['eve@rcpt.example'] })
  expect(server.requests[0]!.json).not.toHaveProperty('cc')
})

describe('what Resend cannot send is refused before anything is sent', () => {
  const many = Object.fromEntries(Array.from({ length: 76 }, (_, n) => [`n${n}`, '1']))
  it.each<[string, Partial<MessageInput>, string]>([
    [
      'several authors',
      { from: ['a@sender.example', 'b@sender.example'], sender: 'a@sender.example' },
      'one author',
    ],
    ['only hidden recipients', { to: [], bcc: ['bob@rcpt.example', 'carol@rcpt.example'] }, 'only in `bcc`'],
    ['a header field twice', { headers: { 'X-A': ['1', '2'] } }, 'several times'],
    [
      'a time that is too late',
      { transportData: { sendAt: new Date(Date.now() + 31 * 86_400_000) } },
      '720 hours',
    ],
    ['a tag with a blank', { transportData: { tags: ['new customer'] } }, 'only letters'],
    ['a long tag', { transportData: { tags: ['x'.repeat(257)] } }, 'only letters'],
    ['metadata with other characters', { transportData: { metadata: { order: '4711/2' } } }, 'only letters'],
    ['many tags', { transportData: { metadata: many } }, 'at most 75'],
    ['a topic that is no text', { transportData: { resend: { topicId: 7 } } }, 'topicId'],
    ['a field that does not exist', { transportData: { resend: { topic: 'x' } } }, 'topic'],
  ])('%s', async (_what, changes, words) => {
    const error = await refusal(changes)
    expect(error).toMatchObject({ code: 'compose/invalid-message', delivered: 'none' })
    expect(error.summary).toContain(words)
  })

  it('but 30 days ahead are possible, and a time that is over means at once', async () => {
    const sendAt = new Date(Date.now() + 29 * 86_400_000).toISOString()
    expect(await bodyOf({ transportData: { sendAt } })).toMatchObject({ scheduled_at: sendAt })
    await bodyOf({ transportData: { sendAt: new Date(0) } })
  })
})
