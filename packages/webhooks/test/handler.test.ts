import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { memorySeen, resendWebhook, webhook, type SeenStore, type WebhookSource } from '../src/index.ts'
import { hookServer, listen, post as postTo, postChunks } from './hook-server.ts'
import { resendEvent } from './payloads/resend.ts'
import { DELIVERED, UNKNOWN } from './provider-events.ts'
import { PROVIDERS, RESEND_SECRET, seconds, signBrevo, signResend, signSendgrid } from './signers.ts'

const source = (): WebhookSource => resendWebhook({ secret: RESEND_SECRET })
const event = resendEvent('email.delivered')

describe.each(['Resend', 'SendGrid', 'Mailgun'])('a copy of a request of %s', (name) => {
  it('is refused once the request was handled', async () => {
    const { post, told, reports } = await hookServer(PROVIDERS[name]!.source())
    const signed = PROVIDERS[name]!.sign(DELIVERED[name])
    expect((await post(signed)).status).toBe(200)
    expect((await post(signed)).status).toBe(409)
    expect((await post(signed)).status).toBe(409)
    expect(told).toHaveLength(1)
    expect(reports).toMatchObject([
      { kind: 'refused', error: { problem: 'replay' } },
      { kind: 'refused', error: { problem: 'replay' } },
    ])
  })

  it('waits for the request, and is then refused', async () => {
    let finish = (): void => {}
    const waiting = new Promise<void>((resolve) => (finish = resolve))
    const { post, told } = await hookServer(PROVIDERS[name]!.source(), () => waiting)
    const signed = PROVIDERS[name]!.sign(DELIVERED[name])
    const answers = [post(signed), post(signed), post(signed)]
    await expect.poll(() => told.length).toBe(1)
    finish()
    const statuses = (await Promise.all(answers)).map((answer) => answer.status)
    expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 409, 409])
    expect(told).toHaveLength(1)
  })

  it('is taken if the request failed', async () => {
    const onNews = vi
      .fn<() => void>(() => {})
      .mockImplementationOnce(() => {
        throw new Error('the database is down')
      })
    const { post, told } = await hookServer(PROVIDERS[name]!.source(), onNews)
    const signed = PROVIDERS[name]!.sign(DELIVERED[name])
    expect((await post(signed)).status).toBe(500)
    expect((await post(signed)).status).toBe(200)
    expect(told).toHaveLength(2)
  })
})

describe.each(['Postmark', 'Brevo'])('a second delivery of %s, which does not sign', (name) => {
  it('is answered, and told once', async () => {
    const { post, told, reports } = await hookServer(PROVIDERS[name]!.source())
    const sent = PROVIDERS[name]!.sign(DELIVERED[name])
    expect((await post(sent)).status).toBe(200)
    expect((await post(sent)).status).toBe(200)
    expect(told).toHaveLength(1)
    expect(reports).toEqual([])
  })
})

describe.each(Object.keys(PROVIDERS))('an unknown event of %s', (name) => {
  it('is refused and reported, and taken after an update', async () => {
    const { post, told, reports } = await hookServer(PROVIDERS[name]!.source())
    const sent = PROVIDERS[name]!.sign(UNKNOWN[name])
    expect((await post(sent)).status).toBe(422)
    expect((await post(sent)).status).toBe(422)
    expect(told).toEqual([])
    expect(reports).toMatchObject([
      { kind: 'unknown', provider: name, status: 422 },
      { kind: 'unknown', provider: name, status: 422 },
    ])
    expect(String(reports[0]!.unknown)).toMatch(/teleported/i)
  })

  it.each(['__proto__', 'constructor', 'toString', '', 7, null, ['delivered'], { delivered: 1 }])(
    'may have any name: %o',
    async (word) => {
      const { post, told, reports } = await hookServer(PROVIDERS[name]!.source())
      const own = { Resend: 'type', Postmark: 'RecordType' }[name] ?? 'event'
      const sent = PROVIDERS[name]!.sign({ ...DELIVERED[name], [own]: word })
      expect((await post(sent)).status).toBe(422)
      expect(told).toEqual([])
      expect(reports).toMatchObject([{ kind: 'unknown' }])
    },
  )

  it('is also one that names no recipient', async () => {
    const { post, told, reports } = await hookServer(PROVIDERS[name]!.source())
    const bare = JSON.parse(JSON.stringify(DELIVERED[name]).replaceAll(/\w*@\w[\w.]*/g, '')) as object
    expect((await post(PROVIDERS[name]!.sign(bare))).status).toBe(422)
    expect(told).toEqual([])
    expect(String(reports[0]!.unknown)).toContain('without a recipient')
  })
})

