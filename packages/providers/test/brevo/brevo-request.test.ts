import type { MessageInput } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { brevo } from '../../src/brevo/index.ts'
import { failureOf, messageTo, serverForAll } from '../suites.ts'

const key = 'xkeysib-5ecre7-Key0123456789-aBcDeF'
const home = serverForAll()

interface Body {
  readonly headers: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** What Brevo is asked for a message. */
async function requestFor(changes: Partial<MessageInput>): Promise<Body> {
  const { server } = home
  server.clear()
  server.play({ status: 201, body: { messageId: '<b1@smtp-relay.mailin.fr>' } })
  await brevo({ key, url: server.url }).send(messageTo({ messageId: '<1@example.com>', ...changes }))
  return server.requests[0]!.json as Body
}

const refusalFor = (changes: Partial<MessageInput>): ReturnType<typeof failureOf> => {
  home.server.clear()
  return failureOf(brevo({ key, url: home.server.url }), messageTo(changes))
}

describe('a message to Brevo', () => {
  it('is one request, with the key in its header', async () => {
    await requestFor({})
    expect(home.server.requests).toMatchObject([
      {
        method: 'POST',
        target: '/v3/smtp/email',
        headers: { 'api-key': key, 'content-type': 'application/json', accept: 'application/json' },
      },
    ])
  })

  it('says who gets it, what is in it and what belongs to its thread', async () => {
    const body = await requestFor({
      from: 'Tea shop <tea@example.com>',
      to: 'Ann <ann@rcpt.example>, bob@rcpt.example',
      cc: 'carol@rcpt.example',
      bcc: 'dave@rcpt.example',
      replyTo: 'Help <help@example.com>',
      subject: 'Grüner Tee 🍵',
      text: 'Er ist da.',
      html: '<p>Er ist da.</p>',
      inReplyTo: '<0@example.com>',
      references: ['<a@example.com>', '<0@example.com>'],
      headers: { 'X-Shop': 'Nürnberg' },
    })
    expect(body).toEqual({
      sender: { email: 'tea@example.com', name: 'Tea shop' },
      to: [{ email: 'ann@rcpt.example', name: 'Ann' }, { email: 'bob@rcpt.example' }],
      cc: [{ email: 'carol@rcpt.example' }],
      bcc: [{ email: 'dave@rcpt.example' }],
      replyTo: { email: 'help@example.com', name: 'Help' },
      subject: 'Grüner Tee 🍵',
      htmlContent: '<p>Er ist da.</p>',
      textContent: 'Er ist da.',
      headers: {
        'Message-ID': '<1@example.com>',
        'In-Reply-To': '<0@example.com>',
        References: '<a@example.com> <0@example.com>',
        'X-Shop': '=?utf-8?B?TsO8cm5iZXJn?=',
      },
    })
  })

  it('names Bcc nowhere else', async () => {
    const { bcc, ...others } = await requestFor({ to: 'ann@rcpt.example', bcc: 'dave@rcpt.example' })
    expect(bcc).toEqual([{ email: 'dave@rcpt.example' }])
    expect(JSON.stringify(others)).not.toContain('dave')
  })

  it('goes to everybody once, and to those alone who are still to get it', async () => {
    const { server } = home
    server.clear()
    const message = messageTo({ cc: 'ann@rcpt.example, carol@rcpt.example' })
    await brevo({ key, url: server.url }).send(
      message.forRecipients(['ann@rcpt.example', 'carol@rcpt.example']),
    )
    expect(server.requests[0]!.json).toMatchObject({
      to: [{ email: 'ann@rcpt.example' }],
      cc: [{ email: 'carol@rcpt.example' }],
    })
  })

  it('encodes a name that Brevo would drop, and no other', async () => {
    const { to, sender } = await requestFor({
      from: { name: 'Doe, "Ann"', address: 'tea@example.com' },
      to: [
        { name: 'Müller, Bob', address: 'ann@rcpt.example' },
        { name: 'Bob Müller', address: 'bob@rcpt.example' },
      ],
    })
    expect(sender).toEqual({ email: 'tea@example.com', name: 'Doe, "Ann"' })
    expect(to).toEqual([
      { email: 'ann@rcpt.example', name: '=?utf-8?B?TcO8bGxlciwgQm9i?=' },
      { email: 'bob@rcpt.example', name: 'Bob Müller' },
    ])
  })

  it('carries files and an invitation', async () => {
    const { attachment } = await requestFor({
      attachments: [
        { filename: 'Preise für Tee.txt', content: 'Grüner Tee: 4 €' },
        { content: 'x', contentId: 'free' },
      ],
      calendar: { method: 'request', content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' },
    })
    expect(attachment).toEqual([
      { name: 'Preise für Tee.txt', content: Buffer.from('Grüner Tee: 4 €').toString('base64') },
      { name: 'attachment', content: 'eA==' },
      { name: 'invite.ics', content: Buffer.from('BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n').toString('base64') },
    ])
  })
})

describe('transportData for Brevo', () => {
  it('becomes tags, a header field and the time to send at', async () => {
    const sendAt = new Date(Date.now() + 3_600_000)
    const body = await requestFor({
      transportData: { tags: ['welcome'], metadata: { order: '4711', shop: 'Nürnberg 🍵' }, sendAt },
    })
    expect(body).toMatchObject({ tags: ['welcome'], scheduledAt: sendAt.toISOString() })
    const custom = body.headers['X-Mailin-custom']!
    expect(custom).toMatch(/^[ -~]+$/)
    expect(JSON.parse(custom)).toEqual({ order: '4711', shop: 'Nürnberg 🍵' })
  })

  it('has fields of its own', async () => {
    const body = await requestFor({
      transportData: {
        brevo: {
          sandboxMode: false,
          templateId: 7,
          params: { name: 'Ann' },
          batchId: 'b',
          senderIp: '192.0.2.1',
        },
      },
    })
    expect(body).toMatchObject({
      templateId: 7,
      params: { name: 'Ann' },
      batchId: 'b',
      headers: { 'sender.ip': '192.0.2.1' },
    })
    expect(body.headers).not.toHaveProperty('X-Sib-Sandbox')
  })

  it('sends at once if the time is over', async () => {
    expect(await requestFor({ transportData: { sendAt: new Date(Date.now() - 1_000) } })).not.toHaveProperty(
      'scheduledAt',
    )
  })

  it('in sandbox mode, the message is discarded', async () => {
    const { server } = home
    server.play({ status: 201, body: { messageId: '<b1@smtp-relay.mailin.fr>' } })
    const message = messageTo({ transportData: { brevo: { sandboxMode: true } } })
    expect(await brevo({ key, url: server.url }).send(message)).toMatchObject({ state: 'discarded' })
    expect(server.requests.at(-1)!.json).toMatchObject({ headers: { 'X-Sib-Sandbox': 'drop' } })
  })
})

describe('the idempotency key for Brevo', () => {
  const keyFor = async (idempotencyKey: string): Promise<string | undefined> =>
    (await requestFor({ idempotencyKey })).headers.idempotencyKey

  it('is a UUID, always the same for the same key of a message', async () => {
    const first = await keyFor('order-4711-confirmation')
    expect(first).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(await keyFor('order-4711-confirmation')).toBe(first)
    expect(await keyFor('order-4712-confirmation')).not.toBe(first)
  })

  it('is missing if the message has none', async () => {
    expect((await requestFor({})).headers).not.toHaveProperty('idempotencyKey')
  })

  it('is remembered for less time than any page of Brevo says', () => {
    const { honoursIdempotencyKey, idempotencyKeyMs } = brevo({ key })
    expect(honoursIdempotencyKey).toBe(true)
    expect(idempotencyKeyMs).toBe(600_000)
  })
})

describe('what Brevo cannot send', () => {
  const image = { filename: 'logo.png', content: 'x', contentId: 'logo' }
  it.each<[string, Partial<MessageInput>, string]>([
    [
      'several authors',
      { from: 'a@example.com, b@example.com', sender: 'a@example.com' },
      'takes one author',
    ],
    ['another sender', { sender: 'bot@example.com' }, 'cannot name a `sender`'],
    [
      'several addresses to answer to',
      { replyTo: 'a@example.com, b@example.com' },
      'one address in `replyTo`',
    ],
    [
      'an image in the text',
      { html: '<img src="cid:logo">', attachments: [image] },
      'cannot show the attachment "logo.png"',
    ],
    ['a field twice', { headers: { 'X-A': ['1', '2'] } }, 'X-A several times'],
    ['an order in the header', { headers: { 'X-SIB-Sandbox': 'drop' } }, 'an order to Brevo'],
    ['a key in the header', { headers: { IdempotencyKey: '1' } }, 'an order to Brevo'],
    ['an IP address in the header', { headers: { 'Sender.Ip': '192.0.2.1' } }, 'an order to Brevo'],
    ['metadata in the header', { headers: { 'X-Mailin-Custom': '1' } }, 'an order to Brevo'],
    [
      'a time too far away',
      { transportData: { sendAt: new Date(Date.now() + 73 * 3_600_000) } },
      'at most 72 hours',
    ],
    ['a misspelled field', { transportData: { brevo: { template: 1 } } }, 'has no template'],
    [
      'sandbox mode as a text',
      { transportData: { brevo: { sandboxMode: 'true' } } },
      'must be true or false',
    ],
  ])('%s is refused before anything is sent', async (_what, changes, summary) => {
    const error = await refusalFor(changes)
    expect(error).toMatchObject({ code: 'compose/invalid-message', delivered: 'none' })
    expect(error.summary).toContain(summary)
    expect(error.hint).not.toBe('')
    expect(home.server.requests).toEqual([])
  })
})
