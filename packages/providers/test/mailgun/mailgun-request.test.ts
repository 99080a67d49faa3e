import { generateKeyPairSync } from 'node:crypto'
import { Readable } from 'node:stream'
import { failover, MailError, retry, transportFromUrl, type MessageInput } from '@loudmail/core'
import { dkimSigner } from '@loudmail/mime'
import { describe, expect, it } from 'vitest'
import { providerSchemes } from '../../src/index.ts'
import { mailgun, type MailgunOptions } from '../../src/mailgun/index.ts'
import { failureOf, messageTo, RECIPIENTS, serverForAll, shown } from '../suites.ts'

const key = 'key-5ecre7f00ba12345678901234567890'
const options = { key, domain: 'mg.example.com' }
const ACCEPTED = { status: 200, body: { id: '<1@mg.example.com>', message: 'Queued. Thank you.' } }
const home = serverForAll()

/** The form for a message, and the message in it. */
async function formFor(
  changes: Partial<MessageInput>,
  more: Partial<MailgunOptions> = {},
): Promise<{
  path: string
  headers: Readonly<Record<string, string>>
  body: Buffer
  fields: [string, string][]
  mime: string
}> {
  const { server } = home
  server.play(ACCEPTED)
  server.clear()
  await mailgun({ ...options, ...more, url: server.url }).send(messageTo(changes))
  expect(server.requests).toHaveLength(1)
  const { method, target, headers, body } = server.requests[0]!
  const type = headers['content-type']!
  // Read by Node, and not by code of our own.
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  const file = form.get('message') as File
  const fields = [...form].filter((field): field is [string, string] => typeof field[1] === 'string')
  return {
    path: `${method} ${target}`,
    headers,
    body,
    fields,
    mime: Buffer.from(await file.arrayBuffer()).toString(),
  }
}