describe.each(Object.keys(PROVIDERS))('an event of %s with control characters', (name) => {
  it.each(['\r\n', '\n', '\0', '\u001B[2J', '\u2028'])('%j in a recipient has none', async (control) => {
    const { post, told, reports } = await hookServer(PROVIDERS[name]!.source())
    const text = JSON.stringify(DELIVERED[name])
    const forged = text.replaceAll('@', () => `${JSON.stringify(control).slice(1, -1)}all is well@`)
    expect((await post(PROVIDERS[name]!.sign(JSON.parse(forged)))).status).toBe(422)
    expect(told).toEqual([])
    expect(String(reports[0]!.unknown)).toContain('without a recipient')
  })

  it('in its name is reported on one line', async () => {
    const { post, reports } = await hookServer(PROVIDERS[name]!.source())
    const own = { Resend: 'type', Postmark: 'RecordType' }[name] ?? 'event'
    const sent = PROVIDERS[name]!.sign({ ...DELIVERED[name], [own]: 'a\r\nb' })
    expect((await post(sent)).status).toBe(422)
    expect(reports[0]!.unknown).toEqual(['a  b'])
  })

  it('in its Message-ID has none', async () => {
    const { post, told } = await hookServer(PROVIDERS[name]!.source())
    const text = JSON.stringify({ message_id: 'a@b', ...DELIVERED[name] })
    const forged = text.replaceAll(
      /("(?:message_id|message-id|smtp-id)":"<?)/g,
      (_, before: string) => `${before}x\\r\\n`,
    )
    expect((await post(PROVIDERS[name]!.sign(JSON.parse(forged)))).status).toBe(200)
    expect(told[0]!.messageId).toBeUndefined()
  })
})

describe.each(Object.keys(PROVIDERS))('a body of %s that is not what is documented', (name) => {
  it.each([null, 1, 'x', true, [], [null], [[]], {}, { data: null }, { __proto__: null }])(
    '%o is a clear refusal',
    async (payload) => {
      const { post, told } = await hookServer(PROVIDERS[name]!.source())
      const { status } = await post(PROVIDERS[name]!.sign(payload))
      // A batch may be empty.
      expect([200, 400, 422]).toContain(status)
      expect(told).toEqual([])
    },
  )
})

it.each(['{', '{"a":', 'null', '"x"', '[]', '\u00FF', '{"a":1}x', '['.repeat(100_000)])(
  'a signed body that is not JSON or no object is refused: %#',
  async (body) => {
    const { post, told } = await hookServer(source())
    expect((await post(signResend(body))).status).toBe(400)
    expect(told).toEqual([])
  },
)

it('a body that is not UTF-8 is refused', async () => {
  const { url, told } = await hookServer(PROVIDERS['Brevo']!.source())
  const { headers } = PROVIDERS['Brevo']!.sign({})
  const body = Buffer.concat([Buffer.from('{"event":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
  expect((await postTo(url, { headers, body })).status).toBe(400)
  expect(told).toEqual([])
})

describe('what a provider tells again', () => {
  it('is answered, and told once', async () => {
    const { post, told, reports } = await hookServer(source())
    const id = 'msg_1'
    expect((await post(signResend(event, { id, time: seconds() - 20 }))).status).toBe(200)
    expect((await post(signResend(event, { id, time: seconds() - 10 }))).status).toBe(200)
    expect((await post(signResend(event, { id }))).status).toBe(200)
    expect(told).toHaveLength(1)
    expect(reports).toEqual([])
  })

  it('waits while the first is handled, and is then answered', async () => {
    let finish = (): void => {}
    const waiting = new Promise<void>((resolve) => (finish = resolve))
    const { post, told } = await hookServer(source(), () => waiting)
    const first = post(signResend(event, { id: 'msg_1', time: seconds() - 10 }))
    await expect.poll(() => told.length).toBe(1)
    const second = post(signResend(event, { id: 'msg_1' }))
    // Another one does not wait for it.
    const other = post(signResend(event, { id: 'msg_2' }))
    await expect.poll(() => told.length).toBe(2)
    finish()
    expect((await Promise.all([first, second, other])).map((answer) => answer.status)).toEqual([
      200, 200, 200,
    ])
    expect(told).toHaveLength(2)
  })

  it('is handled by the second if the first fails', async () => {
    let fail = (): void => {}
    const waiting = new Promise<void>((_, reject) => (fail = () => reject(new Error('down'))))
    const onNews = vi.fn<() => unknown>(() => undefined).mockImplementationOnce(() => waiting)
    const { post, told } = await hookServer(source(), onNews)
    const first = post(signResend(event, { id: 'msg_1', time: seconds() - 10 }))
    await expect.poll(() => told.length).toBe(1)
    const second = post(signResend(event, { id: 'msg_1' }))
    fail()
    expect((await first).status).toBe(500)
    expect((await second).status).toBe(200)
    expect(told).toHaveLength(2)
  })
})

describe('onNews that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('db://user:pass@host is down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('db://user:pass@host is down'))],
  ] as const)('%s: the provider hears that it failed, the program hears why', async (_how, onNews) => {
    const { post, reports } = await hookServer(source(), onNews)
    const answer = await post(signResend(event))
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('db://')
    expect(reports).toMatchObject([
      {
        kind: 'failed',
        provider: 'Resend',
        status: 500,
        error: { message: 'db://user:pass@host is down' },
        news: { type: 'delivered' },
      },
    ])
  })

  it('does not keep the other news from being told, and those are not told again', async () => {
    let isDown = true
    const events = ['a', 'b', 'c'].map((name) => ({
      ...(DELIVERED['SendGrid'] as object),
      email: `${name}@example.com`,
      sg_event_id: name,
    }))
    const { post, told } = await hookServer(PROVIDERS['SendGrid']!.source(), (news) => {
      if (news.recipient === 'b@example.com' && isDown) throw new Error('down')
    })
    expect((await post(signSendgrid(events))).status).toBe(500)
    expect(told.map((news) => news.recipient)).toEqual(['a@example.com', 'b@example.com', 'c@example.com'])
    isDown = false
    expect((await post(signSendgrid(events))).status).toBe(200)
    expect(told.slice(3).map((news) => news.recipient)).toEqual(['b@example.com'])
  })

  it('is a process warning if nobody listens', async () => {
    const warned = once(process, 'warning') as Promise<[Error]>
    const url = await listen(webhook(source(), () => Promise.reject(new Error('the database is down'))))
    expect((await postTo(url, signResend(event))).status).toBe(500)
    const [warning] = await warned
    expect(warning.name).toBe('LoudmailWarning')
    expect(warning.message).toContain('the database is down')
  })

  it('a report that throws does not change the answer', async () => {
    const warned = once(process, 'warning') as Promise<[Error]>
    const onProblem = (): never => {
      throw new Error('no log')
    }
    const { post } = await hookServer(source(), () => Promise.reject(new Error('down')), { onProblem })
    expect((await post(signResend(event))).status).toBe(500)
    expect((await warned)[0].message).toContain('no log')
  })

  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  const getter = (): never => {
    throw new Error('unreadable')
  }
  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined'],
    ['a symbol', Symbol('late'), 'Symbol(late)'],
    ['an object without a prototype', Object.create(null), 'something that cannot be printed'],
    ['a revoked proxy', revoked(), 'something that cannot be printed'],
    [
      'an error whose message cannot be read',
      Object.defineProperty(new Error('x'), 'message', { get: getter }),
      'something that cannot be printed',
    ],
    [
      'an error that repeats a password',
      new RangeError(`${'x'.repeat(450)} postgres://app:${'hunter22'.repeat(9)}@db.example is away`),
      `RangeError: ${'x'.repeat(450)} postgres://<redacted>@db.example`,
    ],
  ])('is a process warning, without secrets, if what is thrown is %s', async (_what, thrown, words) => {
    const warnings: string[] = []
    const hear = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', hear)
    try {
      const fail = (): Promise<never> => Promise.reject(thrown)
      const broken = await listen(webhook(source(), fail))
      expect((await postTo(broken, signResend(event))).status).toBe(500)
      const seen: SeenStore = { get: fail, set: fail }
      const forgetful = await listen(webhook(source(), () => {}, { seen }))
      expect((await postTo(forgetful, signResend(event))).status).toBe(500)
      await vi.waitFor(() => expect(warnings).toHaveLength(2))
      expect(warnings[0]).toContain(`A webhook of Resend could not be handled (delivered): ${words}`)
      expect(warnings[1]).toContain(`A webhook of Resend could not be handled: ${words}`)
      expect(warnings.join('\n')).not.toContain('hunter22')
    } finally {
      process.off('warning', hear)
    }
  })

  it('a store that cannot remember does not have the news sent again, and the warning says so', async () => {
    const warned = once(process, 'warning') as Promise<[Error]>
    const seen: SeenStore = {
      get: () => Promise.resolve(undefined),
      set: () => Promise.reject(new Error('full')),
    }
    const url = await listen(webhook(PROVIDERS['Postmark']!.source(), () => {}, { seen }))
    expect((await postTo(url, PROVIDERS['Postmark']!.sign(DELIVERED['Postmark']))).status).toBe(200)
    expect((await warned)[0].message).toMatch(/Error: full\. It was handled and answered with 200/)
  })

  it('is a process warning if the listener fails', async () => {
    const warnings: string[] = []
    const hear = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', hear)
    try {
      const onProblem = (): Promise<never> => Promise.reject(new Error('no log'))
      const url = await listen(webhook(source(), () => Promise.reject(new Error('down')), { onProblem }))
      expect((await postTo(url, signResend(event))).status).toBe(500)
      await vi.waitFor(() => expect(warnings).toHaveLength(2))
      expect(warnings[0]).toContain('no log')
      expect(warnings[1]).toContain('Error: down')
    } finally {
      process.off('warning', hear)
    }
  })
})

