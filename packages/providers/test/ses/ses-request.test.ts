import { generateKeyPairSync } from 'node:crypto'
import { Readable } from 'node:stream'
import { MailError, retry, transportFromUrl, type MessageInput } from '@loudmail/core'
import { dkimSigner } from '@loudmail/mime'
import { describe, expect, it } from 'vitest'
import { providerSchemes } from '../../src/index.ts'
import { ses, type SesOptions } from '../../src/ses/index.ts'
import { failureOf, messageTo, RECIPIENTS, serverForAll, shown } from '../suites.ts'

const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const options = { region: 'eu-west-1', ...key }
const ACCEPTED = { status: 200, body: { MessageId: '0102018d-1' } }
const home = serverForAll()

interface Body {
  readonly Content: { readonly Raw: { readonly Data: string } }
  readonly [name: string]: unknown
}

/** The request for a message, and the message in it. */
async function requestFor(
  changes: Partial<MessageInput>,
  more: Partial<SesOptions> = {},
): Promise<{ path: string; headers: Readonly<Record<string, string>>; rest: object; mime: string }> {
  const { server } = home
  server.play(ACCEPTED)
  server.clear()
  await ses({ ...options, ...more, url: server.url }).send(messageTo(changes))
  expect(server.requests).toHaveLength(1)
  const { method, target, headers, json } = server.requests[0]!
  const { Content, ...rest } = json as Body
  expect(Object.keys(Content)).toEqual(['Raw'])
  const mime = Buffer.from(Content.Raw.Data, 'base64')
  expect(mime.toString('base64')).toBe(Content.Raw.Data)
  return { path: `${method} ${target}`, headers, rest, mime: mime.toString() }
}