describe('the request', () => {
  it('has the message as a file, and the recipients of the envelope', async () => {
    const { path, headers, body, fields, mime } = await formFor({
      from: '"Tea & Co, Käthe" <tea@example.com>',
      to: '"Ann, of tea" <ann@rcpt.example>',
      cc: 'bob@rcpt.example',
      bcc: '"carol, smith"@rcpt.example',
      replyTo: 'help@example.com',
      messageId: '<2@example.com>',
    })
    expect(path).toBe('POST /v3/mg.example.com/messages.mime')
    expect(headers['authorization']).toBe(`Basic ${Buffer.from(`api:${key}`).toString('base64')}`)
    expect(headers['content-length']).toBe(String(body.length))
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=[\w-]{20,70}$/)
    expect(fields).toEqual([
      ['to', 'ann@rcpt.example'],
      ['to', 'bob@rcpt.example'],
      ['to', '"carol, smith"@rcpt.example'],
    ])
    expect(mime).toMatch(/^To: "Ann, of tea" <ann@rcpt\.example>\r\nCc: bob@rcpt\.example\r$/m)
    expect(mime).toMatch(/^Reply-To: help@example\.com\r$/m)
    expect(mime).toMatch(/^Message-ID: <2@example\.com>\r$/m)
    expect(mime).not.toMatch(/carol|^bcc:/im)
    expect(mime).toMatch(/It is ready\.\r\n$/)
  })

  it('has exactly these octets', async () => {
    const raw = 'From: tea@example.com\r\n\r\nTea\r\n'
    const envelope = { from: 'tea@example.com', to: 'ann@rcpt.example' }
    const nothing = { from: undefined, to: undefined, subject: undefined, text: undefined }
    const { headers, body } = await formFor({
      ...nothing,
      raw,
      envelope,
      transportData: { metadata: { 'ord"er\n': 'é\r\n1' } },
    })
    const [, boundary] = /boundary=(.*)$/.exec(headers['content-type']!)!
    expect(body.toString()).toBe(
      [
        `--${boundary}`,
        'Content-Disposition: form-data; name="to"',
        '',
        'ann@rcpt.example',
        `--${boundary}`,
        'Content-Disposition: form-data; name="v:ord%22er%0A"',
        '',
        'é\r\n1',
        `--${boundary}`,
        'Content-Disposition: form-data; name="message"; filename="message.eml"',
        'Content-Type: application/octet-stream',
        '',
        raw,
        `--${boundary}--`,
        '',
      ].join('\r\n'),
    )
  })

  it('has tags, metadata, a time and the fields of Mailgun', async () => {
    const sendAt = new Date(Date.now() + 3_600_000)
    sendAt.setUTCMilliseconds(0)
    const { fields } = await formFor({
      to: 'ann@rcpt.example',
      transportData: {
        tags: ['welcome', 'new order'],
        metadata: { order: '4711', Käthe: '☕' },
        sendAt,
        mailgun: {
          tracking: true,
          trackingClicks: 'htmlonly',
          trackingOpens: false,
          requireTls: true,
          skipVerification: false,
          dkim: false,
          sendingIp: '192.0.2.1',
          sendingIpPool: 'pool-1',
        },
      },
    })
    const [time] = fields.filter(([name]) => name === 'o:deliverytime')
    expect(time![1]).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/)
    expect(Date.parse(time![1])).toBe(sendAt.getTime())
    expect(fields.filter((field) => field !== time)).toEqual([
      ['to', 'ann@rcpt.example'],
      ['o:tag', 'welcome'],
      ['o:tag', 'new order'],
      ['v:order', '4711'],
      ['v:Käthe', '☕'],
      ['o:tracking', 'yes'],
      ['o:tracking-clicks', 'htmlonly'],
      ['o:tracking-opens', 'no'],
      ['o:require-tls', 'yes'],
      ['o:skip-verification', 'no'],
      ['o:dkim', 'no'],
      ['o:sending-ip', '192.0.2.1'],
      ['o:sending-ip-pool', 'pool-1'],
    ])
  })

  it('has no time that is over', async () => {
    const { fields } = await formFor({ transportData: { sendAt: '2020-01-01T00:00:00Z' } })
    expect(fields.map(([name]) => name)).toEqual(['to', 'to'])
  })

  it('has attachments, also of a stream, an invitation, a signature and what the transform returns', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const dkim = dkimSigner({ domain: 'example.com', selector: 's', privateKey })
    const attachments = [
      { filename: 'Preise für Käthe.txt', content: 'Grüße' },
      { filename: 'b.bin', content: Readable.from([Buffer.alloc(100)]) },
    ]
    const calendar = { method: 'request', content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' } as const
    const signed = await formFor({ attachments, calendar }, { dkim })
    expect(signed.mime).toMatch(/^DKIM-Signature: /)
    expect(signed.mime).toMatch(/text\/calendar; .*method=REQUEST/i)
    expect(signed.mime).toContain(Buffer.alloc(57).toString('base64'))
    const transform = (): Buffer => Buffer.from('Content-Type: application/pkcs7-mime\r\n\r\nMIIB\r\n')
    const encrypted = await formFor({}, { transform })
    expect(encrypted.mime).toMatch(
      /MIME-Version: 1\.0\r\nContent-Type: application\/pkcs7-mime\r\n\r\nMIIB\r\n$/,
    )
  })

  it('goes to those who are left', async () => {
    home.server.play([
      { status: 429, headers: { 'Retry-After': '0' }, body: { message: 'slow down' } },
      ACCEPTED,
    ])
    home.server.clear()
    const transport = retry(mailgun({ ...options, url: home.server.url }), { attempts: 2, delayMs: 1 })
    await transport.send(messageTo().forRecipients(['bob@rcpt.example']))
    const named = home.server.requests.map(({ body }) => body.toString().match(/name="to"\r\n\r\n\S+/g))
    expect(named).toEqual([['name="to"\r\n\r\nbob@rcpt.example'], ['name="to"\r\n\r\nbob@rcpt.example']])
  })
})

describe('the answer', () => {
  it('gives the id', async () => {
    home.server.play(ACCEPTED)
    const delivery = await mailgun({ ...options, url: home.server.url }).send(messageTo())
    expect(delivery).toMatchObject({
      state: 'sent',
      providerId: '<1@mg.example.com>',
      response: '200 Queued. Thank you.',
    })
  })

  it('in test mode means that nobody gets the message', async () => {
    home.server.play(ACCEPTED)
    home.server.clear()
    const message = messageTo({ transportData: { mailgun: { testMode: true } } })
    const delivery = await mailgun({ ...options, url: home.server.url }).send(message)
    expect(delivery).toMatchObject({ state: 'discarded', providerId: '<1@mg.example.com>' })
    expect(home.server.requests[0]!.body.toString()).toContain('name="o:testmode"\r\n\r\nyes')
  })

  it.each([
    ['120', 120_000],
    [new Date(Date.now() + 3_600_000).toUTCString(), 3_600_000],
    ['soon', undefined],
  ])('429 with Retry-After %s', async (retryAfter, ms) => {
    home.server.play({
      status: 429,
      headers: { 'Retry-After': retryAfter },
      body: { message: 'Too many requests' },
    })
    const error = await failureOf(mailgun({ ...options, url: home.server.url }))
    expect(error).toMatchObject({ kind: 'rate-limited', permanence: 'transient', retryable: true })
    if (ms === undefined) expect(error.retryAfterMs).toBeUndefined()
    else expect(Math.abs(error.retryAfterMs! - ms)).toBeLessThan(60_000)
  })

  it('that is in doubt goes to nobody else', async () => {
    home.server.play({ status: 500, body: { message: 'Internal Server Error' } })
    home.server.clear()
    const transport = mailgun({ ...options, url: home.server.url })
    const error = await failureOf(
      failover(transport, mailgun({ ...options, domain: 'b.example', url: home.server.url })),
    )
    expect(error).toMatchObject({ delivered: 'unknown', retryable: false })
    expect(home.server.requests).toHaveLength(1)
  })

  it('that the key is wrong leads to the next transport', async () => {
    home.server.play([{ status: 401, body: 'Forbidden' }, ACCEPTED])
    home.server.clear()
    const at = (domain: string) => mailgun({ ...options, domain, url: home.server.url })
    const delivery = await failover(at('a.example'), at('b.example')).send(messageTo())
    expect(delivery.failures).toMatchObject([{ code: 'submit/bad-credentials' }])
    expect(home.server.requests.map(({ path }) => path)).toEqual([
      '/v3/a.example/messages.mime',
      '/v3/b.example/messages.mime',
    ])
  })
})

