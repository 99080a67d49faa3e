import { describe, expect, it } from 'vitest'
import { postmarkWebhook } from '../src/index.ts'
import { hookServer, type HookServer } from './hook-server.ts'
import {
  postmarkBounce,
  postmarkChange,
  postmarkClick,
  postmarkComplaint,
  postmarkDelivery,
  postmarkOpen,
} from './payloads/postmark.ts'
import { POSTMARK, signPostmark } from './signers.ts'

const server = (): Promise<HookServer> => hookServer(postmarkWebhook(POSTMARK))

async function newsOf(event: object) {
  const { post, told } = await server()
  expect((await post(signPostmark(event))).status).toBe(200)
  expect(told).toHaveLength(1)
  return told[0]!
}

describe('an event of Postmark', () => {
  it.each([
    [postmarkDelivery, 'delivered', undefined],
    [postmarkOpen, 'opened', undefined],
    [postmarkClick, 'clicked', 'https://shop.example/sale'],
    [postmarkBounce('HardBounce', 1, 'smtp;550 5.1.1 No such user'), 'bounced', undefined],
    [postmarkComplaint, 'complained', undefined],
    [postmarkChange(true, 'ManualSuppression'), 'unsubscribed', undefined],
  ])('$RecordType is news: %s', async (event, type, link) => {
    const news = await newsOf(event)
    expect(news).toMatchObject({
      type,
      from: 'postmark',
      recipient: 'ann@example.com',
      providerId: '883953f4-6105-42a2-a16a-77a8eac79483',
      tags: ['welcome'],
      metadata: { order: '1001', count: '3' },
      raw: event,
      link,
    })
    expect(news.at.toISOString()).toMatch(/^2026-11-0[15]T1/)
  })

  it.each([
    ['HardBounce', 1, 'bounced', 'rcpt-to/mailbox-unknown', 'permanent'],
    ['Transient', 2, 'deferred', 'rcpt-to/service-unavailable', 'transient'],
    ['DnsError', 256, 'bounced', 'dns/dns-temporary', 'transient'],
    ['SpamNotification', 512, 'bounced', 'body/spam', 'permanent'],
    ['Unknown', 2_048, 'bounced', 'rcpt-to/rejected', 'permanent'],
    ['SoftBounce', 4_096, 'bounced', 'rcpt-to/rejected', 'transient'],
    ['VirusNotification', 8_192, 'bounced', 'body/content-rejected', 'permanent'],
    ['ChallengeVerification', 16_384, 'bounced', 'rcpt-to/policy', 'permanent'],
    ['BadEmailAddress', 100_000, 'bounced', 'rcpt-to/invalid-address', 'permanent'],
    ['SpamComplaint', 100_001, 'complained', 'body/spam', 'permanent'],
    ['ManuallyDeactivated', 100_002, 'bounced', 'rcpt-to/suppressed', 'permanent'],
    ['Unconfirmed', 100_003, 'bounced', 'rcpt-to/policy', 'permanent'],
    ['Blocked', 100_006, 'bounced', 'rcpt-to/policy', 'permanent'],
    ['SMTPApiError', 100_007, 'bounced', 'rcpt-to/suppressed', 'permanent'],
    ['DMARCPolicy', 100_009, 'bounced', 'body/authentication-policy', 'permanent'],
    ['TemplateRenderingFailed', 100_010, 'bounced', 'submit/content-rejected', 'permanent'],
    ['SomethingNew', 7, 'bounced', 'rcpt-to/rejected', 'permanent'],
    ['SomethingNew', 1, 'bounced', 'rcpt-to/mailbox-unknown', 'permanent'],
    ['__proto__', 7, 'bounced', 'rcpt-to/rejected', 'permanent'],
  ])('the bounce %s (%i) is %s: %s', async (name, number, type, code, permanence) => {
    const news = await newsOf(postmarkBounce(name, number, 'Words without a reply'))
    expect(news).toMatchObject({ type, why: { code, permanence } })
  })

  it.each(['Subscribe', 'AutoResponder', 'AddressChange', 'OpenRelayTest', 'InboundError'])(
    'the bounce %s says nothing about delivery',
    async (name) => {
      const { post, told, reports } = await server()
      expect((await post(signPostmark(postmarkBounce(name, 0, '')))).status).toBe(200)
      expect([told, reports]).toEqual([[], []])
    },
  )

  it('the bounce Unsubscribe is a wish of the recipient', async () => {
    expect(await newsOf(postmarkBounce('Unsubscribe', 16, ''))).toMatchObject({
      type: 'unsubscribed',
      why: undefined,
    })
  })

  it('believes the reply of the server more than the type', async () => {
    const full = postmarkBounce('SoftBounce', 4_096, 'smtp;552 5.2.2 The mailbox is over quota')
    expect((await newsOf(full)).why).toMatchObject({
      code: 'rcpt-to/mailbox-full',
      permanence: 'transient',
      reply: { code: 552, enhanced: '5.2.2', text: 'The mailbox is over quota' },
    })
  })

  it.each([
    ['SpamComplaint', 'complained', 'body/spam'],
    ['HardBounce', 'bounced', 'rcpt-to/suppressed'],
  ])('a suppression because of %s is news: %s', async (reason, type, code) => {
    expect(await newsOf(postmarkChange(true, reason))).toMatchObject({ type, why: { code } })
  })

  it('an address that is taken off the list, and mail that came in, are no news', async () => {
    const { post, told } = await server()
    expect((await post(signPostmark(postmarkChange(false, null)))).status).toBe(200)
    expect((await post(signPostmark({ RecordType: 'Inbound', From: 'a@example.com' }))).status).toBe(200)
    expect(told).toEqual([])
  })

  it('tells a complaint once, which Postmark tells in two records', async () => {
    const { post, told } = await server()
    expect((await post(signPostmark(postmarkComplaint))).status).toBe(200)
    expect((await post(signPostmark({ ...postmarkComplaint, RecordType: 'Bounce' }))).status).toBe(200)
    expect(told).toHaveLength(1)
  })
})

