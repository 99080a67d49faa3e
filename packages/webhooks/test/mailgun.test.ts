import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mailgunWebhook, type SeenStore } from '../src/index.ts'
import { hookServer } from './hook-server.ts'
import { mailgunEvent, mailgunFailure } from './payloads/mailgun.ts'
import { MAILGUN_KEY, seconds, signMailgun } from './signers.ts'

const server = () => hookServer(mailgunWebhook({ signingKey: MAILGUN_KEY }))

async function newsOf(event: object) {
  const { post, told } = await server()
  expect((await post(signMailgun(event))).status).toBe(200)
  expect(told).toHaveLength(1)
  return told[0]!
}

describe('an event of Mailgun', () => {
  it.each([
    ['delivered', 'delivered'],
    ['opened', 'opened'],
    ['clicked', 'clicked'],
    ['unsubscribed', 'unsubscribed'],
    ['complained', 'complained'],
    ['failed', 'bounced'],
    ['rejected', 'bounced'],
  ])('%s is news: %s', async (name, type) => {
    const event = mailgunEvent(name, { url: 'https://shop.example/sale' })
    expect(await newsOf(event)).toMatchObject({
      type,
      from: 'mailgun',
      at: new Date(1_795_000_000_500),
      recipient: 'ann@example.com',
      providerId: '<20260203192638.000be97f99f8cea1@mail.shop.example>',
      messageId: '<20260203192638.000be97f99f8cea1@mail.shop.example>',
      link: type === 'clicked' ? 'https://shop.example/sale' : undefined,
      tags: ['order', 'first'],
      metadata: { order: '1001', nested: '{"a":1}' },
      raw: event,
    })
  })

  it.each(['accepted', 'stored', 'list_member_uploaded', 'list_member_upload_error', 'list_uploaded'])(
    '%s says nothing about delivery',
    async (name) => {
      const { post, told, reports } = await server()
      expect((await post(signMailgun(mailgunEvent(name)))).status).toBe(200)
      expect([told, reports]).toEqual([[], []])
    },
  )

  it.each([
    [
      'permanent',
      'bounce',
      { code: 550, message: '5.1.1 No such user', 'enhanced-code': '5.1.1' },
      'bounced',
      'rcpt-to/mailbox-unknown',
      'permanent',
      550,
    ],
    [
      'permanent',
      'bounce',
      { code: 550, message: '550 5.1.1 No such user' },
      'bounced',
      'rcpt-to/mailbox-unknown',
      'permanent',
      550,
    ],
    [
      'permanent',
      'generic',
      { code: 552, message: 'Over quota', 'bounce-type': 'soft' },
      'bounced',
      'rcpt-to/mailbox-full',
      'transient',
      552,
    ],
    [
      'permanent',
      'bounce',
      { code: 550, message: 'No', 'bounce-type': 'hard' },
      'bounced',
      'rcpt-to/mailbox-unknown',
      'permanent',
      550,
    ],
    [
      'permanent',
      'suppress-bounce',
      { code: 605, message: 'Not delivering to previously bounced address' },
      'bounced',
      'rcpt-to/suppressed',
      'permanent',
      undefined,
    ],
    [
      'permanent',
      'suppress-unsubscribe',
      { code: 606 },
      'bounced',
      'rcpt-to/suppressed',
      'permanent',
      undefined,
    ],
    [
      'permanent',
      'suppress-complaint',
      { code: 607 },
      'bounced',
      'rcpt-to/suppressed',
      'permanent',
      undefined,
    ],
    [
      'permanent',
      'old',
      { code: 602, message: 'Too old' },
      'bounced',
      'rcpt-to/service-unavailable',
      'transient',
      undefined,
    ],
    [
      'permanent',
      'generic',
      { code: 498, message: 'No MX for example.com' },
      'bounced',
      'rcpt-to/domain-unknown',
      'permanent',
      undefined,
    ],
    [
      'temporary',
      'generic',
      { code: 499, message: 'No answer' },
      'deferred',
      'connect/timeout',
      'transient',
      undefined,
    ],
    [
      'temporary',
      'greylisted',
      { code: 450, message: '4.2.0 Greylisted' },
      'deferred',
      'rcpt-to/greylisted',
      'transient',
      450,
    ],
    [
      'temporary',
      'espblock',
      { code: 421, message: 'Not now' },
      'deferred',
      'rcpt-to/policy',
      'transient',
      421,
    ],
    [
      'temporary',
      'generic',
      { code: 452, message: '4.2.2 The mailbox is full' },
      'deferred',
      'rcpt-to/mailbox-full',
      'transient',
      452,
    ],
    ['permanent', 'something', {}, 'bounced', 'rcpt-to/rejected', 'permanent', undefined],
  ])('failed, %s, %s, %o is %s: %s', async (severity, reason, status, type, code, permanence, reply) => {
    const news = await newsOf(mailgunFailure(severity, reason, status))
    expect(news).toMatchObject({ type, why: { code, permanence } })
    expect(news.why?.reply?.code).toBe(reply)
    expect(news.why?.retryable).toBe(type === 'bounced' && permanence === 'transient')
  })

  it('rejected has no recipient of its own, and says why', async () => {
    const reject = { reason: 'Sandbox subdomains are for test purposes only.', description: '' }
    const event = mailgunEvent('rejected', { recipient: undefined, reject })
    expect(await newsOf(event)).toMatchObject({
      recipient: 'ann@example.com',
      why: { code: 'submit/account-blocked' },
    })
  })
})