describe('known and unknown events in one request', () => {
  it('the known ones are told, the others reported', async () => {
    const { post, told, reports } = await hookServer(PROVIDERS['SendGrid']!.source())
    const events = [UNKNOWN['SendGrid'], DELIVERED['SendGrid'], null]
    expect((await post(signSendgrid(events))).status).toBe(200)
    expect(told).toHaveLength(1)
    expect(reports).toMatchObject([
      { kind: 'unknown', status: 200, unknown: ['teleported', 'something that is not an object'] },
    ])
  })
})

describe.each(['SendGrid', 'Brevo'])('an event of %s that is nested too deep to be written', (name) => {
  it('is reported, and does not hide the others', async () => {
    const { post, told, reports } = await hookServer(PROVIDERS[name]!.source())
    const deep = JSON.parse(`${'['.repeat(3_000)}${']'.repeat(3_000)}`) as unknown
    const text = JSON.stringify([{ ...DELIVERED[name], x: deep }, DELIVERED[name]])
    const nested = text
      .replace('['.repeat(3_000), '['.repeat(50_000))
      .replace(']'.repeat(3_000), ']'.repeat(50_000))
    const sent = name === 'SendGrid' ? signSendgrid(nested) : { ...signBrevo({}), body: nested }
    expect((await post(sent)).status).toBe(200)
    expect(told).toHaveLength(1)
    expect(reports).toMatchObject([{ kind: 'unknown', unknown: ['something that is nested too deep'] }])
  })
})

