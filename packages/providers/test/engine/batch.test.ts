import { Mailer, MailError, type Delivery, type Transport } from '@loudmail/core'
import { playProvider, startHttpServer, type HttpAction, type HttpServer } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { postmark, type PostmarkOptions } from '../../src/postmark/index.ts'
import { resend, type ResendOptions } from '../../src/resend/index.ts'
import { api, DEADLINE, failure, KEY, message, statuses, told } from './scene.ts'

function postmarkAt(url: string, options: Partial<PostmarkOptions> = {}): Transport {
  return postmark({ token: KEY, url, batch: true, ...options })
}

function resendAt(url: string, options: Partial<ResendOptions> = {}): Transport {
  return api(url, { batch: true, ...options })
}

const to = (n: number) => message({ to: `user${n}@rcpt.example`, subject: `Tea ${n}` })
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
const entry = (n: number) => ({ ErrorCode: 0, Message: 'OK', MessageID: `id-${n}` })
const entries = (count: number) => ({ status: 200, body: numbers(count).map(entry) })
const settled = (sends: Promise<Delivery>[]) => Promise.allSettled(sends)
const paths = ({ requests }: HttpServer): string[] => requests.map(({ path }) => path)
const recipientsIn = ({ requests }: HttpServer, at = 0): string[] =>
  (requests[at]!.json as { To: string }[]).map(({ To }) => To)

describe('messages that are sent at the same moment go out in one request', () => {
  it('each with its own outcome and id', async () => {
    await using server = await startHttpServer(entries(3))
    const transport = postmarkAt(server.url)
    const deliveries = await Promise.all(numbers(3).map((n) => transport.send(to(n))))
    expect(deliveries.map(({ providerId }) => providerId)).toEqual(['id-0', 'id-1', 'id-2'])
    expect(deliveries.map(({ transport: { length } }) => length > 0)).toEqual([true, true, true])
    expect(paths(server)).toEqual(['/email/batch'])
    expect(recipientsIn(server)).toEqual(['user0@rcpt.example', 'user1@rcpt.example', 'user2@rcpt.example'])
  })

  it('and those of a later moment in another one', async () => {
    const provider = playProvider('postmark')
    await using server = await startHttpServer(provider)
    const transport = postmarkAt(server.url)
    await Promise.all([transport.send(to(1)), transport.send(to(2))])
    await Promise.all([transport.send(to(3)), transport.send(to(4))])
    expect(paths(server)).toEqual(['/email/batch', '/email/batch'])
    expect(provider.taken.map(({ subject }) => subject)).toEqual(['Tea 1', 'Tea 2', 'Tea 3', 'Tea 4'])
  })

  it('if `waitMs` says so, also those of later moments, and close() does not wait for more', async () => {
    const provider = playProvider('postmark')
    await using server = await startHttpServer(provider)
    const transport = postmarkAt(server.url, { batch: { waitMs: 600_000 } })
    const first = transport.send(to(1))
    await new Promise(setImmediate)
    const second = transport.send(to(2))
    await new Promise(setImmediate)
    const closing = transport.close!()
    await Promise.all([first, second, closing])
    expect(paths(server)).toEqual(['/email/batch'])
  })

  it('and one that is still being read when close() is called goes out as well', async () => {
    const provider = playProvider('postmark')
    await using server = await startHttpServer(provider)
    const transport = postmarkAt(server.url, { batch: { waitMs: 600_000 } })
    const held = Promise.withResolvers<string>()
    const attachments = [{ filename: 'a.txt', content: () => held.promise }]
    const sending = transport.send(message({ attachments }))
    const closing = transport.close!()
    held.resolve('a')
    await Promise.all([sending, closing])
    expect(provider.taken).toHaveLength(1)
  })

  it('alone, as without batches', async () => {
    await using server = await startHttpServer({ status: 200, body: entry(1) })
    expect(await postmarkAt(server.url).send(to(1))).toMatchObject({ providerId: 'id-1' })
    expect(paths(server)).toEqual(['/email'])
  })

  it.each([
    ['postmark' as const, postmarkAt, 16, 63],
    ['postmark' as const, postmarkAt, 500, 2],
    ['resend' as const, resendAt, 100, 10],
  ])('%s: 1,000 of sendMany, %d at a time, take %d requests', async (name, make, concurrency, most) => {
    const provider = playProvider(name)
    await using server = await startHttpServer(provider)
    const mailer = new Mailer({ transport: make(server.url) })
    const inputs = numbers(1_000).map((n) => ({
      from: 'ann@sender.example',
      to: `user${n}@rcpt.example`,
      subject: `Tea ${n}`,
      text: 'It is ready.',
    }))
    for await (const { receipt } of mailer.sendMany(inputs, { concurrency })) expect(receipt.ok).toBe(true)
    await mailer.close()
    expect(server.requests.length).toBe(most)
    expect(new Set(provider.taken.map(({ subject }) => subject)).size).toBe(1_000)
    expect(provider.taken).toHaveLength(1_000)
  })

  it('not more of them than the provider or the options allow', async () => {
    const provider = playProvider('resend')
    await using server = await startHttpServer(provider)
    const transport = resendAt(server.url)
    await Promise.all(numbers(250).map((n) => transport.send(to(n))))
    expect(server.requests.map(({ json }) => (json as unknown[]).length)).toEqual([100, 100, 50])
    const fewer = resendAt(server.url, { batch: { most: 2 } })
    server.clear()
    await Promise.all(numbers(5).map((n) => fewer.send(to(n))))
    expect(paths(server).toSorted()).toEqual(['/emails', '/emails/batch', '/emails/batch'])
    expect(provider.taken).toHaveLength(255)
  })

  it('not larger ones than the provider takes', async () => {
    const provider = playProvider('postmark')
    await using server = await startHttpServer(provider)
    const transport = postmarkAt(server.url)
    const content = Buffer.alloc(7_000_000, 'a')
    const large = (n: number) =>
      message({ to: `user${n}@rcpt.example`, attachments: [{ filename: 'a.bin', content }] })
    await Promise.all(numbers(6).map((n) => transport.send(large(n))))
    expect(server.requests.map(({ body }) => body.length < 50_000_000)).toEqual([true, true])
    expect(paths(server).toSorted()).toEqual(['/email', '/email/batch'])
    expect(provider.taken).toHaveLength(6)
  })
})

