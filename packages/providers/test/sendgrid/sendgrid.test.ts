import { retry, failover, transportFromUrl, type Transport } from '@loudmail/core'
import { playProvider } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { providerSchemes } from '../../src/index.ts'
import { sendgrid, type SendgridOptions } from '../../src/sendgrid/index.ts'
import { failureOf, messageTo, serverForAll, shown } from '../suites.ts'

const key = 'SG.q4tR7yUw.s3cr3t-Key_0123456789'
const home = serverForAll()
const create = (): Transport => sendgrid({ key, url: home.server.url })
const errors = (message: string, field: string | null = null): object => ({
  errors: [{ message, field, help: null }],
})

describe('sendgrid()', () => {
  it('takes a key, or a URL with it', () => {
    expect(sendgrid({ key }).name).toBe('sendgrid(api.sendgrid.com)')
    expect(sendgrid({ key, region: 'eu' }).name).toBe('sendgrid(api.eu.sendgrid.com)')
    expect(transportFromUrl(`sendgrid://${key}@`, providerSchemes).name).toBe('sendgrid(api.sendgrid.com)')
    expect(transportFromUrl(`sendgrid://${key}@?region=eu`, providerSchemes).name).toBe(
      'sendgrid(api.eu.sendgrid.com)',
    )
  })

  it.each([
    [{}, 'key'],
    [{ key: '' }, 'key'],
    [{ key, region: 'us' }, 'region must be global or eu'],
    [{ key, region: 'eu', url: 'https://example.com' }, 'region or url, and not both'],
    [{ key, url: 'http://example.com' }, 'url'],
    [{ key, apiKey: key }, 'apiKey'],
  ])('refuses %j, and says what to change', (options, words) => {
    const made = (): Transport => sendgrid(options as unknown as SendgridOptions)
    expect(made).toThrow(
      expect.objectContaining({ stage: 'config', message: expect.stringContaining(words) }),
    )
    expect(made).not.toThrow(key)
  })

  it.each([`sendgrid://${key}:x@`, `sendgrid://${key}@host`, `sendgrid://${key}@?regio=eu`, 'sendgrid://'])(
    'refuses the URL %s without repeating it',
    (url) => {
      const made = (): Transport => transportFromUrl(url, providerSchemes)
      expect(made).toThrow(expect.objectContaining({ stage: 'config' }))
      expect(made).not.toThrow(key)
    },
  )

  it('gives the id of SendGrid, and shows no key anywhere', async () => {
    home.server.play({ status: 202, headers: { 'X-Message-Id': 'sg1', 'x-request-id': key } })
    const delivery = await create().send(messageTo())
    expect(delivery).toMatchObject({ state: 'sent', response: '202 sg1', providerId: 'sg1' })
    expect(JSON.stringify(delivery)).not.toContain(key)
  })

  it('is sent without an id as well', async () => {
    home.server.play({ status: 202 })
    expect(await create().send(messageTo())).toMatchObject({ state: 'sent', response: '202 accepted' })
  })

  it.each([
    { status: 202, body: '<html>Log in to the network</html>' },
    { status: 202, body: errors('Bad Request') },
    { status: 200 },
    { status: 204 },
  ])('does not take %j for an acceptance', async (answer) => {
    home.server.play(answer)
    expect(await failureOf(create())).toMatchObject({ code: 'submit/protocol', delivered: 'unknown' })
  })
})

