import type { MessageInput } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { sendgrid } from '../../src/sendgrid/index.ts'
import { failureOf, messageTo, serverForAll } from '../suites.ts'

const key = 'SG.q4tR7yUw.s3cr3t-Key_0123456789'
const home = serverForAll()

interface Body {
  readonly personalizations: readonly Readonly<Record<string, unknown>>[]
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: readonly Readonly<Record<string, string>>[]
  readonly [field: string]: unknown
}

/** What SendGrid is asked for a message. */
async function requestFor(changes: Partial<MessageInput>): Promise<Body> {
  const { server } = home
  server.clear()
  server.play({ status: 202, headers: { 'X-Message-Id': 'sg1' } })
  await sendgrid({ key, url: server.url }).send(messageTo({ messageId: '<1@example.com>', ...changes }))
  return server.requests[0]!.json as Body
}

const refusalFor = (changes: Partial<MessageInput>): ReturnType<typeof failureOf> => {
  home.server.clear()
  return failureOf(sendgrid({ key, url: home.server.url }), messageTo(changes))
}

describe('a message to SendGrid', () => {
  it('is one request, with the key in its header', async () => {
    await requestFor({})
    const [request] = home.server.requests
    expect(request).toMatchObject({
      method: 'POST',
      target: '/v3/mail/send',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        accept: 'application/json',
      },
    })
    expect(home.server.requests).toHaveLength(1)
  })

  it('says who gets it, what is in it and what belongs to its thread', async () => {
    const body = await requestFor({
      from: 'Tea shop <tea@example.com>',
      to: 'Ann <ann@rcpt.example>, bob@rcpt.example',
      cc: 'carol@rcpt.example',
      bcc: 'dave@rcpt.example',
      replyTo: 'help@example.com',
      subject: 'Grüner Tee 🍵',
      text: 'Er ist da.',
      html: '<p>Er ist da.</p>',
      inReplyTo: '<0@example.com>',
      references: ['<a@example.com>', '<0@example.com>'],
      headers: { 'X-Shop': 'Nürnberg', 'List-Unsubscribe': '<https://example.com/u>' },
    })
    expect(body).toEqual({
      personalizations: [
        {
          to: [{ email: 'ann@rcpt.example', name: 'Ann' }, { email: 'bob@rcpt.example' }],
          cc: [{ email: 'carol@rcpt.example' }],
          bcc: [{ email: 'dave@rcpt.example' }],
        },
      ],
      from: { email: 'tea@example.com', name: 'Tea shop' },
      reply_to: { email: 'help@example.com' },
      subject: 'Grüner Tee 🍵',
      content: [
        { type: 'text/plain', value: 'Er ist da.' },
        { type: 'text/html', value: '<p>Er ist da.</p>' },
      ],
      headers: {
        'Message-ID': '<1@example.com>',
        'In-Reply-To': '<0@example.com>',
        References: '<a@example.com> <0@example.com>',
        'X-Shop': '=?utf-8?B?TsO8cm5iZXJn?=',
        'List-Unsubscribe': '<https://example.com/u>',
      },
    })
  })

  it('names Bcc in no header field', async () => {
    const { headers, personalizations } = await requestFor({
      to: 'ann@rcpt.example',
      bcc: 'dave@rcpt.example',
    })
    expect(JSON.stringify([headers, personalizations[0]!.to])).not.toContain('dave')
  })

  it('goes to everybody once, also to who stands in several fields', async () => {
    const { personalizations } = await requestFor({
      to: 'ann@rcpt.example',
      cc: 'ann@RCPT.example, bob@rcpt.example',
      bcc: 'bob@rcpt.example, carol@rcpt.example',
    })
    expect(personalizations).toEqual([
      {
        to: [{ email: 'ann@rcpt.example' }],
        cc: [{ email: 'bob@rcpt.example' }],
        bcc: [{ email: 'carol@rcpt.example' }],
      },
    ])
  })

  it('for fewer recipients goes to those alone', async () => {
    const { server } = home
    server.clear()
    server.play({ status: 202 })
    const message = messageTo({ cc: 'carol@rcpt.example' }).forRecipients([
      'bob@rcpt.example',
      'carol@rcpt.example',
    ])
    await sendgrid({ key, url: server.url }).send(message)
    expect(server.requests[0]!.json).toMatchObject({
      personalizations: [{ to: [{ email: 'bob@rcpt.example' }], cc: [{ email: 'carol@rcpt.example' }] }],
    })
  })

  it('quotes names of recipients with a comma or a semicolon, and no others', async () => {
    const body = await requestFor({
      from: { name: 'Tea, Inc.', address: 'tea@example.com' },
      to: [
        { name: 'Doe, "Ann"', address: 'ann@rcpt.example' },
        { name: 'Bob (B.) Müller', address: 'bob@rcpt.example' },
      ],
    })
    expect(body.from).toEqual({ email: 'tea@example.com', name: 'Tea, Inc.' })
    expect(body.personalizations[0]!.to).toEqual([
      { email: 'ann@rcpt.example', name: String.raw`"Doe, \"Ann\""` },
      { email: 'bob@rcpt.example', name: 'Bob (B.) Müller' },
    ])
  })

  it('says several addresses to answer to, and who sent it for the author', async () => {
    const body = await requestFor({
      replyTo: 'a@example.com, B <b@example.com>',
      sender: 'Bot <bot@example.com>',
    })
    expect(body.reply_to_list).toEqual([{ email: 'a@example.com' }, { email: 'b@example.com', name: 'B' }])
    expect(body).not.toHaveProperty('reply_to')
    expect(body.headers.Sender).toBe('"Bot" <bot@example.com>')
  })

  it('names no sender who is the author', async () => {
    const { headers } = await requestFor({ sender: 'Tea <tea@example.com>' })
    expect(headers).not.toHaveProperty('Sender')
  })

  it('carries files, images in the text and an invitation', async () => {
    const { attachments } = await requestFor({
      html: '<img src="cid:logo">',
      attachments: [
        { filename: 'Preise für Tee.txt', content: 'Grüner Tee: 4 €' },
        { filename: 'logo.png', content: Buffer.from([0, 255, 10]), contentId: 'logo' },
      ],
      calendar: { method: 'request', content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' },
    })
    expect(attachments).toEqual([
      {
        filename: 'Preise für Tee.txt',
        type: 'text/plain',
        disposition: 'attachment',
        content: Buffer.from('Grüner Tee: 4 €').toString('base64'),
      },
      { filename: 'logo.png', type: 'image/png', disposition: 'inline', content_id: 'logo', content: 'AP8K' },
      {
        filename: 'invite.ics',
        type: 'text/calendar',
        disposition: 'attachment',
        content: Buffer.from('BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n').toString('base64'),
      },
    ])
  })

  it('has a blank as its text if it has none, and no empty parts', async () => {
    const { content } = await requestFor({ text: '', html: undefined })
    expect(content).toEqual([{ type: 'text/plain', value: ' ' }])
    expect((await requestFor({ text: '', html: '<p>x</p>' })).content).toEqual([
      { type: 'text/html', value: '<p>x</p>' },
    ])
  })

  it('keeps a long header field in one line', async () => {
    const value = Array.from({ length: 60 }, (_, n) => `word${n}`).join(' ')
    expect((await requestFor({ headers: { 'X-Long': value } })).headers['X-Long']).toBe(value)
  })
})

