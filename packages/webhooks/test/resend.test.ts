import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { resendWebhook } from '../src/index.ts'
import { hookServer, type HookServer } from './hook-server.ts'
import { resendBounce, resendEvent, resendOthers } from './payloads/resend.ts'
import { RESEND_SECRET, seconds, signResend } from './signers.ts'

const server = (): Promise<HookServer> => hookServer(resendWebhook({ secret: RESEND_SECRET }))

/** Posts an event, and gives the only news of it. */
async function newsOf(event: object) {
  const { post, told } = await server()
  expect(await post(signResend(event))).toMatchObject({ status: 200, body: 'OK\n' })
  expect(told).toHaveLength(1)
  return told[0]!
}

describe('an event of Resend', () => {
  it.each([
    ['email.delivered', 'delivered'],
    ['email.delivery_delayed', 'deferred'],
    ['email.complained', 'complained'],
    ['email.opened', 'opened'],
    ['email.clicked', 'clicked'],
    ['email.bounced', 'bounced'],
    ['email.failed', 'bounced'],
    ['email.suppressed', 'bounced'],
  ])('%s is news: %s', async (name, type) => {
    const event = resendEvent(name)
    expect(await newsOf(event)).toMatchObject({
      type,
      from: 'resend',
      at: new Date('2026-11-22T23:41:12.126Z'),
      recipient: 'ann@example.com',
      providerId: '56761188-7520-42d8-8898-ff6fc54ce618',
      messageId: '<111-222-333@mail.shop.example>',
      tags: ['first'],
      metadata: { category: 'order' },
      raw: event,
    })
  })

  it.each(resendOthers)('%s says nothing about delivery', async (name) => {
    const { post, told, reports } = await server()
    expect((await post(signResend(resendEvent(name)))).status).toBe(200)
    expect(told).toEqual([])
    expect(reports).toEqual([])
  })

  it('names the link that was followed', async () => {
    const click = { ipAddress: '192.0.2.1', link: 'https://shop.example/sale?a=b', userAgent: 'Mozilla/5.0' }
    expect(await newsOf(resendEvent('email.clicked', { click }))).toMatchObject({
      link: 'https://shop.example/sale?a=b',
      why: undefined,
    })
  })

  it.each([
    ['Permanent', 'General', undefined, 'rcpt-to/rejected', 'permanent'],
    ['Permanent', 'NoEmail', undefined, 'rcpt-to/mailbox-unknown', 'permanent'],
    ['Permanent', 'Suppressed', undefined, 'rcpt-to/suppressed', 'permanent'],
    ['Permanent', 'OnAccountSuppressionList', undefined, 'rcpt-to/suppressed', 'permanent'],
    ['Transient', 'General', undefined, 'rcpt-to/rejected', 'transient'],
    ['Transient', 'MailboxFull', undefined, 'rcpt-to/mailbox-full', 'transient'],
    ['Transient', 'MessageTooLarge', undefined, 'body/message-too-large', 'transient'],
    ['Transient', 'ContentRejected', undefined, 'body/content-rejected', 'transient'],
    ['Transient', 'AttachmentRejected', undefined, 'body/content-rejected', 'transient'],
    ['Undetermined', 'Undetermined', undefined, 'rcpt-to/rejected', 'permanent'],
    ['Permanent', 'General', 'smtp; 550 5.1.1 No such user', 'rcpt-to/mailbox-unknown', 'permanent'],
    ['Permanent', 'Suppressed', 'smtp; 550 5.1.1 No such user', 'rcpt-to/suppressed', 'permanent'],
    ['Transient', 'General', 'smtp; 552 5.2.2 Over quota', 'rcpt-to/mailbox-full', 'transient'],
  ])('bounced %s %s (%s) is %s', async (type, subType, code, expected, permanence) => {
    const more = code === undefined ? {} : { diagnosticCode: [code] }
    const { why } = await newsOf(resendBounce(type, subType, more))
    expect(why).toMatchObject({ code: expected, permanence, delivered: 'none', transport: 'resend' })
    expect(why?.recipients).toMatchObject([{ address: 'ann@example.com', status: 'rejected' }])
    expect(why?.reply?.code).toBe(code === undefined ? undefined : Number(/\d{3}/.exec(code)![0]))
  })

  it.each([
    ['reached_daily_quota', 'submit/rate-limited', 'transient'],
    ['The shop.example domain is not verified', 'submit/sender-not-owned', 'permanent'],
    ['invalid recipient', 'submit/invalid-address', 'permanent'],
    ['something else', 'submit/rejected', 'permanent'],
  ])('failed because of %s is %s', async (reason, code, permanence) => {
    const { why } = await newsOf(resendEvent('email.failed', { failed: { reason } }))
    expect(why).toMatchObject({ code, permanence })
    expect(why?.message).toContain(reason)
  })

  it('a deferred message is still on its way', async () => {
    const { why } = await newsOf(resendEvent('email.delivery_delayed'))
    expect(why).toMatchObject({
      code: 'rcpt-to/service-unavailable',
      permanence: 'transient',
      retryable: false,
    })
  })

  it('a complaint is about a message that arrived', async () => {
    expect((await newsOf(resendEvent('email.complained'))).why).toMatchObject({
      code: 'body/spam',
      delivered: 'some',
    })
  })

  it('does not blame one of several recipients, unless the server named it', async () => {
    const to = ['ann@example.com', 'bob@example.org']
    expect(await newsOf(resendBounce('Permanent', 'General'))).toMatchObject({ oneOf: undefined })
    const vague = { type: 'Permanent', subType: 'General' }
    expect(await newsOf(resendEvent('email.bounced', { to, bounce: vague }))).toMatchObject({
      recipient: 'ann@example.com',
      oneOf: to,
    })
    const named = { ...vague, diagnosticCode: ['smtp; 550 5.1.1 <Bob@example.org> unknown'] }
    expect(await newsOf(resendEvent('email.bounced', { to, bounce: named }))).toMatchObject({
      recipient: 'bob@example.org',
      oneOf: undefined,
    })
  })

  it.each([
    ['joann@example.com', '550 5.1.1 <joann@example.com> unknown', 'joann@example.com', undefined],
    ['bob@example.com', '550 5.1.1 <joann@example.com> unknown', 'ann@example.com', 2],
    ['bob@example.com', '550 5.1.1 ann@example.com.au unknown', 'ann@example.com', 2],
    ['bob@example.com', '550 5.1.1 No such user: Ann@Example.com.', 'ann@example.com', undefined],
  ])('of ann@ and %s, "%s" blames %s', async (other, message, recipient, count) => {
    const bounce = { type: 'Permanent', subType: 'General', message }
    const news = await newsOf(resendEvent('email.bounced', { to: ['ann@example.com', other], bounce }))
    expect([news.recipient, news.oneOf?.length]).toEqual([recipient, count])
  })

  it('reads tags of older events', async () => {
    const tags = [
      { name: 'category', value: 'order' },
      { name: '__proto__', value: 'x' },
      { name: 'first', value: 'true' },
      'nonsense',
    ]
    const { metadata, tags: own } = await newsOf(resendEvent('email.delivered', { tags }))
    expect(own).toEqual(['first'])
    expect(Object.entries(metadata!)).toEqual([
      ['category', 'order'],
      ['__proto__', 'x'],
    ])
  })
})