describe('a body that is compressed', () => {
  it('is refused, and the answer says why', async () => {
    const { post, told } = await hookServer(source())
    const { headers, body } = signResend(event)
    const compressed = { headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(body) }
    const answer = await post(compressed)
    expect([answer.status, answer.body]).toEqual([415, expect.stringContaining('compressed')])
    expect(told).toEqual([])
    const plain = { headers: { ...headers, 'content-encoding': 'identity' }, body }
    expect((await post(plain)).status).toBe(200)
  })
})

describe('warnings', () => {
  it('about refusals come once for each reason, since any stranger can cause them', async () => {
    const warnings: Error[] = []
    const listener = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listener)
    try {
      const url = await listen(webhook(source(), () => {}))
      for (let count = 0; count < 3; count += 1) {
        expect((await postTo(url, { body: '{}' })).status).toBe(401)
        expect((await postTo(url, signResend(event, { time: 1 }))).status).toBe(401)
        expect((await postTo(url, signResend(UNKNOWN['Resend']))).status).toBe(422)
      }
      await expect.poll(() => warnings.length).toBe(5)
      expect(warnings.filter((warning) => warning.message.includes('not known'))).toHaveLength(3)
    } finally {
      process.off('warning', listener)
    }
  })
})

describe('the method', () => {
  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
    const { url, told } = await hookServer(source())
    const { headers, body } = signResend(event)
    const sends = method !== 'GET' && method !== 'HEAD'
    const answer = await fetch(url, { method, headers, ...(sends && { body }) })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
    expect(told).toEqual([])
  })
})

