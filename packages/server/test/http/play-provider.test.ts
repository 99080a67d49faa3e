import {
  playProvider,
  providerAnswers,
  startHttpServer,
  type HttpServer,
  type ProviderName,
} from '@loudmail/server/http'
import { describe, expect, test } from 'vitest'

interface Call {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | FormData
}

const json = { 'content-type': 'application/json' }
const bearer = { authorization: 'Bearer secret' }
const mime =
  'From: alice@sender.example\r\nTo: "Bob, B" <bob@rcpt.example>,\r\n carol@rcpt.example\r\nSubject: Hi\r\n\r\nHello'
const encoded = Buffer.from(mime).toString('base64')

function form(fields: Readonly<Record<string, string | Blob>>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.append(name, value)
  return data
}

const email = {
  From: 'alice@sender.example',
  To: 'Bob <bob@rcpt.example>',
  Cc: 'carol@rcpt.example',
  Subject: 'Hi',
  TextBody: 'Hello',
}
const person = (address: string): unknown => ({ emailAddress: { address } })

/** A well-formed request to each path, for one message to Bob and Carol. */
const calls: readonly [provider: ProviderName, what: string, call: Call][] = [
  [
    'resend',
    'one message',
    {
      path: '/emails',
      headers: { ...json, ...bearer },
      body: JSON.stringify({
        from: 'alice@sender.example',
        to: ['Bob <bob@rcpt.example>'],
        cc: 'carol@rcpt.example',
        subject: 'Hi',
        text: 'Hello',
      }),
    },
  ],
  [
    'postmark',
    'one message',
    {
      path: '/email',
      headers: { ...json, 'x-postmark-server-token': 'secret' },
      body: JSON.stringify(email),
    },
  ],
  [
    'ses',
    'one message',
    {
      path: '/v2/email/outbound-emails',
      headers: { ...json, authorization: 'AWS4-HMAC-SHA256 Credential=secret' },
      body: JSON.stringify({
        FromEmailAddress: 'alice@sender.example',
        Destination: { ToAddresses: ['bob@rcpt.example'], BccAddresses: ['carol@rcpt.example'] },
        Content: { Simple: { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'Hello' } } } },
      }),
    },
  ],
  [
    'ses',
    'MIME',
    {
      path: '/v2/email/outbound-emails',
      headers: { ...json, authorization: 'AWS4-HMAC-SHA256 Credential=secret' },
      body: JSON.stringify({ Content: { Raw: { Data: encoded } } }),
    },
  ],
  [
    'sendgrid',
    'one message',
    {
      path: '/v3/mail/send',
      headers: { ...json, ...bearer },
      body: JSON.stringify({
        from: { email: 'alice@sender.example' },
        personalizations: [
          { to: [{ email: 'bob@rcpt.example', name: 'Bob' }], cc: [{ email: 'carol@rcpt.example' }] },
        ],
        subject: 'Hi',
        content: [{ type: 'text/plain', value: 'Hello' }],
      }),
    },
  ],
  [
    'mailgun',
    'one message',
    {
      path: '/v3/sender.example/messages',
      headers: { authorization: 'Basic c2VjcmV0' },
      body: form({
        from: 'alice@sender.example',
        to: 'Bob <bob@rcpt.example>, carol@rcpt.example',
        subject: 'Hi',
        text: 'Hello',
        attachment: new Blob(['a']),
      }),
    },
  ],
  [
    'mailgun',
    'MIME',
    {
      path: '/v3/sender.example/messages.mime',
      headers: { authorization: 'Basic c2VjcmV0' },
      body: form({
        to: 'bob@rcpt.example,carol@rcpt.example',
        message: new Blob([mime.replace('carol@', 'dave@')]),
      }),
    },
  ],
  [
    'brevo',
    'one message',
    {
      path: '/v3/smtp/email',
      headers: { ...json, 'api-key': 'secret' },
      body: JSON.stringify({
        sender: { email: 'alice@sender.example' },
        to: [{ email: 'bob@rcpt.example', name: 'Bob' }],
        bcc: [{ email: 'carol@rcpt.example' }],
        subject: 'Hi',
        textContent: 'Hello',
      }),
    },
  ],
  [
    'microsoftGraph',
    'one message',
    {
      path: '/v1.0/users/alice@sender.example/sendMail',
      headers: { ...json, ...bearer },
      body: JSON.stringify({
        message: {
          subject: 'Hi',
          toRecipients: [person('bob@rcpt.example')],
          ccRecipients: [person('carol@rcpt.example')],
        },
      }),
    },
  ],
  [
    'microsoftGraph',
    'MIME',
    { path: '/v1.0/me/sendMail', headers: { ...bearer, 'content-type': 'text/plain' }, body: encoded },
  ],
  [
    'gmail',
    'MIME',
    {
      path: '/gmail/v1/users/me/messages/send',
      headers: { ...json, ...bearer },
      body: JSON.stringify({ raw: Buffer.from(mime).toString('base64url') }),
    },
  ],
  [
    'gmail',
    'MIME as an upload',
    {
      path: '/upload/gmail/v1/users/me/messages/send?uploadType=media',
      headers: { ...bearer, 'content-type': 'message/rfc822' },
      body: mime,
    },
  ],
]