it('an id that Mailgun uses again on another day is another event', async () => {
  const { post, told } = await server()
  const event = mailgunEvent('opened')
  expect((await post(signMailgun(event))).status).toBe(200)
  expect((await post(signMailgun(event))).status).toBe(200)
  expect((await post(signMailgun({ ...event, timestamp: 1_795_100_000 }))).status).toBe(200)
  expect(told).toHaveLength(2)
})

describe('a signature of Mailgun', () => {
  const event = mailgunEvent('delivered')
  const { headers } = signMailgun(event)

  it('may be that of the account which a subaccount belongs to', async () => {
    const { post, told } = await server()
    const timestamp = String(seconds())
    const token = 'e0b5477167110d68991efc6b9f89f0a11066af27834600e123'
    const by = (key: string) =>
      createHmac('sha256', key)
        .update(timestamp + token)
        .digest('hex')
    const signed = { timestamp, token, signature: by('another'), 'parent-signature': by(MAILGUN_KEY) }
    const body = JSON.stringify({ signature: signed, 'event-data': event })
    expect((await post({ headers, body })).status).toBe(200)
    expect(told).toHaveLength(1)
  })

  it('is right with any of several keys', async () => {
    const { post } = await hookServer(mailgunWebhook({ signingKey: ['new', MAILGUN_KEY] }))
    expect((await post(signMailgun(event))).status).toBe(200)
    expect((await post(signMailgun(event, { secret: 'new' }))).status).toBe(200)
    expect((await post(signMailgun(event, { secret: 'old' }))).status).toBe(401)
  })

  it('is refused beside other words, once it was used', async () => {
    const { post, told } = await server()
    const one = signMailgun(event, { id: 'a'.repeat(50) })
    const other = one.body.replace('ann@example.com', 'bob@example.com').replace('CCXM', 'DDXM')
    expect((await post(one)).status).toBe(200)
    expect((await post({ headers, body: other })).status).toBe(409)
    expect(told.map((news) => news.recipient)).toEqual(['ann@example.com'])
  })

  it('is refused beside other words also while the first request waits, and after it failed', async () => {
    let fail = (): void => {}
    let isFirst = true
    const waiting = new Promise<void>((_, reject) => (fail = () => reject(new Error('the database is down'))))
    const { post, told } = await hookServer(mailgunWebhook({ signingKey: MAILGUN_KEY }), () => {
      if (!isFirst) return undefined
      isFirst = false
      return waiting
    })
    const one = signMailgun(event)
    const other = one.body.replace('ann@example.com', 'bob@example.com').replace('CCXM', 'DDXM')
    const first = post(one)
    await expect.poll(() => told.length).toBe(1)
    const second = post({ headers, body: other })
    fail()
    expect((await first).status).toBe(500)
    expect((await second).status).toBe(409)
    expect((await post(one)).status).toBe(200)
    expect(told.map((news) => news.recipient)).toEqual(['ann@example.com', 'ann@example.com'])
  })

  it('is good for one of two requests that come at the same moment', async () => {
    const values = new Map<string, string>()
    const seen: SeenStore = {
      get: async (key) => (await Promise.resolve(), values.get(key)),
      set: async (key, value) => void (await Promise.resolve(), values.set(key, value)),
    }
    const { post, told } = await hookServer(mailgunWebhook({ signingKey: MAILGUN_KEY }), undefined, { seen })
    const one = signMailgun(event)
    const other = one.body.replace('ann@example.com', 'bob@example.com').replace('CCXM', 'DDXM')
    const answers = await Promise.all([post(one), post({ headers, body: other })])
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect(told).toHaveLength(1)
  })

  it('does not hold when a digit moves from the time to the token', async () => {
    const { post, told } = await server()
    const { body } = signMailgun(event)
    const { signature, ...rest } = JSON.parse(body) as { signature: { timestamp: string; token: string } }
    const { timestamp, token } = signature
    const moved = { ...signature, timestamp: timestamp.slice(0, -1), token: timestamp.slice(-1) + token }
    expect((await post({ headers, body: JSON.stringify({ ...rest, signature: moved }) })).status).toBe(401)
    expect(told).toEqual([])
  })

  it.each([
    ['no signature', {}],
    ['a signature of another form', { signature: 'x' }],
    ['no token', { signature: { timestamp: '1', signature: 'x' } }],
    ['an empty signature', { signature: { timestamp: '1', token: 'a', signature: '' } }],
    ['a list', { signature: ['1', 'a', 'x'] }],
  ])('%s is refused', async (_name, signature) => {
    const { post, told } = await server()
    const body = JSON.stringify({ ...signature, 'event-data': event })
    expect((await post({ headers, body })).status).toBe(401)
    expect(told).toEqual([])
  })

  it('does not make a body without an event right', async () => {
    const { post } = await server()
    expect((await post(signMailgun(undefined))).status).toBe(400)
    expect((await post({ headers, body: '[]' })).status).toBe(400)
  })
})