describe('the length of a body', () => {
  it('is at most maxBytes', async () => {
    const { headers, body } = signResend(event)
    const { post, told } = await hookServer(source(), undefined, { maxBytes: body.length })
    expect((await post({ headers, body: `${body} ` })).status).toBe(413)
    expect(told).toEqual([])
    expect((await post({ headers, body })).status).toBe(200)
  })

  it('is at most 1 MiB by default', async () => {
    const { post } = await hookServer(source())
    const fits = `${JSON.stringify(event).padEnd(1_048_575)} `
    expect((await post(signResend(fits))).status).toBe(200)
    expect((await post(signResend(`${fits} `))).status).toBe(413)
  })

  it('is bounded also without a length, and the answer does not wait for the end', async () => {
    const { url, told, reports } = await hookServer(source(), undefined, { maxBytes: 100_000 })
    const { headers } = signResend(event)
    const endless = (function* () {
      for (;;) yield Buffer.alloc(1_000, 'x')
    })()
    const status = await postChunks(url, headers, endless).catch((error: NodeJS.ErrnoException) => error.code)
    // A client that does not stop writing may see only that the connection ends.
    expect([413, 'ECONNRESET', 'EPIPE']).toContain(status)
    expect(reports).toMatchObject([{ kind: 'refused', error: { problem: 'too-large' } }])
    const some = Array.from({ length: 150 }, () => Buffer.alloc(1_000, 'x'))
    expect(await postChunks(url, headers, some)).toBe(413)
    expect(told).toEqual([])
  })

  it('is exact also without a length', async () => {
    const { headers, body } = signResend(event)
    const { url } = await hookServer(source(), undefined, { maxBytes: body.length })
    expect(await postChunks(url, headers, [Buffer.from(body), Buffer.from(' ')])).toBe(413)
    expect(await postChunks(url, headers, [Buffer.from(body)])).toBe(200)
  })

  it('in chunks without a length is no problem', async () => {
    const { url, told } = await hookServer(source())
    const { headers, body } = signResend(event)
    const chunks = body.split('').map((character) => Buffer.from(character))
    expect(await postChunks(url, headers, chunks)).toBe(200)
    expect(told).toHaveLength(1)
  })

  it.each([
    ['a length', 'Content-Length: 100\r\n\r\nhalf'],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('a body with %s that does not arrive is not waited for', async (_with, rest) => {
    const { url, told, reports } = await hookServer(source(), undefined, { bodyTimeoutMs: 20 })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${rest}`)
    let answer = ''
    socket.on('data', (part) => (answer += part.toString()))
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*connection: close/i)
    expect(told).toEqual([])
    expect(reports).toMatchObject([{ kind: 'refused', status: 408, error: { problem: 'timeout' } }])
  })

  it('a body may take as long as the option says, also longer than a timer can be set', async () => {
    const { url, told } = await hookServer(source(), undefined, { bodyTimeoutMs: 2 ** 40 })
    const { headers, body } = signResend(event)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const length = `Content-Length: ${body.length}\r\n`
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${length}${lines.join('')}\r\n${body.slice(0, 9)}`)
    for (let count = 0; count < 5; count += 1) expect((await fetch(url)).status).toBe(405)
    socket.write(body.slice(9))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200/)
    expect(told).toHaveLength(1)
  })

  it('a connection that ends too early is no news', async () => {
    const { url, told, reports } = await hookServer(source())
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    await once(socket, 'connect')
    socket.destroy()
    await expect.poll(() => reports).toMatchObject([{ kind: 'refused', error: { problem: 'malformed' } }])
    expect(told).toEqual([])
  })
})