async function ask(
  server: HttpServer,
  { path, headers, body }: Call,
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(server.url + path, { method: 'POST', headers, body })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

/** The same fields with values of the same types. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => shape(each))
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shape(each)]))
}

describe.each(calls)('%s, %s', (name, _what, call) => {
  const success = providerAnswers[name].successes[0]!

  test('is taken, and answered as documented, with an id of its own', async () => {
    const provider = playProvider(name)
    await using server = await startHttpServer(provider)
    const first = await ask(server, call)
    const second = await ask(server, call)
    expect(first.status).toBe(success.status)
    expect(shape(first.body)).toEqual(shape(success.body ?? ''))
    expect(provider.taken).toMatchObject([
      { to: ['bob@rcpt.example', 'carol@rcpt.example'], subject: 'Hi' },
      { to: ['bob@rcpt.example', 'carol@rcpt.example'], subject: 'Hi' },
    ])
    const ids = provider.taken.map(({ id }) => id)
    expect(new Set(ids).size).toBe(2)
    expect(JSON.stringify([first.body, [...first.headers]])).toContain(ids[0])
    expect(JSON.stringify([second.body, [...second.headers]])).toContain(ids[1])
  })

  test('is refused without credentials, with another body, and at another path', async () => {
    const provider = playProvider(name)
    await using server = await startHttpServer(provider)
    const { 'content-type': type } = call.headers
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    const statuses: number[] = []
    statuses.push((await ask(server, { ...call, headers })).status)
    statuses.push((await ask(server, { ...call, body: '{"a":' })).status)
    statuses.push((await ask(server, { ...call, body: '[]' })).status)
    statuses.push((await ask(server, { ...call, path: '/elsewhere' })).status)
    const invalid = name === 'postmark' ? 422 : 400
    expect(statuses).toEqual([name === 'ses' ? 403 : 401, invalid, invalid, 404])
    expect(provider.taken).toEqual([])
  })
})

describe('batches', () => {
  const message = { from: 'alice@sender.example', to: 'bob@rcpt.example', subject: 'One', text: 'x' }
  const batch = (body: unknown, headers: Readonly<Record<string, string>> = {}): Call => ({
    path: '/emails/batch',
    headers: { ...json, ...bearer, ...headers },
    body: JSON.stringify(body),
  })

  test('of Resend are taken message by message, or not at all', async () => {
    const provider = playProvider('resend')
    await using server = await startHttpServer(provider)
    const { body } = await ask(server, batch([message, { ...message, to: 'carol@rcpt.example' }]))
    expect(provider.taken.map(({ to }) => to)).toEqual([['bob@rcpt.example'], ['carol@rcpt.example']])
    expect(body).toEqual({ data: provider.taken.map(({ id }) => ({ id })) })
    expect((await ask(server, batch([message, {}]))).status).toBe(422)
    expect(provider.taken).toHaveLength(2)
  })

  test('of Resend that are permissive are taken in part', async () => {
    const provider = playProvider('resend')
    await using server = await startHttpServer(provider)
    const { status, body } = await ask(server, batch([message, {}], { 'x-batch-validation': 'permissive' }))
    expect(status).toBe(200)
    expect(body).toMatchObject({ data: [{ id: provider.taken[0]?.id }], errors: [{ index: 1 }] })
  })

  test('of Postmark have a result for each message', async () => {
    const provider = playProvider('postmark')
    await using server = await startHttpServer(provider)
    const headers = { ...json, 'x-postmark-server-token': 'secret' }
    const body = JSON.stringify([email, { ...email, TextBody: undefined }, { ...email, Subject: 'Three' }])
    const answer = await ask(server, { path: '/email/batch', headers, body })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject([
      { ErrorCode: 0, MessageID: provider.taken[0]?.id, To: email.To },
      { ErrorCode: 300 },
      { ErrorCode: 0, MessageID: provider.taken[1]?.id },
    ])
    expect(provider.taken.map(({ subject }) => subject)).toEqual(['Hi', 'Three'])
  })

  test('of SendGrid are personalizations, and of Brevo messageVersions', async () => {
    const sendgrid = playProvider('sendgrid')
    const brevo = playProvider('brevo')
    await using server = await startHttpServer((request) =>
      request.path === '/v3/mail/send' ? sendgrid(request) : brevo(request),
    )
    const both = [
      { to: [{ email: 'bob@rcpt.example' }] },
      { to: [{ email: 'carol@rcpt.example' }], subject: 'Own' },
    ]
    const sender = { email: 'alice@sender.example' }
    await ask(server, {
      path: '/v3/mail/send',
      headers: { ...json, ...bearer },
      body: JSON.stringify({
        from: sender,
        subject: 'Hi',
        personalizations: both,
        content: [{ value: 'x' }],
      }),
    })
    const { body } = await ask(server, {
      path: '/v3/smtp/email',
      headers: { ...json, 'api-key': 'secret' },
      body: JSON.stringify({ sender, subject: 'Hi', messageVersions: both }),
    })
    for (const { taken } of [sendgrid, brevo]) {
      expect(taken).toMatchObject([
        { to: ['bob@rcpt.example'], subject: 'Hi' },
        { to: ['carol@rcpt.example'], subject: 'Own' },
      ])
    }
    expect(body).toEqual({ messageIds: brevo.taken.map(({ id }) => id) })
  })

  test('of Brevo for later are answered with 202', async () => {
    await using server = await startHttpServer(playProvider('brevo'))
    const body = JSON.stringify({
      sender: {},
      to: [{ email: 'bob@rcpt.example' }],
      scheduledAt: '2026-12-01T00:00:00Z',
    })
    expect(
      (await ask(server, { path: '/v3/smtp/email', headers: { 'api-key': 'secret' }, body })).status,
    ).toBe(202)
  })
})

describe('idempotency keys', () => {
  test('of Resend: the same answer for the same body, a failure for another, a message for another key', async () => {
    const provider = playProvider('resend')
    await using server = await startHttpServer(provider)
    const send = (key: string, subject: string): ReturnType<typeof ask> =>
      ask(server, {
        path: '/emails',
        headers: { ...json, ...bearer, 'idempotency-key': key },
        body: JSON.stringify({ from: 'alice@sender.example', to: 'bob@rcpt.example', subject, text: 'x' }),
      })
    const first = await send('one', 'Hi')
    expect((await send('one', 'Hi')).body).toEqual(first.body)
    const other = await send('one', 'Other')
    expect([other.status, (other.body as { name: string }).name]).toEqual([409, 'invalid_idempotent_request'])
    expect((await send('two', 'Hi')).body).not.toEqual(first.body)
    expect(provider.taken.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['one', 'two'])
    expect((await send('x'.repeat(257), 'Hi')).body).toMatchObject({ name: 'invalid_idempotency_key' })
  })

  test('of Brevo are in the body, and a second request is refused', async () => {
    const provider = playProvider('brevo')
    await using server = await startHttpServer(provider)
    const send = (subject: string): ReturnType<typeof ask> =>
      ask(server, {
        path: '/v3/smtp/email',
        headers: { ...json, 'api-key': 'secret' },
        body: JSON.stringify({
          sender: {},
          to: [{ email: 'bob@rcpt.example' }],
          subject,
          headers: { idempotencyKey: 'one' },
        }),
      })
    expect((await send('Hi')).status).toBe(201)
    for (const subject of ['Hi', 'Other']) {
      const { status, body } = await send(subject)
      expect([status, (body as { code: string }).code]).toEqual([400, 'duplicate_parameter'])
    }
    expect(provider.taken).toMatchObject([{ idempotencyKey: 'one' }])
  })

  test('of requests that come at once are taken once', async () => {
    const provider = playProvider('resend')
    await using server = await startHttpServer(provider)
    const body = JSON.stringify({
      from: 'alice@sender.example',
      to: 'bob@rcpt.example',
      subject: 'Hi',
      text: 'x',
    })
    const headers = { ...json, ...bearer, 'idempotency-key': 'one' }
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ask(server, { path: '/emails', headers, body })),
    )
    expect(provider.taken).toHaveLength(1)
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1)
  })

  test('a request that was refused does not use its key up', async () => {
    const [failure] = providerAnswers.resend.failures
    const provider = playProvider('resend', { answers: [failure] })
    await using server = await startHttpServer(provider)
    const call = {
      path: '/emails',
      headers: { ...json, ...bearer, 'idempotency-key': 'one' },
      body: JSON.stringify({
        from: 'alice@sender.example',
        to: 'bob@rcpt.example',
        subject: 'Hi',
        text: 'x',
      }),
    }
    expect((await ask(server, call)).status).toBe(failure?.status)
    expect(provider.taken).toEqual([])
    expect((await ask(server, call)).status).toBe(200)
    expect(provider.taken).toHaveLength(1)
  })
})

test('a message in MIME form with a line that is no header field is refused', async () => {
  const provider = playProvider('gmail')
  await using server = await startHttpServer(provider)
  const call = {
    path: '/upload/gmail/v1/users/me/messages/send',
    headers: { ...bearer, 'content-type': 'message/rfc822' },
    body: mime.replace('\r\n\r\n', '\r\nno field\r\n\r\n'),
  }
  expect((await ask(server, call)).status).toBe(400)
  expect(provider.taken).toEqual([])
})

test('another script can cut the answer of a message that was taken', async () => {
  const [, , call] = calls[0]!
  const provider = playProvider('resend', { answers: [undefined, { status: 500 }] })
  await using server = await startHttpServer([
    async (request) => ({ cutAt: 5, answer: await provider(request), then: 'reset' }),
    provider,
    provider,
  ])
  await expect(ask(server, call)).rejects.toThrow('fetch failed')
  expect(provider.taken).toHaveLength(1)
  expect((await ask(server, call)).status).toBe(500)
  expect((await ask(server, call)).status).toBe(200)
  expect(provider.taken).toHaveLength(2)
})