it('bounces of Postmark whose ids are too large for a number are told apart', async () => {
  const { post, told } = await server()
  const bounce = JSON.stringify(postmarkBounce('HardBounce', 1, '')).replace(
    /"ID":\d+/,
    '"ID":4323372036854775807',
  )
  const { headers } = signPostmark({})
  expect((await post({ headers, body: bounce })).status).toBe(200)
  const other = bounce.replace('ann@', 'bob@').replace('775807', '775806')
  expect((await post({ headers, body: other })).status).toBe(200)
  expect(told.map((news) => news.recipient)).toEqual(['ann@example.com', 'bob@example.com'])
})

describe('the credentials of Postmark', () => {
  it('may have several passwords', async () => {
    const { post } = await hookServer(postmarkWebhook({ ...POSTMARK, password: ['new', POSTMARK.password] }))
    expect((await post(signPostmark(postmarkOpen))).status).toBe(200)
    expect((await post(signPostmark(postmarkOpen, { secret: 'new' }))).status).toBe(200)
    expect((await post(signPostmark(postmarkOpen, { secret: 'neW' }))).status).toBe(401)
  })

  it('may be a header', async () => {
    const { post, told } = await hookServer(postmarkWebhook({ token: ['a-token', 'b'], header: 'X-Hook' }))
    const body = JSON.stringify(postmarkOpen)
    const json = { 'content-type': 'application/json' }
    for (const token of ['a-toke', 'a-token-', 'A-token', 'a-token, b', 'b, b'])
      expect((await post({ body, headers: { ...json, 'x-hook': token } })).status).toBe(401)
    expect((await post({ body, headers: json })).status).toBe(401)
    expect((await post({ body, headers: { ...json, 'x-hook': '' } })).status).toBe(401)
    expect(told).toEqual([])
    expect((await post({ body, headers: { ...json, 'x-hook': 'b' } })).status).toBe(200)
  })

  it.each([
    'Basic',
    'Basic ',
    'Basic !!!',
    `Basic ${Buffer.from('shop').toString('base64')}`,
    `Basic ${Buffer.from('shop:').toString('base64')}`,
    `Basic ${Buffer.from(`:${POSTMARK.password}`).toString('base64')}`,
    `Basic ${Buffer.from(`Shop:${POSTMARK.password}`).toString('base64')}`,
    `Basic ${Buffer.from(`shop:${POSTMARK.password} `).toString('base64')}`,
    `Bearer ${POSTMARK.password}`,
    POSTMARK.password,
  ])('are not %s', async (authorization) => {
    const { post, told } = await server()
    const headers = { 'content-type': 'application/json', authorization }
    expect((await post({ body: JSON.stringify(postmarkOpen), headers })).status).toBe(401)
    expect(told).toEqual([])
  })

  it('must come with JSON, so that no page in a browser can send them', async () => {
    const { post, told } = await server()
    const { headers, body } = signPostmark(postmarkOpen)
    expect((await post({ body, headers: { ...headers, 'content-type': 'text/plain' } })).status).toBe(415)
    expect(told).toEqual([])
  })
})