it('what left does not count for the size of a request', async () => {
  const provider = playProvider('postmark')
  await using server = await startHttpServer(provider)
  const transport = postmarkAt(server.url, { batch: { waitMs: 600_000 } })
  const content = Buffer.alloc(12_000_000, 'a')
  const large = (n: number) =>
    message({ to: `user${n}@rcpt.example`, attachments: [{ filename: 'a.bin', content }] })
  const abort = new AbortController()
  const left = [0, 1].map((n) => failure(transport.send(large(n), { signal: abort.signal })))
  await new Promise(setImmediate)
  abort.abort()
  await Promise.all(left)
  const sends = [2, 3].map((n) => transport.send(large(n)))
  await new Promise(setImmediate)
  await Promise.all([...sends, transport.close!()])
  expect(paths(server)).toEqual(['/email/batch'])
})

describe('a message that cannot be one of several goes out alone', () => {
  it.each([
    ['a key that the provider honours', message({ idempotencyKey: 'order-1' })],
    ['attachments', message({ attachments: [{ filename: 'a.txt', content: 'a' }] })],
    [
      'an invitation',
      message({
        calendar: { method: 'request', content: 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n' },
      }),
    ],
    ['a later time', message({ transportData: { sendAt: new Date(Date.now() + 3_600_000) } })],
  ])('resend: %s', async (_what, single) => {
    const provider = playProvider('resend')
    await using server = await startHttpServer(provider)
    const transport = resendAt(server.url)
    await Promise.all([transport.send(to(1)), transport.send(single), transport.send(to(2))])
    expect(paths(server).toSorted()).toEqual(['/emails', '/emails/batch'])
    expect(provider.taken).toHaveLength(3)
  })

  it('one that cannot be composed does not concern the others', async () => {
    const provider = playProvider('postmark')
    await using server = await startHttpServer(provider)
    const transport = postmarkAt(server.url)
    const wrong = message({ attachments: [{ path: '/does/not/exist' }] })
    const [first, second, third] = await settled([wrong, to(1), to(2)].map((each) => transport.send(each)))
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'compose/attachment' } })
    expect([second!.status, third!.status]).toEqual(['fulfilled', 'fulfilled'])
    expect(provider.taken).toHaveLength(2)
  })
})