describe('the request', () => {
  it('has the message in base64, and the recipients of the envelope', async () => {
    const { path, headers, rest, mime } = await requestFor({
      from: '"Tea & Co, Käthe" <tea@example.com>',
      to: 'Ann <ann@rcpt.example>',
      cc: 'bob@rcpt.example',
      bcc: 'carol@rcpt.example',
      replyTo: 'help@example.com',
      headers: { 'X-Order': '4711' },
      inReplyTo: '<1@example.com>',
      messageId: '<2@example.com>',
    })
    expect(path).toBe('POST /v2/email/outbound-emails')
    expect(headers).toMatchObject({ 'content-type': 'application/json', accept: 'application/json' })
    expect(rest).toEqual({
      Destination: { ToAddresses: ['ann@rcpt.example', 'bob@rcpt.example', 'carol@rcpt.example'] },
    })
    expect(mime).toMatch(/^From: =\?utf-8\?.*<tea@example\.com>\r$/im)
    expect(mime).toMatch(/^Reply-To: help@example\.com\r$/m)
    expect(mime).toMatch(/^To: Ann <ann@rcpt\.example>\r\nCc: bob@rcpt\.example\r$/m)
    expect(mime).toMatch(
      /^Message-ID: <2@example\.com>\r\nIn-Reply-To: <1@example\.com>\r\nX-Order: 4711\r$/m,
    )
    expect(mime).not.toMatch(/carol|^bcc:/im)
  })

  it('has a message of every length, octet for octet', async () => {
    for (const length of [49_150, 49_151, 49_152, 49_153, 147_456, 200_000]) {
      const raw = `From: tea@example.com\r\n\r\n${'x'.repeat(length)}`.replaceAll(/x{70}/g, '$&\r\n')
      const whole = raw.endsWith('\r\n') ? raw : `${raw}\r\n`
      const { mime } = await requestFor({
        ...NOTHING,
        raw: whole,
        envelope: { from: 'tea@example.com', to: RECIPIENTS },
      })
      expect(mime === whole).toBe(true)
    }
  })

  it('has attachments, also of a stream, an invitation and a signature', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const dkim = dkimSigner({ domain: 'example.com', selector: 's', privateKey })
    const { mime } = await requestFor(
      {
        attachments: [
          { filename: 'Preise für Käthe.txt', content: 'Grüße' },
          { filename: 'b.bin', content: Readable.from([Buffer.alloc(100)]) },
        ],
        calendar: { method: 'request', content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' },
      },
      { dkim },
    )
    expect(mime).toMatch(/^DKIM-Signature: /)
    expect(mime).toMatch(/text\/calendar; .*method=REQUEST/i)
    expect(mime).toMatch(/filename\*=utf-8''Preise%20f%C3%BCr%20K%C3%A4the\.txt/i)
    expect(mime).toContain(Buffer.alloc(57).toString('base64'))
  })

  it('has a signature that does not cover what SES writes anew', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const of = (headers?: string[]) =>
      dkimSigner({ domain: 'example.com', selector: 's', privateKey, headers })
    const { mime } = await requestFor({}, { dkim: of() })
    const [, names] = /\bh=([^;]*);/.exec(mime)!
    const covered = names!.split(/[\s:]+/)
    expect(covered).toEqual(expect.arrayContaining(['from', 'to', 'subject', 'mime-version']))
    for (const name of ['date', 'message-id']) expect(covered).not.toContain(name)
    expect(mime).toMatch(/^Date: .*\r\nFrom: [^]*^Message-ID: </m)
    const dkim = of(['From', 'Message-ID'])
    const error = await failureOf(ses({ ...options, dkim, url: home.server.url }))
    expect(error).toMatchObject({ code: 'config/invalid-config', delivered: 'none' })
    expect(error.summary).toMatch(/must not sign Date, Message-ID/)
    expect(() => ses({ ...options, dkim: [of(), of()] })).toThrow(/dkim must be one signer/)
  })

  it('has the content that the transform returns', async () => {
    const transform = (): Buffer => Buffer.from('Content-Type: application/pkcs7-mime\r\n\r\nMIIB\r\n')
    const { mime } = await requestFor({}, { transform })
    expect(mime).toMatch(/MIME-Version: 1\.0\r\nContent-Type: application\/pkcs7-mime\r\n\r\nMIIB\r\n$/)
  })

  it('has tags, metadata and the fields of SES', async () => {
    const { rest } = await requestFor(
      {
        transportData: {
          tags: ['welcome'],
          metadata: { order: '4711', shop_2: 'a-b' },
          ses: {
            fromArn: 'arn:aws:ses:eu-west-1:1:identity/example.com',
            feedbackArn: 'arn:aws:ses:eu-west-1:1:identity/bounces.example.com',
            list: { name: 'customers', topic: 'offers' },
          },
          postmark: { messageStream: 'outbound' },
        },
      },
      { configurationSet: 'mail' },
    )
    expect(rest).toEqual({
      Destination: { ToAddresses: RECIPIENTS },
      EmailTags: [
        { Name: 'welcome', Value: 'true' },
        { Name: 'order', Value: '4711' },
        { Name: 'shop_2', Value: 'a-b' },
      ],
      ConfigurationSetName: 'mail',
      FromEmailAddressIdentityArn: 'arn:aws:ses:eu-west-1:1:identity/example.com',
      FeedbackForwardingEmailAddressIdentityArn: 'arn:aws:ses:eu-west-1:1:identity/bounces.example.com',
      ListManagementOptions: { ContactListName: 'customers', TopicName: 'offers' },
    })
  })

  it('has the configuration set of the message rather than that of the transport', async () => {
    const transportData = { ses: { configurationSet: 'news', list: { name: 'customers' } } }
    const { rest } = await requestFor({ transportData }, { configurationSet: 'mail' })
    expect(rest).toMatchObject({
      ConfigurationSetName: 'news',
      ListManagementOptions: { ContactListName: 'customers' },
    })
  })

  it('sends bounces to the reverse-path, if that is another address', async () => {
    const to = RECIPIENTS
    const other = await requestFor({ envelope: { from: 'bounces@example.com', to } })
    expect(other.rest).toMatchObject({ FeedbackForwardingEmailAddress: 'bounces@example.com' })
    const same = await requestFor({ envelope: { from: 'tea@EXAMPLE.com', to } })
    expect(same.rest).not.toHaveProperty('FeedbackForwardingEmailAddress')
    const none = await requestFor({ envelope: { from: '', to } })
    expect(none.rest).not.toHaveProperty('FeedbackForwardingEmailAddress')
  })

  it('goes to those who are left', async () => {
    const { server } = home
    server.play(ACCEPTED)
    server.clear()
    await ses({ ...options, url: server.url }).send(messageTo().forRecipients(['bob@rcpt.example']))
    expect(server.requests[0]!.json).toMatchObject({ Destination: { ToAddresses: ['bob@rcpt.example'] } })
  })
})

