import { describe, expect, it } from 'vitest'
import { sendgridWebhook } from '../src/index.ts'
import { hookServer } from './hook-server.ts'
import { sendgridEvent } from './payloads/sendgrid.ts'
import { OTHER_SENDGRID_KEY, SENDGRID_KEY, SENDGRID_PEM, signSendgrid } from './signers.ts'

const server = () => hookServer(sendgridWebhook({ publicKey: SENDGRID_KEY }))

async function newsOf(event: object) {
  const { post, told } = await server()
  expect((await post(signSendgrid([event]))).status).toBe(200)
  expect(told).toHaveLength(1)
  return told[0]!
}

describe('an event of SendGrid', () => {
  it.each([
    ['delivered', 'delivered'],
    ['deferred', 'deferred'],
    ['bounce', 'bounced'],
    ['dropped', 'bounced'],
    ['open', 'opened'],
    ['click', 'clicked'],
    ['spamreport', 'complained'],
    ['unsubscribe', 'unsubscribed'],
    ['group_unsubscribe', 'unsubscribed'],
  ])('%s is news: %s', async (name, type) => {
    const event = sendgridEvent(name, { url: 'https://shop.example/sale', asm_group_id: 10 })
    expect(await newsOf(event)).toEqual({
      type,
      from: 'sendgrid',
      id: expect.stringMatching(/^sendgrid ZGVsaXZlcmVk\d+$/) as string,
      at: new Date(1_795_000_000_000),
      recipient: 'ann@example.com',
      providerId: 'euo2iKxdSayPF4YE4--I7A',
      messageId: '<14c5d75ce93.dfd.64b469@ismtpd-555>',
      why: /deferred|bounced|complained/.test(type) ? (expect.anything() as object) : undefined,
      link: type === 'clicked' ? 'https://shop.example/sale' : undefined,
      tags: ['order', 'first'],
      metadata: { order: '1001', shop: 'north' },
      raw: event,
    })
  })

  it.each(['processed', 'group_resubscribe', 'account_status_change'])(
    '%s says nothing about delivery',
    async (name) => {
      const { post, told, reports } = await server()
      expect((await post(signSendgrid([sendgridEvent(name)]))).status).toBe(200)
      expect([told, reports]).toEqual([[], []])
    },
  )

  it.each([
    ['550 5.1.1 User unknown', '5.1.1', 'bounce', 'Invalid Address', 'rcpt-to/mailbox-unknown', 'permanent'],
    ['550 5.1.1 User unknown', '5.1.1', 'bounce', undefined, 'rcpt-to/mailbox-unknown', 'permanent'],
    ['500 unknown recipient', '5.0.0', 'bounce', 'Unclassified', 'rcpt-to/mailbox-unknown', 'permanent'],
    ['554 Rejected', undefined, 'blocked', 'Content', 'body/content-rejected', 'permanent'],
    ['550 5.7.1 Blocked for spam', '5.7.1', 'blocked', 'Reputation', 'body/spam', 'permanent'],
    ['554 no', undefined, 'blocked', 'Reputation', 'rcpt-to/policy', 'permanent'],
    ['421 no', undefined, 'blocked', 'Frequency or Volume Too High', 'rcpt-to/rate-limited', 'transient'],
    ['421 no', undefined, 'blocked', 'Frequency/Volume', 'rcpt-to/rate-limited', 'transient'],
    ['no words', undefined, 'bounce', 'Mailbox Unavailable', 'rcpt-to/mailbox-disabled', 'permanent'],
    ['no words', '5.2.2', 'bounce', undefined, 'rcpt-to/mailbox-full', 'permanent'],
    [
      'unable to get mx info',
      undefined,
      'blocked',
      'Technical Failure',
      'rcpt-to/service-unavailable',
      'transient',
    ],
    ['unable to get mx info', undefined, 'blocked', 'Unclassified', 'rcpt-to/rejected', 'transient'],
  ])('bounce "%s" %s %s %s is %s', async (reason, status, type, bounce_classification, code, permanence) => {
    const { why } = await newsOf(sendgridEvent('bounce', { reason, status, type, bounce_classification }))
    expect(why).toMatchObject({ code, permanence })
    expect(why?.message).toContain(reason.replace(/^\d+ (?:\d.\d.\d )?/, ''))
  })

  it.each([
    ['Bounced Address', 'rcpt-to/suppressed'],
    ['Unsubscribed Address', 'rcpt-to/suppressed'],
    ['Spam Reporting Address', 'rcpt-to/suppressed'],
    ['Invalid', 'submit/invalid-address'],
    ['Invalid SMTPAPI header', 'submit/content-rejected'],
    ['Spam Content (if Spam Checker app is enabled)', 'submit/spam'],
    ['Recipient List over Package Quota', 'submit/rate-limited'],
    ['Another reason', 'submit/rejected'],
  ])('dropped because of "%s" is %s', async (reason, code) => {
    expect(await newsOf(sendgridEvent('dropped', { reason }))).toMatchObject({
      type: 'bounced',
      why: { code },
    })
  })

  it('deferred keeps the reply', async () => {
    const response = '451 4.7.1 Try again later'
    expect((await newsOf(sendgridEvent('deferred', { response, attempt: '5' }))).why).toMatchObject({
      permanence: 'transient',
      retryable: false,
      reply: { code: 451, enhanced: '4.7.1', text: 'Try again later' },
    })
  })

  it('takes what is not an address as it is', async () => {
    const event = sendgridEvent('dropped', { email: 'not an email address', reason: 'Invalid' })
    expect((await newsOf(event)).recipient).toBe('not an email address')
  })

  it('keeps metadata with strange names', async () => {
    const event: unknown = JSON.parse(
      JSON.stringify(sendgridEvent('open', { a: { b: 1 }, c: null })).replace(
        '{',
        '{"__proto__":"x","constructor":"y",',
      ),
    )
    const { metadata } = await newsOf(event as object)
    expect(Object.entries(metadata!)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['order', '1001'],
      ['a', '{"b":1}'],
      ['shop', 'north'],
    ])
    expect(({} as { a?: unknown }).a).toBeUndefined()
  })

  it('may come with 999 others', async () => {
    const { post, told } = await server()
    const events = Array.from({ length: 1_000 }, (_, index) =>
      sendgridEvent('delivered', { email: `ann${index}@example.com` }),
    )
    expect((await post(signSendgrid(events))).status).toBe(200)
    expect(told.map((news) => news.recipient)).toEqual(events.map((_, index) => `ann${index}@example.com`))
    expect(new Set(told.map((news) => news.id)).size).toBe(1_000)
  })

  it('is told once, also if SendGrid puts it into another request', async () => {
    const { post, told } = await server()
    const [one, other] = [sendgridEvent('open'), sendgridEvent('open')]
    expect((await post(signSendgrid([one]))).status).toBe(200)
    expect((await post(signSendgrid([one, other]))).status).toBe(200)
    expect(told).toHaveLength(2)
  })
})