describe('an answer about several messages', () => {
  async function outcomes(answer: HttpAction, count = 3, make = postmarkAt): Promise<(string | undefined)[]> {
    await using server = await startHttpServer(answer)
    const transport = make(server.url)
    const all = await settled(numbers(count).map((n) => transport.send(to(n))))
    expect(server.requests).toHaveLength(1)
    return all.map((one, n) => {
      if (one.status === 'fulfilled') return one.value.providerId
      const error = one.reason as MailError
      expect(error.recipients.map(({ address }) => address)).toEqual([`user${n}@rcpt.example`])
      return `${error.kind} ${error.delivered}`
    })
  }

  const refusal = { ErrorCode: 300, Message: "Invalid 'To' address: 'user1@rcpt.example'." }

  it('refuses one', async () => {
    expect(await outcomes({ status: 200, body: [entry(0), refusal, entry(2)] })).toEqual([
      'id-0',
      'invalid-address none',
      'id-2',
    ])
  })

  it('has fewer parts than there are messages: the outcome of the others is unknown', async () => {
    expect(await outcomes({ status: 200, body: [entry(0)] })).toEqual([
      'id-0',
      'protocol unknown',
      'protocol unknown',
    ])
  })

  it.each<[string, unknown]>([
    ['more parts', [0, 1, 2, 3].map(entry)],
    ['no parts', []],
    ['no list', entry(0)],
    ['HTML', '<html></html>'],
    ['nothing', ''],
  ])('%s: the outcome of all is unknown', async (_what, body) => {
    expect(await outcomes({ status: 200, body })).toEqual(Array(3).fill('protocol unknown'))
  })

  it('has a part that cannot be read: that one is unknown', async () => {
    expect(await outcomes({ status: 200, body: [entry(0), null, { ErrorCode: 0, Message: 'OK' }] })).toEqual([
      'id-0',
      'protocol unknown',
      'protocol unknown',
    ])
  })

  it.each([
    [401, { ErrorCode: 10, Message: 'No' }, 'bad-credentials none'],
    [422, { ErrorCode: 410, Message: 'Too many' }, 'invalid-message none'],
    [429, { ErrorCode: 429, Message: 'Slow down' }, 'rate-limited none'],
    [503, '<html></html>', 'service-unavailable none'],
    [500, '<html></html>', 'server-error unknown'],
  ])('%d refuses all, each with its own recipients', async (status, body, outcome) => {
    expect(await outcomes({ status, body })).toEqual(Array(3).fill(outcome))
  })

  it.each<[string, HttpAction, string]>([
    ['a reset after the request', { close: 'reset' }, 'connection-lost unknown'],
    ['an end in the middle of the answer', { cutAt: 150, answer: entries(3) }, 'connection-lost unknown'],
  ])('%s leaves all open', async (_what, action, outcome) => {
    expect(await outcomes(action)).toEqual(Array(3).fill(outcome))
  })

  it('that is cut off anywhere is never taken for a success', async () => {
    const answer = { status: 200, body: [entry(0), entry(1)] }
    const { length } = JSON.stringify(answer.body)
    for (let cutAt = 60; cutAt < 60 + length; cutAt += 3)
      expect((await outcomes({ cutAt, answer }, 2)).every((one) => one?.endsWith('unknown'))).toBe(true)
  })

  it('resend: errors say by index whom they are about, and the ids are those of the others', async () => {
    const body = {
      data: [{ id: 'id-0' }, { id: 'id-3' }],
      errors: [
        { index: 2, message: 'The rcpt.example domain is not verified.' },
        { index: 1, message: 'The `to` field is missing.' },
      ],
    }
    expect(await outcomes({ status: 200, body }, 4, resendAt)).toEqual([
      'id-0',
      'invalid-message none',
      'sender-not-owned none',
      'id-3',
    ])
  })

  it.each<[string, unknown]>([
    ['an index that no message has', { data: [{ id: 'id-0' }], errors: [{ index: 7, message: 'No' }] }],
    ['the same index twice', { data: [], errors: [0, 0].map((index) => ({ index, message: 'No' })) }],
    ['an error without an index', { data: [{ id: 'id-0' }], errors: [{ message: 'No' }] }],
    ['more ids than messages', { data: [1, 2, 3].map((n) => ({ id: `id-${n}` })) }],
    ['no ids', { errors: [] }],
  ])('resend: %s leaves all open', async (_what, body) => {
    expect(await outcomes({ status: 200, body }, 2, resendAt)).toEqual(Array(2).fill('protocol unknown'))
  })

  it('shows nobody what it says of the others', async () => {
    await using server = await startHttpServer({
      status: 200,
      body: [{ ...entry(0), To: 'user0@rcpt.example' }],
    })
    const transport = postmarkAt(server.url)
    const [, second] = await settled([transport.send(to(0)), transport.send(to(1))])
    const { reason } = second as PromiseRejectedResult
    expect(JSON.stringify(reason)).not.toContain('user0')
  })
})