describe('what Mailgun cannot send', () => {
  const later = (days: number) => new Date(Date.now() + days * 86_400_000)

  it.each<[string, Partial<MessageInput>, string, RegExp]>([
    [
      '11 tags',
      { transportData: { tags: Array.from({ length: 11 }, (_, n) => `t${n}`) } },
      'compose/invalid-message',
      /has 11 tags, and Mailgun keeps only 10/,
    ],
    [
      'a long tag',
      { transportData: { tags: ['t'.repeat(129)] } },
      'compose/invalid-message',
      /1 to 128 ASCII/,
    ],
    [
      'a tag beyond ASCII',
      { transportData: { tags: ['Käthe'] } },
      'compose/invalid-message',
      /1 to 128 ASCII/,
    ],
    [
      'four days ahead',
      { transportData: { sendAt: later(4) } },
      'compose/invalid-message',
      /at most 72 hours ahead/,
    ],
    [
      'a flag that is none',
      { transportData: { mailgun: { tracking: 'yes' } } },
      'compose/invalid-message',
      /mailgun\.tracking must be true or false/,
    ],
    [
      'htmlonly elsewhere',
      { transportData: { mailgun: { tracking: 'htmlonly' } } },
      'compose/invalid-message',
      /mailgun\.tracking must be true/,
    ],
    [
      'an empty pool',
      { transportData: { mailgun: { sendingIpPool: '' } } },
      'compose/invalid-message',
      /sendingIpPool must be a text/,
    ],
    [
      'an unknown field',
      { transportData: { mailgun: { testmode: true } } },
      'compose/invalid-message',
      /mailgun has no testmode/,
    ],
    [
      'an address beyond ASCII',
      { to: 'jörg@rcpt.example' },
      'submit/smtputf8-required',
      /part before the @ is ASCII/,
    ],
    [
      '1,001 recipients',
      { to: Array.from({ length: 1_001 }, (_, n) => `r${n}@rcpt.example`) },
      'compose/too-many-recipients',
      /at most 1000 .* has 1001/,
    ],
    [
      'more than 25 MB',
      { attachments: [{ filename: 'a', content: Buffer.alloc(20_000_000) }] },
      'submit/message-too-large',
      /at most 25 MB .* 27\.4 MB/,
    ],
    [
      'TLS all the way',
      { requireTlsOnward: true },
      'submit/requiretls-not-offered',
      /Mailgun does not promise/,
    ],
  ])('%s', async (_what, changes, code, summary) => {
    home.server.clear()
    const error = await failureOf(mailgun({ ...options, url: home.server.url }), messageTo(changes))
    expect(error).toMatchObject({ code, permanence: 'permanent', delivered: 'none' })
    expect(error.summary).toMatch(summary)
    expect(error.recipients.every(({ status }) => status === 'not-attempted')).toBe(true)
    expect(home.server.requests).toEqual([])
  })

  it('says what comes nearest to TLS all the way', async () => {
    const error = await failureOf(
      mailgun({ ...options, url: home.server.url }),
      messageTo({ requireTlsOnward: true }),
    )
    expect(error.hint).toContain('transportData.mailgun.requireTls')
  })

  it('schedules as far ahead as the plan allows', async () => {
    const { fields } = await formFor({ transportData: { sendAt: later(6) } }, { scheduleDays: 7 })
    expect(fields.map(([name]) => name)).toContain('o:deliverytime')
  })
})