/** Without the fields that compose a message. */
const NOTHING = { from: undefined, to: undefined, subject: undefined, text: undefined }

describe('what SES cannot send', () => {
  it.each<[string, Partial<MessageInput>, string, RegExp]>([
    [
      'a tag with a blank',
      { transportData: { tags: ['new order'] } },
      'compose/invalid-message',
      /tags has "new order"/,
    ],
    [
      'metadata with a dot',
      { transportData: { metadata: { at: '1.5' } } },
      'compose/invalid-message',
      /metadata has "1\.5"/,
    ],
    [
      'metadata without a value',
      { transportData: { metadata: { at: '' } } },
      'compose/invalid-message',
      /metadata has ""/,
    ],
    [
      'a later time',
      { transportData: { sendAt: '2999-01-01' } },
      'compose/invalid-message',
      /cannot send a message later/,
    ],
    [
      'another type',
      { transportData: { ses: { fromArn: 1 } } },
      'compose/invalid-message',
      /ses\.fromArn must be a text/,
    ],
    [
      'a list without a name',
      { transportData: { ses: { list: { topic: 'x' } } } },
      'compose/invalid-message',
      /ses\.list must be an object/,
    ],
    [
      'an unknown field',
      { transportData: { ses: { fromARN: 'x' } } },
      'compose/invalid-message',
      /ses has no fromARN/,
    ],
    [
      'an address beyond ASCII',
      { to: 'jörg@rcpt.example' },
      'submit/smtputf8-required',
      /part before the @ is ASCII/,
    ],
    [
      'a Reply-To beyond ASCII',
      { replyTo: 'jörg@rcpt.example' },
      'submit/smtputf8-required',
      /part before the @ is ASCII/,
    ],
    [
      '51 recipients',
      { to: Array.from({ length: 51 }, (_, n) => `r${n}@rcpt.example`) },
      'compose/too-many-recipients',
      /at most 50 .* has 51/,
    ],
    [
      'TLS all the way',
      { requireTlsOnward: true },
      'submit/requiretls-not-offered',
      /Amazon SES does not promise/,
    ],
  ])('%s', async (_what, changes, code, summary) => {
    home.server.clear()
    const error = await failureOf(ses({ ...options, url: home.server.url }), messageTo(changes))
    expect(error).toMatchObject({ code, permanence: 'permanent', delivered: 'none' })
    expect(error.summary).toMatch(summary)
    expect(home.server.requests).toEqual([])
  })

  it('more than 40 MB', async () => {
    home.server.clear()
    const content = Buffer.alloc(31_000_000)
    const error = await failureOf(
      ses({ ...options, url: home.server.url }),
      messageTo({ attachments: [{ filename: 'a.bin', content }] }),
    )
    expect(error).toMatchObject({
      code: 'submit/message-too-large',
      permanence: 'permanent',
      delivered: 'none',
    })
    expect(error.summary).toMatch(/at most 40 MB a message, and this one has 42\.4 MB/)
    expect(home.server.requests).toEqual([])
  })
})