describe('a caller who gives up', () => {
  it('while the message waits takes it out', async () => {
    await using server = await startHttpServer(entries(2))
    const transport = postmarkAt(server.url)
    const abort = new AbortController()
    const sends = numbers(3).map((n) => transport.send(to(n), n === 1 ? { signal: abort.signal } : {}))
    // Parts are ready within this turn.
    await Promise.resolve()
    const error = failure(sends[1]!)
    abort.abort(DEADLINE)
    expect(await error).toMatchObject({ kind: 'timeout', delivered: 'none' })
    await Promise.all([sends[0], sends[2]])
    expect(recipientsIn(server)).toEqual(['user0@rcpt.example', 'user2@rcpt.example'])
  })

  it('while the message waits for a later moment is settled at once', async () => {
    await using server = await startHttpServer()
    const transport = postmarkAt(server.url, { batch: { waitMs: 600_000 } })
    const abort = new AbortController()
    const sending = failure(transport.send(to(1), { signal: abort.signal }))
    await new Promise(setImmediate)
    abort.abort()
    expect(await sending).toMatchObject({ code: 'queue/aborted', delivered: 'none' })
    await transport.close!()
    expect(server.connections).toEqual([])
  })

  it('while the request is under way is settled at once, and hears later; the others are not concerned', async () => {
    const answer = Promise.withResolvers<ReturnType<typeof entries>>()
    await using server = await startHttpServer(() => answer.promise)
    const transport = postmarkAt(server.url)
    const abort = new AbortController()
    const context = told({ signal: abort.signal })
    const given = failure(transport.send(to(0), context))
    const other = transport.send(to(1), { signal: new AbortController().signal })
    await server.waitFor('request')
    abort.abort()
    expect(await given).toMatchObject({ code: 'submit/aborted', delivered: 'unknown', retryable: false })
    answer.resolve(entries(2))
    expect(await other).toMatchObject({ providerId: 'id-1' })
    expect(await context.lateReply).toMatchObject({ providerId: 'id-0' })
  })

  it('before there is a connection does not end the request, so its outcome is unknown', async () => {
    await using server = await startHttpServer({ stall: 'connect' }, { tls: true })
    const transport = postmarkAt(server.url, { timeoutMs: 300 })
    const abort = new AbortController()
    const context = told({ signal: abort.signal })
    const given = failure(transport.send(to(0), context))
    const other = failure(transport.send(to(1)))
    await server.waitFor('connection')
    abort.abort()
    expect(await given).toMatchObject({ delivered: 'unknown' })
    expect(await other).toMatchObject({ code: 'tls/timeout', delivered: 'none' })
    expect(await context.lateReply).toMatchObject({ code: 'tls/timeout', delivered: 'none' })
  })

  it('last, before all was written, ends the request: nothing is delivered', async () => {
    await using server = await startHttpServer({ stall: 'connect' }, { tls: true })
    const transport = postmarkAt(server.url)
    const aborts = [new AbortController(), new AbortController()]
    const contexts = aborts.map(({ signal }) => told({ signal }))
    const sends = contexts.map((context, n) => failure(transport.send(to(n), context)))
    await server.waitFor('connection')
    aborts[0]!.abort()
    expect(await sends[0]).toMatchObject({ kind: 'aborted', delivered: 'unknown' })
    aborts[1]!.abort()
    expect(await sends[1]).toMatchObject({ kind: 'aborted', delivered: 'none' })
    expect(await contexts[0]!.lateReply).toMatchObject({ kind: 'aborted', delivered: 'none' })
  })

  it('of all messages at once, before all was written, has delivered nothing', async () => {
    await using server = await startHttpServer({ stall: 'connect' }, { tls: true })
    const transport = postmarkAt(server.url)
    const abort = new AbortController()
    const sends = numbers(3).map((n) => failure(transport.send(to(n), { signal: abort.signal })))
    await server.waitFor('connection')
    abort.abort(DEADLINE)
    for (const error of await Promise.all(sends))
      expect(error).toMatchObject({ kind: 'timeout', delivered: 'none', retryable: true })
  })

  it('and close() wait for the answer to the others only', async () => {
    await using server = await startHttpServer({ stall: true })
    const transport = postmarkAt(server.url)
    const abort = new AbortController()
    const contexts = [told({ signal: abort.signal }), told({ signal: abort.signal })]
    const sends = contexts.map((context, n) => failure(transport.send(to(n), context)))
    await server.waitFor('request')
    abort.abort()
    await Promise.all(sends)
    await transport.close!()
    for (const { lateReply } of contexts) expect(await lateReply).toMatchObject({ delivered: 'unknown' })
  })
})

