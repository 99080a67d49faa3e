import { MailError, type Delivery, type TransportContext } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { AUTH, failure, gist, message, scene, type Scene } from './setup.ts'

const POOL = { pool: true, maxConnections: 1 }

describe.concurrent('a send that its caller ends', () => {
  it('before it began is not attempted', async () => {
    await using s = await scene({})
    const error = await failure(s.transport, message(), { signal: AbortSignal.abort() })
    expect(gist(error)).toMatchObject({
      code: 'queue/aborted',
      delivered: 'none',
      statuses: ['not-attempted'],
    })
    expect(s.server.connections).toEqual([])
  })

  it.each([
    ['EHLO', 'ehlo'],
    ['MAIL', 'mail-from'],
    ['DATA', 'data'],
  ] as const)('while %s is unanswered was at %s, and nothing was delivered', async (event, stage) => {
    await using s = await scene({ caps: [], on: { [event]: { stall: true } } })
    const error = await abortedAt(s, event)
    expect(gist(error)).toMatchObject({
      code: `${stage}/aborted`,
      delivered: 'none',
      permanence: 'transient',
    })
  })

  it('while the server does not greet has not come far', async () => {
    await using s = await scene({ on: { CONNECT: { stall: true } } })
    const controller = new AbortController()
    const failed = failure(s.transport, message(), { signal: controller.signal })
    await s.server.waitFor('connection')
    controller.abort()
    const error = await failed
    // The server may see the connection before the client does.
    expect(['connect/aborted', 'greeting/aborted']).toContain(error.code)
    expect(error.delivered).toBe('none')
  })

  it.each([{}, POOL])('after the final dot may have been delivered (%j)', async (options) => {
    await using s = await scene({ on: { DOT: { stall: true } } }, options)
    const controller = new AbortController()
    const failed = failure(s.transport, message(), { signal: controller.signal })
    await contentAt(s)
    controller.abort()
    expect(gist(await failed)).toEqual({
      code: 'body/aborted',
      delivered: 'unknown',
      permanence: 'unknown',
      statuses: ['unknown'],
    })
  })

  it('is a time-out where its deadline passed', async () => {
    await using s = await scene({ caps: [], on: { RCPT: { stall: true } } })
    const error = await abortedAt(s, 'RCPT', new DOMException('The deadline passed', 'TimeoutError'))
    expect(gist(error)).toMatchObject({ code: 'rcpt-to/timeout', delivered: 'none' })
  })

  it('in the middle of the content leaves no message behind', async () => {
    await using s = await scene({ caps: [], on: { BODY: { after: 10_000, do: { pauseRead: true } } } })
    const controller = new AbortController()
    const failed = failure(s.transport, message({ text: 'x\n'.repeat(2_000_000) }), {
      signal: controller.signal,
    })
    await s.server.waitFor('command', ({ command }) => command === 'DATA')
    controller.abort()
    const error = await failed
    expect(['data/aborted', 'body/aborted']).toContain(error.code)
    expect(error.delivered).toBe('none')
  })

  it('harms no other message of the pool', async () => {
    await using s = await scene({ on: { DOT: { nthGlobal: [{ stall: true }, { pass: true }] } } }, POOL)
    const controller = new AbortController()
    const first = failure(s.transport, message(), { signal: controller.signal })
    const second = s.transport.send(message())
    const third = failure(s.transport, message(), { signal: AbortSignal.any([controller.signal]) })
    await contentAt(s)
    controller.abort()
    expect((await first).code).toBe('body/aborted')
    expect((await third).code).toBe('queue/aborted')
    expect((await second).state).toBe('sent')
  })
})

describe.concurrent('a reply that comes after its send was settled', () => {
  it.each([
    ['250 2.0.0 Ok: queued', 'sent'],
    ['554 5.6.0 Not this one', 'body/content-rejected'],
  ])('%s is told late', async (reply, expected) => {
    const go = Promise.withResolvers<string>()
    await using s = await scene({ on: { DOT: () => go.promise } })
    const { context, late } = lateContext()
    const controller = new AbortController()
    const failed = failure(s.transport, message(), { ...context, signal: controller.signal })
    await s.server.waitFor('command', ({ command }) => command === 'DATA')
    await contentAt(s)
    controller.abort()
    expect((await failed).delivered).toBe('unknown')
    go.resolve(reply)
    const outcome = await late
    expect(MailError.is(outcome) ? outcome.code : outcome.state).toBe(expected)
  })
})

describe.concurrent('closing', () => {
  it('lets a message on its way arrive, refuses what waits behind it, and what comes later', async () => {
    const go = Promise.withResolvers<undefined>()
    await using s = await scene({ on: { DOT: () => go.promise } }, POOL)
    const first = s.transport.send(message())
    const second = failure(s.transport)
    await s.server.waitFor('command', ({ command }) => command === 'DATA')
    const closed = s.transport.close!()
    expect(gist(await second)).toMatchObject({ code: 'queue/pool-closed', delivered: 'none' })
    go.resolve(undefined)
    await closed
    expect((await first).state).toBe('sent')
    expect(gist(await failure(s.transport))).toMatchObject({
      code: 'queue/pool-closed',
      permanence: 'transient',
    })
    await s.transport.close!()
    expect(s.server.messages).toHaveLength(1)
  })
})

describe.concurrent('verify', () => {
  it('logs in and sends nothing', async () => {
    await using s = await scene({ caps: ['AUTH PLAIN'] }, { auth: AUTH })
    await s.transport.verify!()
    expect(s.server.connections[0]!.authenticatedAs).toBe(AUTH.user)
    expect(s.server.messages).toEqual([])
  })

  it.each([
    [{ caps: ['AUTH PLAIN'], on: { AUTH: '535 5.7.8 No' } }, 'auth/bad-credentials'],
    [{ caps: [] }, 'auth/auth-not-offered'],
    [{ on: { CONNECT: '554 5.7.1 Blocked' } }, 'greeting/policy'],
    [{ on: { EHLO: { stall: true as const } } }, 'ehlo/timeout'],
  ])('tells why it would not work: %j', async (script, code) => {
    await using s = await scene(script, { auth: AUTH, ...POOL })
    const error: unknown = await s.transport.verify!().catch((thrown: unknown) => thrown)
    expect(MailError.is(error) && gist(error)).toMatchObject({ code, delivered: 'none', statuses: [] })
  })

  it('can be ended', async () => {
    await using s = await scene({ on: { EHLO: { stall: true } } })
    const controller = new AbortController()
    const failed = s.transport.verify!({ signal: controller.signal }).catch((thrown: MailError) => thrown)
    await s.server.waitFor('command', ({ command }) => command === 'EHLO')
    controller.abort()
    expect(await failed).toMatchObject({ code: 'ehlo/aborted' })
  })
})

async function abortedAt(s: Scene, event: string, reason?: unknown): Promise<MailError> {
  const controller = new AbortController()
  const failed = failure(s.transport, message(), { signal: controller.signal })
  await s.server.waitFor('command', ({ command }) => command === event)
  controller.abort(reason)
  return failed
}

/** Resolves once the server has the whole content of a message. */
async function contentAt(s: Scene): Promise<void> {
  await s.server.waitFor('command', ({ command }) => command === 'DATA')
  const has = (): boolean => s.server.connections.some(({ entries }) => entries.some(({ octets }) => octets))
  while (!has()) await new Promise((resolve) => setImmediate(resolve))
}

function lateContext(): { context: TransportContext; late: Promise<Delivery | MailError> } {
  const { promise, resolve } = Promise.withResolvers<Delivery | MailError>()
  return { context: { late: resolve }, late: promise }
}