describe('the key of SendGrid', () => {
  it.each([
    ['PEM', SENDGRID_PEM],
    ['a list', [OTHER_SENDGRID_KEY, SENDGRID_KEY]],
  ])('may be %s', async (_name, publicKey) => {
    const { post } = await hookServer(sendgridWebhook({ publicKey }))
    expect((await post(signSendgrid([sendgridEvent('open')]))).status).toBe(200)
  })
})

it('a copy is a copy also with the other signature that can be made of one', async () => {
  const { post, told } = await server()
  const { headers, body } = signSendgrid([sendgridEvent('open')])
  expect((await post({ headers, body })).status).toBe(200)
  const name = 'X-Twilio-Email-Event-Webhook-Signature'
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
  const der = Buffer.from(headers[name]!, 'base64')
  const at = 4 + der[3]! + 2
  const hex = (order - BigInt(`0x${der.toString('hex', at)}`)).toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  const number = Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex')
  const other = Buffer.concat([der.subarray(0, at - 1), Buffer.from([number.length]), number])
  other[1] = other.length - 2
  const copy = { body, headers: { ...headers, [name]: other.toString('base64') } }
  expect((await post(copy)).status).toBe(409)
  expect(told).toHaveLength(1)
  // SendGrid itself signs the same again, in the same second.
  expect((await post(signSendgrid(body))).status).toBe(200)
  expect(told).toHaveLength(1)
})

it('the body of SendGrid is a list', async () => {
  const { post, told } = await server()
  expect((await post(signSendgrid(sendgridEvent('open')))).status).toBe(400)
  expect((await post(signSendgrid([]))).status).toBe(200)
  expect(told).toEqual([])
})