describe('beforeTransmission of each', () => {
  it('is awaited before the request is made', async () => {
    await using server = await startHttpServer(entries(2))
    const transport = postmarkAt(server.url)
    const held = Promise.withResolvers<void>()
    const sends = [
      transport.send(to(0), { beforeTransmission: () => held.promise }),
      transport.send(to(1), { beforeTransmission: async () => setImmediate(() => held.resolve()) as never }),
    ]
    let early = -1
    void held.promise.then(() => (early = server.connections.length))
    await Promise.all(sends)
    expect(early).toBe(0)
  })

  it('that rejects leaves only its own message out', async () => {
    await using server = await startHttpServer(entries(2))
    const transport = postmarkAt(server.url)
    const lost = new MailError({ stage: 'queue', kind: 'storage', summary: 'the lease was lost' })
    const sends = await settled([
      transport.send(to(0)),
      transport.send(to(1), { beforeTransmission: () => Promise.reject(lost) }),
      transport.send(to(2)),
    ])
    expect(sends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const error = (sends[1] as PromiseRejectedResult).reason as MailError
    expect(error).toMatchObject({ code: 'queue/storage', summary: 'the lease was lost', delivered: 'none' })
    expect(statuses(error)).toEqual(['not-attempted'])
    expect(recipientsIn(server)).toEqual(['user0@rcpt.example', 'user2@rcpt.example'])
  })

  it('that rejects for all makes no request', async () => {
    await using server = await startHttpServer(entries(2))
    const transport = postmarkAt(server.url)
    const context = { beforeTransmission: () => Promise.reject(new Error('no')) }
    const sends = await settled([transport.send(to(0), context), transport.send(to(1), context)])
    expect(sends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(server.connections).toEqual([])
  })

  it('that does not end holds nobody who gives up', async () => {
    await using server = await startHttpServer(entries(1))
    const transport = postmarkAt(server.url)
    const abort = new AbortController()
    const never = new Promise<void>(() => {})
    const begun = Promise.withResolvers<void>()
    const context = {
      signal: abort.signal,
      beforeTransmission: () => {
        begun.resolve()
        return never
      },
    }
    const given = failure(transport.send(to(0), context))
    const other = transport.send(to(1))
    await begun.promise
    abort.abort()
    expect(await given).toMatchObject({ code: 'queue/aborted', delivered: 'none' })
    expect(await other).toMatchObject({ providerId: 'id-0' })
  })
})

it('every caller gets the conversation', async () => {
  await using server = await startHttpServer(entries(2))
  const transport = postmarkAt(server.url)
  const lines = [[], []] as string[][]
  const trace = (n: number) => ({
    add: ({ entries: all }: { entries: readonly { text: string }[] }) =>
      void lines[n]!.push(...all.map(({ text }) => text)),
  })
  await Promise.all([0, 1].map((n) => transport.send(to(n), { trace: trace(n) })))
  const conversation = [
    '2 messages in one request',
    'POST /email/batch',
    expect.stringMatching(/^<\d+ octets>$/),
    '200 OK',
  ]
  expect(lines).toEqual([conversation, conversation])
})

it.each([
  [{ most: 0 }, 'batch.most'],
  [{ most: 101 }, 'batch.most is at most 100'],
  [{ most: 1.5 }, 'batch.most'],
  [{ waitMs: -1 }, 'batch.waitMs'],
  [{ size: 3 }, 'size'],
  ['yes', 'resend() batch'],
])('batch %j is refused', (batch, words) => {
  expect(() => resend({ key: KEY, batch: batch as never })).toThrow(words)
})
