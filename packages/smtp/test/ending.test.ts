import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as time } from 'node:timers/promises'
import {
  Mailer,
  type Delivery,
  type MailError,
  type Message,
  type TransportContext,
  type Transport,
} from '@loudmail/core'
import type { Action, EventName, ServerScript, SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import type { SmtpOptions } from '../src/index.ts'
import { BASIC, failure, failureOf, gist, huge, message, scene, WAYS } from './scene.ts'

interface Ending {
  readonly how: string
  readonly kind: 'aborted' | 'timeout'
  /** What the caller's signal is aborted with. */
  readonly reason: unknown
}

const ENDINGS: readonly Ending[] = [
  { how: 'an abort', kind: 'aborted', reason: undefined },
  { how: 'a deadline', kind: 'timeout', reason: new DOMException('The deadline passed', 'TimeoutError') },
]

/** A send that is ended by its caller once the server is where it is to stall. */
async function endedAt(
  transport: Transport,
  server: SmtpServer,
  event: EventName,
  { reason }: Ending,
  sent: Message = message(),
  context: TransportContext = {},
): Promise<MailError> {
  const controller = new AbortController()
  const failing = failure(transport, sent, { ...context, signal: controller.signal })
  await reached(server, event)
  // The server stalls for good: this is for the client to read what it was answered before.
  await time(100)
  controller.abort(reason)
  return failing
}

/** Resolves when the server has come to the event; content has no event of its own, so its octets are looked for. */
async function reached(server: SmtpServer, event: EventName): Promise<void> {
  if (event === 'CONNECT') await server.waitFor('connection')
  else if (event === 'AUTH') await server.waitFor('command', ({ command }) => command === 'AUTH')
  else if (event !== 'BODY' && event !== 'DOT')
    await server.waitFor('command', ({ command }) => command === event)
  else {
    const least = event === 'BODY' ? 20_000 : 0
    const connection = await server.waitFor('connection')
    await expect
      .poll(
        () =>
          connection.octetsReceived > least &&
          (event === 'BODY' || connection.entries.some(({ octets }) => octets !== undefined)),
        { interval: 5 },
      )
      .toBe(true)
  }
}

const AUTH = { user: 'ann', pass: 'open sesame' }

const OPENING: [EventName, string, ServerScript, Partial<SmtpOptions>][] = [
  ['CONNECT', 'greeting', {}, {}],
  ['EHLO', 'ehlo', {}, {}],
  ['STARTTLS', 'tls', { caps: ['STARTTLS'] }, { tls: 'starttls' }],
  ['AUTH', 'auth', { caps: ['AUTH PLAIN'] }, { auth: AUTH }],
]

const stall: Action = { stall: true }

for (const ending of ENDINGS) {
  const { how, kind } = ending

  describe.concurrent(`${how} while a connection is opened`, () => {
    for (const [event, stage, script, options] of OPENING) {
      it(`at ${event} is ${stage}/${kind}, and nothing was delivered`, async () => {
        await using here = await scene({ ...script, on: { [event]: stall } }, options)
        const error = await endedAt(here.transport, here.server, event, ending)
        expect(gist(error)).toEqual({
          code: `${stage}/${kind}`,
          delivered: 'none',
          permanence: 'transient',
          statuses: ['not-attempted'],
        })
      })
    }

    it(`in the TLS handshake is tls/${kind}`, async () => {
      await using here = await scene(
        { caps: ['STARTTLS'], on: { STARTTLS: { starttls: { stall: true } } } },
        { tls: 'starttls' },
      )
      const error = await endedAt(here.transport, here.server, 'STARTTLS', ending)
      expect([error.code, error.delivered]).toEqual([`tls/${kind}`, 'none'])
    })

    it(`in a proxy that does not answer is connect/${kind}`, async () => {
      await using proxy = await silentListener()
      await using here = await scene({}, { proxy: `http://127.0.0.1:${proxy.port}`, timeoutMs: 800 })
      const controller = new AbortController()
      const failing = failure(here.transport, message(), { signal: controller.signal })
      await proxy.connected
      controller.abort(ending.reason)
      const error = await failing
      expect([error.code, error.delivered]).toEqual([`connect/${kind}`, 'none'])
    })

    it(`is queue/${kind} where it waits for the only connection`, async () => {
      await using here = await scene(
        { caps: BASIC, on: { MAIL: { nthGlobal: [stall, { pass: true }] } } },
        {
          pool: { connections: 1 },
          timeoutMs: 400,
        },
      )
      const first = failure(here.transport)
      await reached(here.server, 'MAIL')
      const controller = new AbortController()
      const second = failure(here.transport, message(), { signal: controller.signal })
      controller.abort(ending.reason)
      expect(gist(await second)).toMatchObject({ code: `queue/${kind}`, delivered: 'none' })
      expect((await first).code).toBe('mail-from/timeout')
    })
  })

  for (const { way, caps, pool, bdat } of WAYS) {
    describe.concurrent(`${how} with a message under way, ${way}`, () => {
      for (const [event, stage] of [
        ['MAIL', 'mail-from'],
        ['RCPT', 'rcpt-to'],
        ['DATA', 'data'],
      ] as const) {
        if (event === 'DATA' && bdat) continue
        it(`at ${event} is ${stage}/${kind}, and nothing was delivered`, async () => {
          await using here = await scene({ caps, on: { [event]: stall } }, { pool })
          const error = await endedAt(here.transport, here.server, event, ending)
          expect(gist(error)).toEqual({
            code: `${stage}/${kind}`,
            delivered: 'none',
            permanence: 'transient',
            statuses: ['not-attempted'],
          })
          expect(here.server.messages).toEqual([])
        })
      }

      it(`while the content streams is body/${kind}, and nothing was delivered`, async () => {
        await using here = await scene(
          { caps, on: { BODY: { after: 10_000, do: { pauseRead: true } } } },
          { pool },
        )
        const error = await endedAt(here.transport, here.server, 'BODY', ending, huge())
        expect(gist(error)).toEqual({
          code: `body/${kind}`,
          delivered: 'none',
          permanence: 'transient',
          statuses: ['not-attempted'],
        })
        expect(here.server.messages).toEqual([])
      })

      it(`after the final dot is body/${kind}, and what was delivered is unknown`, async () => {
        await using here = await scene({ caps, on: { DOT: stall } }, { pool })
        const error = await endedAt(here.transport, here.server, 'DOT', ending)
        expect(gist(error)).toEqual({
          code: `body/${kind}`,
          delivered: 'unknown',
          permanence: 'unknown',
          statuses: ['unknown'],
        })
        expect(error.retryable).toBe(false)
      })

      for (const [reply, told] of [
        ['250 2.0.0 Ok: queued', 'a delivery'],
        ['554 5.7.1 Spam', 'a failure'],
      ] as const) {
        it(`after the final dot is settled by the reply that comes late: ${told}`, async () => {
          const answer = Promise.withResolvers<string>()
          await using here = await scene({ caps, on: { DOT: () => answer.promise } }, { pool })
          const late = Promise.withResolvers<Delivery | MailError>()
          const error = await endedAt(here.transport, here.server, 'DOT', ending, message(), {
            late: late.resolve,
          })
          expect(error.delivered).toBe('unknown')
          answer.resolve(reply)
          expect(await late.promise).toMatchObject(
            reply.startsWith('250')
              ? { state: 'sent', response: reply }
              : { stage: 'body', delivered: 'none', permanence: 'permanent', reply: { code: 554 } },
          )
          expect(here.server.messages).toHaveLength(reply.startsWith('250') ? 1 : 0)
        })
      }

      it('leaves the transport well: the next message goes by a fresh connection', async () => {
        await using here = await scene(
          { caps, on: { MAIL: { nthGlobal: [stall, { pass: true }] } } },
          { pool, timeoutMs: 800 },
        )
        await endedAt(here.transport, here.server, 'MAIL', ending)
        await here.transport.send(message())
        expect(here.server.messages).toHaveLength(1)
      })
    })
  }
}

describe.concurrent('a time-out of the transport', () => {
  it('in a proxy that does not answer is one at connect', async () => {
    await using proxy = await silentListener()
    await using here = await scene({}, { proxy: `http://127.0.0.1:${proxy.port}`, timeoutMs: 200 })
    expect((await failure(here.transport)).code).toBe('connect/timeout')
  })

  it('starts anew with every reply, so that a slow server is not cut off', async () => {
    const slowly: Action = { delay: 150, then: { pass: true } }
    await using here = await scene(
      { on: { EHLO: slowly, MAIL: slowly, RCPT: slowly, DATA: slowly, DOT: slowly } },
      { timeoutMs: 400 },
    )
    expect(await here.transport.send(message())).toMatchObject({ state: 'sent' })
  })
})

describe.concurrent('verify()', () => {
  it('logs in, says QUIT and sends nothing', async () => {
    await using here = await scene({ caps: ['AUTH PLAIN'] }, { auth: AUTH })
    await here.transport.verify!()
    const { commands, authenticatedAs } = await here.server.waitFor('close')
    expect(commands).toEqual(['EHLO', 'AUTH', 'QUIT'])
    expect(authenticatedAs).toBe('ann')
  })

  it.each([
    ['greeting/service-unavailable', { on: { CONNECT: '421 4.3.2 Not now' } }, {}],
    ['auth/bad-credentials', { caps: ['AUTH PLAIN'], on: { AUTH: '535 5.7.8 No' } }, { auth: AUTH }],
    ['tls/starttls-not-offered', {}, { tls: 'starttls' }],
    ['ehlo/timeout', { on: { EHLO: stall } }, { timeoutMs: 200 }],
  ] satisfies [string, ServerScript, Partial<SmtpOptions>][])(
    'fails with %s as a send would',
    async (code, script, options) => {
      await using here = await scene(script, options)
      const error = await failureOf(here.transport.verify!())
      expect(error.code).toBe(code)
      expect(error.transport).toBe(here.transport.name)
      expect(error.transcript?.entries.length).toBeGreaterThan(0)
      expect((await failure(here.transport)).code).toBe(code)
    },
  )

  it.each(ENDINGS)('can be ended by $how', async ({ reason, kind }) => {
    await using here = await scene({ on: { EHLO: stall } })
    const controller = new AbortController()
    const failing = failureOf(here.transport.verify!({ signal: controller.signal }))
    await reached(here.server, 'EHLO')
    controller.abort(reason)
    expect((await failing).code).toBe(`ehlo/${kind}`)
  })

  // The handshake goes on in the background until its own time-out.
  it('that was ended leaves no connection behind', async () => {
    await using here = await scene({ on: { EHLO: stall } })
    const controller = new AbortController()
    const failing = failureOf(here.transport.verify!({ signal: controller.signal }))
    await reached(here.server, 'EHLO')
    controller.abort()
    await failing
    await here.server.waitFor('close', () => true, { signal: AbortSignal.timeout(500) })
  })
})

describe('the stack of a failure', () => {
  it('says who waited for the send, not only where the reply came in', async () => {
    await using here = await scene({ on: { RCPT: '550 5.1.1 No' } })
    const mailer = new Mailer({ transport: here.transport })
    const input = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
    const signUp = async (): Promise<void> => void (await mailer.send(input))
    const { stack } = await failureOf(signUp())
    expect(stack).toMatch(/\n {4}at (?:async )?signUp /)
  })
})

/** Accepts connections and says nothing. */
async function silentListener(): Promise<AsyncDisposable & { port: number; connected: Promise<unknown> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.resume()
  })
  const connected = once(server, 'connection')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connected,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