describe('the answer', () => {
  it('gives the id', async () => {
    home.server.play(ACCEPTED)
    const delivery = await ses({ ...options, url: home.server.url }).send(messageTo())
    expect(delivery).toMatchObject({ state: 'sent', providerId: '0102018d-1', response: '200 0102018d-1' })
  })

  it.each([
    [{ 'x-amzn-ErrorType': 'MessageRejected:http://internal.amazon.com/coral/' }, { message: 'No' }],
    [{}, { __type: 'com.amazonaws.sesv2#MessageRejected', message: 'No' }],
    [{}, { code: 'MessageRejected', Message: 'No' }],
  ])('names its error in %j %j', async (headers, body) => {
    home.server.play({ status: 400, headers, body })
    const error = await failureOf(ses({ ...options, url: home.server.url }))
    expect(error).toMatchObject({ kind: 'content-rejected', reply: { text: 'MessageRejected: No' } })
  })

  it('about recipients that are not verified means the sandbox', async () => {
    const words =
      'Email address is not verified. The following identities failed the check in region EU-WEST-1:'
    const headers = { 'x-amzn-ErrorType': 'MessageRejected' }
    home.server.play({
      status: 400,
      headers,
      body: { message: `${words} ann@rcpt.example, Bob <bob@rcpt.example>` },
    })
    const sandbox = await failureOf(ses({ ...options, url: home.server.url }))
    expect(sandbox).toMatchObject({ kind: 'policy', scope: 'transport' })
    expect(sandbox.hint).toMatch(/sandbox/)
    home.server.play({
      status: 400,
      headers,
      body: { message: `${words} ann@rcpt.example, tea@example.com` },
    })
    const sender = await failureOf(ses({ ...options, url: home.server.url }))
    expect(sender).toMatchObject({ kind: 'sender-not-owned', scope: 'sender' })
  })

  it('says how wrong the clock is', async () => {
    const headers = {
      'x-amzn-ErrorType': 'InvalidSignatureException',
      Date: new Date(Date.now() + 1_200_000).toUTCString(),
    }
    const message = 'Signature expired: 20261127T120000Z is now earlier than 20261127T121500Z'
    home.server.play({ status: 403, headers, body: { message } })
    const error = await failureOf(ses({ ...options, url: home.server.url }))
    expect(error).toMatchObject({ kind: 'bad-credentials', permanence: 'permanent' })
    expect(error.hint).toMatch(/^The clock of this machine is 20 minutes behind that of AWS\. /)
  })

  it.each([
    [429, 'TooManyRequestsException', '7', 7_000],
    [400, 'ThrottlingException', undefined, undefined],
    [429, 'TooManyRequestsException', 'soon', undefined],
  ])('%i %s with Retry-After %s', async (status, type, retryAfter, ms) => {
    const headers = {
      'x-amzn-ErrorType': type,
      ...(retryAfter !== undefined && { 'Retry-After': retryAfter }),
    }
    home.server.play({ status, headers, body: { message: 'Maximum sending rate exceeded.' } })
    const error = await failureOf(ses({ ...options, url: home.server.url }))
    expect(error).toMatchObject({ kind: 'rate-limited', permanence: 'transient', retryable: true })
    expect(error.retryAfterMs).toBe(ms)
  })

  it('is not waited for twice: what is in doubt is not tried again', async () => {
    home.server.play([
      { status: 500, headers: { 'x-amzn-ErrorType': 'InternalServiceErrorException' }, body: {} },
      ACCEPTED,
    ])
    home.server.clear()
    const error = await failureOf(
      retry(ses({ ...options, url: home.server.url }), { attempts: 3, delayMs: 1 }),
    )
    expect(error).toMatchObject({ kind: 'server-error', delivered: 'unknown' })
    expect(home.server.requests).toHaveLength(1)
  })

  it('of a rate limit is tried again, and then it is sent', async () => {
    home.server.play([
      { status: 429, headers: { 'x-amzn-ErrorType': 'TooManyRequestsException' }, body: {} },
      ACCEPTED,
    ])
    const delivery = await retry(ses({ ...options, url: home.server.url }), { attempts: 2, delayMs: 1 }).send(
      messageTo(),
    )
    expect(delivery).toMatchObject({ state: 'sent', failures: [{ code: 'submit/rate-limited' }] })
  })
})