describe('the store of what was seen', () => {
  it('may be any, also one that answers later', async () => {
    const values = new Map<string, string>()
    const seen: SeenStore = {
      get: (key) => Promise.resolve(values.get(key)),
      set: (key, value) => Promise.resolve(void values.set(key, value)),
    }
    const one = await hookServer(source(), undefined, { seen })
    const signed = signResend(event)
    expect((await one.post(signed)).status).toBe(200)
    const other = await hookServer(source(), undefined, { seen })
    expect((await other.post(signed)).status).toBe(409)
    expect(
      (await other.post(signResend(event, { id: signed.headers['svix-id']!, time: seconds() - 9 }))).status,
    ).toBe(200)
    expect(other.told).toEqual([])
    expect([...values.keys()].every((key) => key.length <= 200)).toBe(true)
  })

  it('may say null for what it does not have, as Redis does', async () => {
    const values = new Map<string, string>()
    const seen: SeenStore = {
      get: (key) => values.get(key) ?? null,
      set: (key, value) => void values.set(key, value),
    }
    const { post, told } = await hookServer(source(), undefined, { seen })
    const signed = signResend(event)
    expect((await post(signed)).status).toBe(200)
    expect((await post(signed)).status).toBe(409)
    expect(told).toHaveLength(1)
  })

  it('that cannot be read is a failure, and nothing is told', async () => {
    const seen: SeenStore = { get: () => Promise.reject(new Error('no Redis')), set: () => {} }
    const { post, told, reports } = await hookServer(source(), undefined, { seen })
    expect((await post(signResend(event))).status).toBe(500)
    expect(told).toEqual([])
    expect(reports).toMatchObject([{ kind: 'failed', error: { message: 'no Redis' } }])
  })

  it('that cannot be written after the news was told is reported, and the provider need not tell it again', async () => {
    const seen: SeenStore = {
      get: () => undefined,
      set: (_key, value) => (value === 'done' ? Promise.reject(new Error('no Redis')) : undefined),
    }
    const { post, told, reports } = await hookServer(source(), undefined, { seen })
    expect((await post(signResend(event))).status).toBe(200)
    expect(told).toHaveLength(1)
    expect(reports[0]).toMatchObject({ kind: 'failed', status: 200 })
  })

  it('in memory forgets the oldest', async () => {
    const seen = memorySeen({ most: 2 })
    await seen.set('a', '1')
    await seen.set('b', '1')
    await seen.set('a', '2')
    await seen.set('c', '1')
    expect([seen.get('a'), seen.get('b'), seen.get('c')]).toEqual(['2', undefined, '1'])
  })

  it('takes ids of any length', async () => {
    const keys: string[] = []
    const seen: SeenStore = { get: () => undefined, set: (key) => void keys.push(key) }
    const { post } = await hookServer(source(), undefined, { seen })
    expect((await post(signResend(event, { id: 'x'.repeat(5_000) }))).status).toBe(200)
    expect(keys.every((key) => key.length <= 200)).toBe(true)
  })
})

it('a source that has to confirm something does that before anything is told, and a failure of it is one', async () => {
  const order: string[] = []
  let fails = true
  const confirming: WebhookSource = {
    provider: 'Test',
    read: () => ({
      id: '1',
      news: [],
      unknown: [],
      confirm: () => {
        order.push('confirm')
        return fails ? Promise.reject(new Error('no')) : Promise.resolve()
      },
    }),
  }
  const { post } = await hookServer(confirming)
  expect((await post({})).status).toBe(500)
  fails = false
  expect((await post({})).status).toBe(200)
  expect((await post({})).status).toBe(200)
  expect(order).toEqual(['confirm', 'confirm'])
})

it('what has to be confirmed is confirmed once, also if it is asked for twice at the same moment', async () => {
  let confirmed = 0
  let finish = (): void => {}
  const waiting = new Promise<void>((resolve) => (finish = resolve))
  const confirm = (): Promise<void> => {
    confirmed += 1
    return waiting
  }
  const confirming: WebhookSource = {
    provider: 'Test',
    read: () => ({ id: '1', news: [], unknown: [], confirm }),
  }
  const { url, post } = await hookServer(confirming)
  const answers = [post({}), post({})]
  await expect.poll(() => confirmed).toBe(1)
  // A third request is answered while the two wait, so both have been read.
  expect((await fetch(url)).status).toBe(405)
  finish()
  expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual([200, 200])
  expect(confirmed).toBe(1)
})

it.each([[['a', 'b']], [[]], [undefined]])('a header that is there %o is as good as missing', (value) => {
  const { headers, body } = signResend(event)
  const request = { headers: { ...headers, 'svix-signature': value }, body: Buffer.from(body) }
  expect(() => source().read(request, Date.now())).toThrow('does not have what Resend signs with')
})
