import { describe, expect, it } from 'vitest'
import { brevoWebhook } from '../src/index.ts'
import { hookServer } from './hook-server.ts'
import { brevoEvent } from './payloads/brevo.ts'
import { BREVO_TOKEN, signBrevo } from './signers.ts'

const server = () => hookServer(brevoWebhook({ token: BREVO_TOKEN }))

async function newsOf(event: object) {
  const { post, told } = await server()
  expect((await post(signBrevo(event))).status).toBe(200)
  expect(told).toHaveLength(1)
  return told[0]!
}

describe('an event of Brevo', () => {
  it.each([
    ['delivered', 'delivered'],
    ['deferred', 'deferred'],
    ['soft_bounce', 'bounced'],
    ['hard_bounce', 'bounced'],
    ['invalid_email', 'bounced'],
    ['blocked', 'bounced'],
    ['error', 'bounced'],
    ['spam', 'complained'],
    ['opened', 'opened'],
    ['unique_opened', 'opened'],
    ['proxy_open', 'opened'],
    ['unique_proxy_open', 'opened'],
    ['click', 'clicked'],
    ['unsubscribed', 'unsubscribed'],
  ])('%s is news: %s', async (name, type) => {
    const event = brevoEvent(name, { link: 'https://shop.example/sale' })
    expect(await newsOf(event)).toMatchObject({
      type,
      from: 'brevo',
      at: new Date(1_795_000_000_000),
      recipient: 'ann@example.com',
      providerId: '<202611180900.12345678901@smtp-relay.mailin.fr>',
      messageId: '<202611180900.12345678901@smtp-relay.mailin.fr>',
      link: type === 'clicked' ? 'https://shop.example/sale' : undefined,
      tags: ['order', 'first'],
      metadata: { order: '1001' },
      raw: event,
    })
  })

  it.each(['request', 'sent', 'list_addition', 'contact_updated', 'contact_deleted', 'reply'])(
    '%s says nothing about delivery',
    async (name) => {
      const { post, told, reports } = await server()
      expect((await post(signBrevo(brevoEvent(name)))).status).toBe(200)
      expect([told, reports]).toEqual([[], []])
    },
  )

  it.each([
    ['soft_bounce', '552 5.2.2 Over quota', 'rcpt-to/mailbox-full', 'transient'],
    ['soft_bounce', 'server is down', 'rcpt-to/rejected', 'transient'],
    ['hard_bounce', '550 5.1.1 User unknown', 'rcpt-to/mailbox-unknown', 'permanent'],
    ['hard_bounce', undefined, 'rcpt-to/mailbox-unknown', 'permanent'],
    ['hard_bounce', '554 5.7.1 Message is spam', 'body/spam', 'permanent'],
    ['invalid_email', undefined, 'rcpt-to/invalid-address', 'permanent'],
    ['blocked', 'blocked : due to blacklist user', 'rcpt-to/suppressed', 'permanent'],
    ['error', 'an error', 'rcpt-to/server-error', 'transient'],
    ['deferred', '451 4.7.1 Greylisted, try again', 'rcpt-to/greylisted', 'transient'],
    ['deferred', 'later', 'rcpt-to/service-unavailable', 'transient'],
    ['spam', undefined, 'body/spam', 'permanent'],
  ])('%s because of %s is %s', async (name, reason, code, permanence) => {
    expect((await newsOf(brevoEvent(name, { reason }))).why).toMatchObject({ code, permanence })
  })

  it('may come in a batch', async () => {
    const { post, told } = await server()
    const batch = [brevoEvent('delivered'), brevoEvent('opened'), brevoEvent('request')]
    expect((await post(signBrevo(batch))).status).toBe(200)
    expect(told.map((news) => news.type)).toEqual(['delivered', 'opened'])
  })

  it.each([
    [{ ts_event: undefined }, 1_794_999_000_000],
    [{ ts_event: undefined, ts_epoch: 1_794_999_000 }, 1_794_999_000_000],
    [{ ts_event: undefined, ts_epoch: undefined }, 1_794_992_400_000],
  ])('happened at the time that it has: %o', async (more, at) => {
    expect((await newsOf(brevoEvent('opened', more))).at.getTime()).toBe(at)
  })

  it.each([
    [{ tags: undefined, tag: 'order' }, ['order']],
    [{ tags: undefined }, ['order']],
    [{ tags: undefined, tag: undefined }, undefined],
  ])('has the tags of %o', async (more, tags) => {
    expect((await newsOf(brevoEvent('opened', more))).tags).toEqual(tags)
  })

  it('keeps a custom header that is not JSON', async () => {
    const { metadata } = await newsOf(brevoEvent('opened', { 'X-Mailin-custom': 'order:1001' }))
    expect(metadata).toEqual({ 'X-Mailin-custom': 'order:1001' })
  })
})

describe('the credentials of Brevo', () => {
  const body = JSON.stringify(brevoEvent('opened'))
  const json = { 'content-type': 'application/json' }

  it('may be several tokens', async () => {
    const { post } = await hookServer(brevoWebhook({ token: ['new', BREVO_TOKEN] }))
    expect((await post(signBrevo(brevoEvent('opened')))).status).toBe(200)
    expect((await post(signBrevo(brevoEvent('opened'), { secret: 'new' }))).status).toBe(200)
  })

  it('may be a user and a password', async () => {
    const { post } = await hookServer(brevoWebhook({ user: 'shop', password: 'pass:word' }))
    const basic = (words: string) => `Basic ${Buffer.from(words).toString('base64')}`
    expect((await post({ body, headers: { ...json, authorization: basic('shop:pass') } })).status).toBe(401)
    expect((await post({ body, headers: { ...json, authorization: basic('shop:pass:word') } })).status).toBe(
      200,
    )
  })

  it('may be another header', async () => {
    const { post } = await hookServer(brevoWebhook({ token: 'abc', header: 'x-brevo' }))
    expect((await post({ body, headers: { ...json, authorization: 'Bearer abc' } })).status).toBe(401)
    expect((await post({ body, headers: { ...json, 'x-brevo': 'abc' } })).status).toBe(200)
  })

  it.each(['Bearer', 'Bearer x', `Bearer ${BREVO_TOKEN}x`, `Basic ${BREVO_TOKEN}`, BREVO_TOKEN])(
    'are not %s',
    async (authorization) => {
      const { post, told } = await server()
      expect((await post({ body, headers: { ...json, authorization } })).status).toBe(401)
      expect(told).toEqual([])
    },
  )
})
