import { failover, retry, transportFromUrl, type Transport } from '@loudmail/core'
import { playProvider, providerAnswers } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { brevo, type BrevoOptions } from '../../src/brevo/index.ts'
import { providerSchemes } from '../../src/index.ts'
import { failureOf, messageTo, serverForAll, shown } from '../suites.ts'

const key = 'xkeysib-5ecre7-Key0123456789-aBcDeF'
const home = serverForAll()
const create = (): Transport => brevo({ key, url: home.server.url })
const refusal = (code: string, message = 'No'): object => ({ code, message })

describe('brevo()', () => {
  it('takes a key, or a URL with it', () => {
    expect(brevo({ key }).name).toBe('brevo(api.brevo.com)')
    expect(transportFromUrl(`brevo://${key}@`, providerSchemes).name).toBe('brevo(api.brevo.com)')
  })

  it.each([
    [{}, 'key'],
    [{ key: '' }, 'key'],
    [{ key, region: 'eu' }, 'region'],
    [{ key, url: 'http://example.com' }, 'url'],
  ])('refuses %j, and says what to change', (options, words) => {
    const made = (): Transport => brevo(options as unknown as BrevoOptions)
    expect(made).toThrow(
      expect.objectContaining({ stage: 'config', message: expect.stringContaining(words) }),
    )
    expect(made).not.toThrow(key)
  })

  it.each([`brevo://${key}:x@`, `brevo://${key}@host`, `brevo://${key}@?ur=x`, 'brevo://'])(
    'refuses the URL %s without repeating it',
    (url) => {
      const made = (): Transport => transportFromUrl(url, providerSchemes)
      expect(made).toThrow(expect.objectContaining({ stage: 'config' }))
      expect(made).not.toThrow(key)
    },
  )

  it.each(providerAnswers.brevo.successes)(
    'gives the first id of Brevo: $name',
    async ({ ids, ...answer }) => {
      home.server.play(answer)
      expect(await create().send(messageTo())).toMatchObject({ state: 'sent', providerId: ids[0] })
    },
  )

  it.each([
    { status: 201 },
    { status: 201, body: {} },
    { status: 202, body: 'OK' },
    { status: 201, body: { messageIds: [] } },
  ])('does not take %j for an acceptance', async (answer) => {
    home.server.play(answer)
    expect(await failureOf(create())).toMatchObject({ code: 'submit/protocol', delivered: 'unknown' })
  })
})

describe('what Brevo says', () => {
  it.each([
    [401, 'unauthorized', 'authentication not found in headers', 'missing-credentials'],
    [401, 'unauthorized', 'Key not found', 'bad-credentials'],
    [401, 'unauthorized', 'We have detected you are using an unrecognised IP address 192.0.2.1.', 'policy'],
    [
      403,
      'permission_denied',
      'Unable to send email. Your SMTP account is not yet activated.',
      'account-blocked',
    ],
    [403, 'reseller_permission_denied', 'No', 'policy'],
    [400, 'invalid_parameter', 'email is not valid in sender', 'invalid-message'],
    [
      400,
      'invalid_parameter',
      'Sending has been rejected because the sender you used is not valid. Validate your sender or authenticate your domain',
      'sender-not-owned',
    ],
    [422, 'unprocessable_entity', 'No', 'invalid-message'],
    [402, 'something_new', 'No', 'account-blocked'],
  ])('%d %s %s: %s', async (status, code, words, kind) => {
    home.server.play({ status, body: refusal(code, words) })
    const error = await failureOf(create())
    expect(error).toMatchObject({ kind, permanence: 'permanent', delivered: 'none', retryable: false })
    expect(error.reply?.text).toBe(words)
  })

  it.each([
    ['Retry-After', { 'Retry-After': '7', 'x-sib-ratelimit-reset': '9' }, 7_000],
    ['the header of Brevo', { 'x-sib-ratelimit-reset': '9' }, 9_000],
    ['nothing', {}, undefined],
    ['something else', { 'x-sib-ratelimit-reset': 'soon' }, undefined],
  ])('how long to wait stands in %s', async (_where, headers, retryAfterMs) => {
    home.server.play({ status: 429, headers, body: refusal('too_many_requests') })
    const error = await failureOf(create())
    expect(error).toMatchObject({ kind: 'rate-limited', permanence: 'transient' })
    expect(error.retryAfterMs).toBe(retryAfterMs)
  })

  it.each(['duplicate_parameter', 'duplicate_request'])(
    '%s leaves open what the first request did',
    async (code) => {
      home.server.play({ status: 400, body: refusal(code) })
      const error = await failureOf(create(), messageTo({ idempotencyKey: 'order-1' }))
      expect(error).toMatchObject({ kind: 'rejected', delivered: 'unknown' })
      expect(error.hint).toContain('idempotencyKey')
    },
  )

  it('a refusal that was cut off may be that the key was used', async () => {
    const cut = {
      cutAt: 200,
      answer: { status: 400, headers: { 'Content-Length': '999' }, body: '{"code":"dupl' },
    }
    home.server.play(cut)
    expect(await failureOf(create(), messageTo({ idempotencyKey: 'order-1' }))).toMatchObject({
      delivered: 'unknown',
    })
    expect(await failureOf(create())).toMatchObject({ kind: 'invalid-message', delivered: 'none' })
  })
})