describe('verify()', () => {
  it('asks for nothing that a sending key may not do, and sends nothing', async () => {
    home.server.play({ status: 400, body: { message: 'to parameter is missing' } })
    home.server.clear()
    await mailgun({ ...options, url: home.server.url }).verify!()
    const [request] = home.server.requests
    expect(request).toMatchObject({ method: 'POST', path: '/v3/mg.example.com/messages.mime' })
    expect(request!.body.toString()).not.toMatch(/name="(?:to|message)"/)
  })

  it.each([
    [{ status: 401, body: 'Forbidden' }, 'submit/bad-credentials'],
    [{ status: 404, body: { message: 'Domain not found: mg.example.com' } }, 'submit/invalid-config'],
    [
      { status: 403, body: { message: 'Domain mg.example.com is not allowed to send: unverified' } },
      'submit/policy',
    ],
    [
      { status: 400, body: { message: 'Domain mg.example.com is not allowed to send: Account disabled' } },
      'submit/account-blocked',
    ],
    [{ status: 500, body: '' }, 'submit/server-error'],
    [{ close: 'reset', after: 'body' } as const, 'submit/connection-lost'],
  ])('refuses %j', async (answer, code) => {
    home.server.play(answer)
    const checking = mailgun({ ...options, url: home.server.url }).verify!()
    await expect(checking).rejects.toMatchObject({ code, delivered: 'none' })
    await expect(checking).rejects.not.toMatchObject({
      hint: expect.stringContaining('taken the message') as string,
    })
  })
})

describe('options', () => {
  const made = (given: object): string => mailgun({ ...options, ...given }).name

  it('lead to the region', () => {
    expect(made({})).toBe('mailgun(api.mailgun.net)')
    expect(made({ region: 'eu' })).toBe('mailgun(api.eu.mailgun.net)')
    const at = (url: string): string => transportFromUrl(url, providerSchemes).name
    expect(at(`mailgun://${key}@mg.example.com`)).toBe('mailgun(api.mailgun.net)')
    expect(at(`mailgun://${key}@mg.example.com?region=eu&scheduleDays=7`)).toBe('mailgun(api.eu.mailgun.net)')
    expect(at(`mailgun://${key}@mg.example.com?url=http://127.0.0.1:9`)).toBe('mailgun(127.0.0.1:9)')
  })

  it.each<[object, string, RegExp]>([
    [{ key: undefined }, 'config/missing-credentials', /key is missing/],
    [{ key: `${key}\n` }, 'config/invalid-config', /key begins or ends with/],
    [{ domain: undefined }, 'config/invalid-config', /domain must be/],
    [{ domain: 'mg.example.com/../x' }, 'config/invalid-config', /domain must be/],
    [{ domain: 'example' }, 'config/invalid-config', /domain must be/],
    [{ region: 'EU' }, 'config/invalid-config', /region must be 'us' or 'eu'/],
    [{ region: 'toString' }, 'config/invalid-config', /region must be/],
    [{ scheduleDays: -1 }, 'config/invalid-config', /scheduleDays/],
    [{ scheduleDays: Number.NaN }, 'config/invalid-config', /scheduleDays/],
    [{ dkim: {} }, 'config/invalid-config', /dkim must be a signer/],
    [{ apiKey: key }, 'config/invalid-config', /apiKey/],
  ])('refuse %j', (given, code, summary) => {
    const make = (): string => made(given)
    expect(make).toThrow(expect.objectContaining({ code, summary: expect.stringMatching(summary) as string }))
    expect(make).not.toThrow(key)
  })

  it.each([
    `mailgun://${key}@`,
    `mailgun://${key}:x@mg.example.com`,
    `mailgun://${key}@mg.example.com/v3`,
    `mailgun://${key}@mg.example.com?regoin=eu`,
    `mailgun://${key}@mg.example.com?region=asia`,
    `mailgun://${key}@mg.example.com?scheduleDays=a`,
  ])('refuse the URL %s, and do not show it', (url) => {
    let error: unknown
    try {
      transportFromUrl(url, providerSchemes)
    } catch (thrown) {
      error = thrown
    }
    if (!MailError.is(error)) throw error
    expect(error.code).toBe('config/invalid-config')
    expect(shown(error)).not.toContain('5ecre7')
  })
})

it('nobody in the form is missing in the failure', async () => {
  home.server.play({
    status: 400,
    body: { message: "'to' parameter is not a valid address. please check documentation" },
  })
  const error = await failureOf(mailgun({ ...options, url: home.server.url }))
  expect(error.recipients).toMatchObject(RECIPIENTS.map((address) => ({ address, status: 'rejected' })))
})