describe('verify()', () => {
  it.each([
    [{ status: 200, body: { SendingEnabled: true, EnforcementStatus: 'HEALTHY' } }],
    [
      {
        status: 403,
        headers: { 'x-amzn-ErrorType': 'AccessDeniedException' },
        body: { message: 'not authorized' },
      },
    ],
  ])('is content with %j', async (answer) => {
    home.server.play(answer)
    await ses({ ...options, url: home.server.url }).verify!()
  })

  it.each([
    [{ status: 200, body: { SendingEnabled: false } }, 'submit/account-blocked'],
    [
      { status: 200, body: { SendingEnabled: true, EnforcementStatus: 'SHUTDOWN' } },
      'submit/account-blocked',
    ],
    [
      { status: 403, headers: { 'x-amzn-ErrorType': 'SignatureDoesNotMatch' }, body: { message: 'no' } },
      'submit/bad-credentials',
    ],
    [{ status: 500, body: {} }, 'submit/server-error'],
  ])('refuses %j', async (answer, code) => {
    home.server.play(answer)
    await expect(ses({ ...options, url: home.server.url }).verify!()).rejects.toMatchObject({ code })
  })
})

describe('options', () => {
  const made = (given: object): string => ses({ ...options, ...given }).name

  it('lead to the endpoint of the region', () => {
    expect(made({})).toBe('ses(email.eu-west-1.amazonaws.com)')
    expect(made({ region: 'cn-north-1' })).toBe('ses(email.cn-north-1.amazonaws.com.cn)')
    expect(made({ region: 'us-gov-west-1' })).toBe('ses(email.us-gov-west-1.amazonaws.com)')
    expect(made({ url: 'https://email-fips.us-east-1.amazonaws.com' })).toBe(
      'ses(email-fips.us-east-1.amazonaws.com)',
    )
  })

  it.each<[object, string, RegExp]>([
    [{ region: 'Ireland' }, 'config/invalid-config', /region must be the name of a region/],
    [{ region: '' }, 'config/invalid-config', /region must be/],
    [{ accessKeyId: undefined }, 'config/missing-credentials', /accessKeyId is missing/],
    [{ secretAccessKey: '' }, 'config/missing-credentials', /secretAccessKey is missing/],
    [{ secretAccessKey: 'a\n' }, 'config/invalid-config', /secretAccessKey begins or ends with/],
    [{ sessionToken: ' a' }, 'config/invalid-config', /sessionToken begins or ends with/],
    [{ credentials: async () => key }, 'config/invalid-config', /either accessKeyId .* or credentials/],
    [{ ...noKey(), credentials: key }, 'config/invalid-config', /credentials must be a function/],
    [{ configurationSet: '' }, 'config/invalid-config', /configurationSet must be/],
    [{ dkim: {} }, 'config/invalid-config', /dkim must be a signer/],
    [{ transform: 'x' }, 'config/invalid-config', /transform must be a function/],
    [{ regoin: 'x' }, 'config/invalid-config', /regoin/],
  ])('refuse %j', (given, code, summary) => {
    const make = (): string => made(given)
    expect(make).toThrow(expect.objectContaining({ code, summary: expect.stringMatching(summary) as string }))
    expect(make).not.toThrow(key.secretAccessKey)
  })

  it('are read from a URL', () => {
    const secret = encodeURIComponent(key.secretAccessKey)
    const at = (url: string): string => transportFromUrl(url, providerSchemes).name
    expect(at(`ses://AKIDEXAMPLE:${secret}@eu-west-1`)).toBe('ses(email.eu-west-1.amazonaws.com)')
    expect(at(`ses://AKIDEXAMPLE:${secret}@us-east-2?configurationSet=mail&url=http://127.0.0.1:9`)).toBe(
      'ses(127.0.0.1:9)',
    )
  })

  it.each([
    'ses://AKIDEXAMPLE@eu-west-1',
    'ses://AKIDEXAMPLE:5ecre7@eu-west-1/path',
    'ses://AKIDEXAMPLE:5ecre7@eu-west-1?region=x',
    'ses://AKIDEXAMPLE:5ecre7@nowhere',
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

function noKey(): object {
  return { accessKeyId: undefined, secretAccessKey: undefined }
}