describe('several attempts through Brevo', () => {
  it('after a doubt, the same request goes out again with the same key', async () => {
    const { server } = home
    const provider = playProvider('brevo')
    server.clear()
    server.play([{ close: 'reset', after: 'body' }, provider])
    await retry(create(), { attempts: 2, delayMs: 1 }).send(messageTo({ idempotencyKey: 'order-1' }))
    const [first, second] = server.requests
    expect(second!.body.equals(first!.body)).toBe(true)
    expect(provider.taken).toHaveLength(1)
  })

  it('if the first attempt was taken, nothing goes out twice, and the doubt stays', async () => {
    const { server } = home
    const provider = playProvider('brevo')
    let lost = false
    server.play(async (request) => {
      const answer = await provider(request)
      if (lost) return answer
      lost = true
      return { cutAt: 0, answer }
    })
    const again = retry(create(), { attempts: 3, delayMs: 1 })
    const error = await failureOf(again, messageTo({ idempotencyKey: 'order-2' }))
    expect(error).toMatchObject({ delivered: 'unknown', permanence: 'unknown' })
    expect(provider.taken).toHaveLength(1)
  })

  it('without a key, a doubt is not tried again', async () => {
    home.server.clear()
    home.server.play({ close: 'reset', after: 'body' })
    await failureOf(retry(create(), { attempts: 3, delayMs: 1 }))
    expect(home.server.requests).toHaveLength(1)
  })

  it('another transport takes over after a refusal of the account, and not after a doubt', async () => {
    const provider = playProvider('brevo')
    const other: Transport = { name: 'other', send: () => create().send(messageTo()) }
    home.server.play([{ status: 402, body: refusal('not_enough_credits') }, provider])
    await failover([create(), other]).send(messageTo())
    expect(provider.taken).toHaveLength(1)
    home.server.play([{ status: 502 }, provider])
    await failureOf(failover([create(), other]))
    expect(provider.taken).toHaveLength(1)
  })
})

describe('verify() with Brevo', () => {
  it('asks for the account', async () => {
    home.server.clear()
    home.server.play({ status: 200, body: { email: 'tea@example.com' } })
    await create().verify!()
    expect(home.server.requests).toMatchObject([
      { method: 'GET', target: '/v3/account', headers: { 'api-key': key } },
    ])
  })

  it.each([
    [401, refusal('unauthorized', `Key not found: ${key}`), 'bad-credentials'],
    [403, refusal('account_under_validation'), 'account-blocked'],
    [500, refusal('internal_server_error'), 'server-error'],
  ])('refuses %d %j as %s', async (status, body, kind) => {
    home.server.play({ status, body })
    const error: unknown = await create().verify!().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ stage: 'submit', kind })
    expect(shown(error as never)).not.toContain(key)
  })
})