describe('transportData for SendGrid', () => {
  it('becomes categories, custom arguments and the time to send at', async () => {
    const sendAt = new Date(Date.now() + 3_600_000)
    const body = await requestFor({
      transportData: { tags: ['welcome', 'tea'], metadata: { order: '4711' }, sendAt, postmark: { x: 1 } },
    })
    expect(body).toMatchObject({
      categories: ['welcome', 'tea'],
      custom_args: { order: '4711' },
      send_at: Math.floor(sendAt.getTime() / 1_000),
    })
  })

  it('has fields of its own, in the names of the API', async () => {
    const body = await requestFor({
      transportData: {
        sendgrid: {
          templateId: 'd-1',
          dynamicTemplateData: { firstName: 'Ann', items: [{ unitPrice: 4 }] },
          asm: { groupId: 7, groupsToDisplay: [7, 8] },
          ipPoolName: 'tea',
          batchId: 'b1',
          trackingSettings: {
            clickTracking: { enable: false, enableText: false },
            ganalytics: { enable: true, utmSource: 's' },
          },
          mailSettings: { bypassListManagement: { enable: true } },
        },
      },
    })
    expect(body).toMatchObject({
      template_id: 'd-1',
      personalizations: [{ dynamic_template_data: { firstName: 'Ann', items: [{ unitPrice: 4 }] } }],
      asm: { group_id: 7, groups_to_display: [7, 8] },
      ip_pool_name: 'tea',
      batch_id: 'b1',
      tracking_settings: {
        click_tracking: { enable: false, enable_text: false },
        ganalytics: { enable: true, utm_source: 's' },
      },
      mail_settings: { bypass_list_management: { enable: true } },
    })
  })

  it('needs no text if it names a template', async () => {
    const { server } = home
    const body = await requestFor({
      text: undefined,
      subject: undefined,
      transportData: { sendgrid: { templateId: 'd-1' } },
    })
    expect(body).not.toHaveProperty('content')
    expect(body).not.toHaveProperty('subject')
    expect(server.requests).toHaveLength(1)
  })

  it('sends at once if the time is over', async () => {
    expect(await requestFor({ transportData: { sendAt: new Date(Date.now() - 1_000) } })).not.toHaveProperty(
      'send_at',
    )
  })

  it.each([
    [
      { sendAt: new Date(Date.now() + 73 * 3_600_000) },
      'SendGrid schedules a message at most 72 hours ahead',
    ],
    [{ sendgrid: { sandbox: true } }, 'transportData.sendgrid has no sandbox'],
    [{ sendgrid: { sandboxMode: 'true' } }, 'transportData.sendgrid.sandboxMode must be true or false'],
  ])('is refused before anything is sent: %j', async (transportData, summary) => {
    const error = await refusalFor({ transportData })
    expect(error).toMatchObject({ code: 'compose/invalid-message', delivered: 'none' })
    expect(error.summary).toContain(summary)
    expect(home.server.requests).toEqual([])
  })

  it.each([
    [200, 'discarded'],
    [202, 'sent'],
  ])('in sandbox mode, the answer %d means %s', async (status, state) => {
    const { server } = home
    server.play({ status })
    const message = messageTo({ transportData: { sendgrid: { sandboxMode: true } } })
    expect(await sendgrid({ key, url: server.url }).send(message)).toMatchObject({ state })
    expect(server.requests.at(-1)!.json).toMatchObject({ mail_settings: { sandbox_mode: { enable: true } } })
  })
})

describe('what SendGrid cannot send', () => {
  it.each<[string, Partial<MessageInput>, string]>([
    [
      'several authors',
      { from: 'a@example.com, b@example.com', sender: 'a@example.com' },
      'takes one author',
    ],
    ['a field twice', { headers: { 'X-A': ['1', '2'] } }, 'X-A several times'],
    ['only Bcc', { to: undefined, bcc: 'a@rcpt.example, b@rcpt.example' }, 'needs somebody in `to`'],
  ])('%s is refused before anything is sent', async (_what, changes, summary) => {
    const error = await refusalFor(changes)
    expect(error).toMatchObject({ code: 'compose/invalid-message', delivered: 'none' })
    expect(error.summary).toContain(summary)
    expect(error.hint).not.toBe('')
    expect(home.server.requests).toEqual([])
  })
})