describe('what SendGrid says in words', () => {
  it.each([
    [401, 'Maximum credits exceeded', 'account-blocked'],
    [401, "The requestor's IP Address is not whitelisted", 'policy'],
    [401, 'Authenticated user is not authorized to send mail', 'policy'],
    [401, 'Permission denied, wrong credentials', 'bad-credentials'],
    [403, 'The from address does not match a verified Sender Identity.', 'sender-not-owned'],
    [403, 'access forbidden', 'policy'],
    [400, 'There is a limit of 1000 total recipients (to + cc + bcc) per request.', 'too-many-recipients'],
    [422, 'Something new', 'invalid-message'],
  ])('%d %s: %s', async (status, words, kind) => {
    home.server.play({ status, body: errors(words) })
    const error = await failureOf(create())
    expect(error).toMatchObject({ kind, permanence: 'permanent', delivered: 'none', retryable: false })
    expect(error.reply?.text).toBe(words)
  })

  it('a block after many wrong requests passes by itself', async () => {
    home.server.play({ status: 403, body: errors('Too many bad requests. Temporary block') })
    expect(await failureOf(create())).toMatchObject({
      kind: 'policy',
      permanence: 'transient',
      retryable: true,
    })
  })

  it('every complaint is told, with its field', async () => {
    const body = {
      errors: [
        { message: 'One.', field: 'from.email' },
        { message: 'Two.', help: 'https://x.example' },
      ],
    }
    home.server.play({ status: 400, body })
    expect((await failureOf(create())).reply?.text).toBe('One. (from.email); Two. https://x.example')
  })

  it('the recipients whose addresses are refused are named, and the others were not attempted', async () => {
    home.server.play({
      status: 400,
      body: errors('Does not contain a valid address.', 'personalizations.0.to.1.email'),
    })
    expect((await failureOf(create())).recipients).toMatchObject([
      { address: 'ann@rcpt.example', status: 'not-attempted' },
      { address: 'bob@rcpt.example', status: 'rejected', kind: 'invalid-address' },
    ])
  })

  it('nobody is named if something else is refused as well', async () => {
    const {
      errors: [first],
    } = errors('No.', 'personalizations.0.to.1.email') as { errors: [object] }
    home.server.play({ status: 400, body: { errors: [first, { message: 'No.', field: 'subject' }] } })
    const { recipients } = await failureOf(create())
    expect(recipients.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('a key that is refused is not tried again', async () => {
    home.server.clear()
    home.server.play({ status: 401 })
    await failureOf(create())
    expect(home.server.requests).toHaveLength(1)
  })

  it.each([['from.email'], ['personalizations.0.to.9.email'], ['personalizations.1.to.0.email']])(
    'nobody is named by the field %s',
    async (field) => {
      home.server.play({ status: 400, body: errors('Does not contain a valid address.', field) })
      const { recipients } = await failureOf(create())
      expect(recipients.map(({ status, kind }) => [status, kind])).toEqual([
        ['rejected', undefined],
        ['rejected', undefined],
      ])
    },
  )
})

describe('the rate limit of SendGrid', () => {
  const inAnHour = (): string => String(Math.floor(Date.now() / 1_000) + 3_600)
  it.each([
    ['seconds', { 'Retry-After': '7' }, 7_000, 7_000],
    ['a date', { 'Retry-After': new Date(Date.now() + 3_600_000).toUTCString() }, 3_500_000, 3_600_000],
    ['the end of the period alone', { 'X-RateLimit-Reset': inAnHour() }, 3_500_000, 3_600_000],
    [
      'both, of which Retry-After counts',
      { 'Retry-After': '7', 'X-RateLimit-Reset': inAnHour() },
      7_000,
      7_000,
    ],
  ])('says when to go on: %s', async (_what, headers, least, most) => {
    home.server.play({ status: 429, headers, body: errors('too many requests') })
    const error = await failureOf(create())
    expect(error).toMatchObject({ kind: 'rate-limited', permanence: 'transient' })
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(least)
    expect(error.retryAfterMs).toBeLessThanOrEqual(most)
  })

  it.each([{ 'X-RateLimit-Reset': '1392815263' }, { 'X-RateLimit-Reset': 'soon' }, {}])(
    'says nothing with %j',
    async (headers) => {
      home.server.play({ status: 429, headers })
      expect((await failureOf(create())).retryAfterMs).toBeUndefined()
    },
  )
})

describe('several attempts through SendGrid', () => {
  it('a refusal for now is tried again, and a doubt is not', async () => {
    const { server } = home
    const limited = { status: 429, headers: { 'Retry-After': '0' }, body: errors('too many requests') }
    const provider = playProvider('sendgrid', { answers: [limited] })
    server.clear()
    server.play(provider)
    await retry(create(), { attempts: 2, delayMs: 1 }).send(messageTo())
    expect(provider.taken).toMatchObject([{ to: ['ann@rcpt.example', 'bob@rcpt.example'] }])
    server.clear()
    server.play({ status: 500 })
    // SendGrid honours no key.
    await failureOf(retry(create(), { attempts: 2, delayMs: 1 }), messageTo({ idempotencyKey: 'order-1' }))
    expect(server.requests).toHaveLength(1)
  })

  it('another transport takes over after a refusal of the account, and not after a doubt', async () => {
    const provider = playProvider('sendgrid')
    const { server } = home
    const other = (): Transport => ({ name: 'other', send: () => create().send(messageTo()) })
    server.play([{ status: 401, body: errors('Maximum credits exceeded') }, provider])
    await failover([create(), other()]).send(messageTo())
    expect(provider.taken).toHaveLength(1)
    server.play([{ close: 'reset', after: 'body' }, provider])
    await failureOf(failover([create(), other()]))
    expect(provider.taken).toHaveLength(1)
  })
})

describe('verify() with SendGrid', () => {
  it('asks what the key may do', async () => {
    home.server.clear()
    home.server.play({ status: 200, body: { scopes: ['mail.send'] } })
    await create().verify!()
    expect(home.server.requests).toMatchObject([
      { method: 'GET', target: '/v3/scopes', headers: { authorization: `Bearer ${key}` } },
    ])
  })

  it('is content with a key that may not list that', async () => {
    home.server.play({ status: 403, body: errors('access forbidden') })
    await create().verify!()
  })

  it.each([
    [200, { scopes: ['stats.read'] }, 'policy'],
    [401, errors('The provided authorization grant is invalid, expired, or revoked'), 'bad-credentials'],
    [403, errors('The IP address is not allowed'), 'policy'],
    [500, errors('Internal Server Error'), 'server-error'],
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