describe('a signature of Resend', () => {
  const event = resendEvent('email.delivered')

  it('may have the names of the Standard Webhooks specification', async () => {
    const { post, told } = await server()
    expect((await post(signResend(event, {}, 'webhook'))).status).toBe(200)
    expect(told).toHaveLength(1)
  })

  it('may be one of several, of which one is right', async () => {
    const { post } = await server()
    const { headers, body } = signResend(event)
    const other = createHmac('sha256', 'other').update(body).digest('base64')
    const signatures = `v1,${other} v2,x ${headers['svix-signature']!} v1a,${other}`
    expect((await post({ body, headers: { ...headers, 'svix-signature': signatures } })).status).toBe(200)
    expect((await post({ body, headers: { ...headers, 'svix-signature': `v1,${other} v1,x` } })).status).toBe(
      401,
    )
  })

  it('is right with any of several secrets', async () => {
    const other = `whsec_${Buffer.from('another key').toString('base64')}`
    const { post } = await hookServer(resendWebhook({ secret: [other, RESEND_SECRET] }))
    expect((await post(signResend(event))).status).toBe(200)
    expect((await post(signResend(event, { secret: other }))).status).toBe(200)
  })

  it('is not right without its version', async () => {
    const { post } = await server()
    const { headers, body } = signResend(event)
    const bare = headers['svix-signature']!.slice(3)
    for (const signature of [bare, `v2,${bare}`, `v1,${bare.slice(0, -1)}`, `v1,${bare}=`])
      expect((await post({ body, headers: { ...headers, 'svix-signature': signature } })).status).toBe(401)
  })

  it.each([-299, 299])('is fresh %i s from now', async (offset) => {
    const { post } = await server()
    expect((await post(signResend(event, { time: seconds() + offset }))).status).toBe(200)
  })

  it('has a tolerance that can be chosen', async () => {
    const { post } = await hookServer(resendWebhook({ secret: RESEND_SECRET, toleranceMs: 10_000 }))
    expect((await post(signResend(event, { time: seconds() - 12 }))).status).toBe(401)
    expect((await post(signResend(event, { time: seconds() - 5 }))).status).toBe(200)
  })
})
