import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { MailError, type Delivery, type Message } from '@loudmail/core'
import type { Action, ServerOptions, ServerScript } from '@loudmail/server'
import { describe, expect, it, vi } from 'vitest'
import { smtp, type SmtpOptions } from '../src/index.ts'
import { lyingServer } from './lying-server.ts'
import { failure, failureOf, gist, large, message, scene, WAYS, type Scene } from './scene.ts'

const FIRST = 'first@sender.example'
const SECOND = 'second@sender.example'
const THIRD = 'third@sender.example'
const pass: Action = { pass: true }

interface Watched extends Scene {
  /** The senders of the messages whose content began to arrive. */
  readonly contents: string[]
}

/** A server that took a message already, so that the next ones go the way they do in the long run. */
async function watched(
  script: ServerScript & ServerOptions,
  options: Partial<SmtpOptions> = {},
): Promise<Watched> {
  const contents: string[] = []
  const BODY: Action = ({ envelope }) => {
    if (!contents.includes(envelope!.from)) contents.push(envelope!.from)
    return undefined
  }
  const here = await scene({ ...script, on: { ...script.on, BODY } }, options)
  await here.transport.send(message({ from: FIRST }))
  return { ...here, contents }
}

/** A `beforeTransmission` that counts its calls. */
function counted(inner = (): Promise<void> => Promise.resolve()): (() => Promise<void>) & { calls: number } {
  const self = Object.assign(
    (): Promise<void> => {
      self.calls++
      return inner()
    },
    { calls: 0 },
  )
  return self
}

/** A `beforeTransmission` that waits until it is released. */
function gate(): {
  readonly beforeTransmission: () => Promise<void>
  readonly called: Promise<void>
  readonly release: (error?: Error) => void
} {
  const called = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const release = (error?: Error): void => (error ? released.reject(error) : released.resolve())
  released.promise.catch(() => {})
  const beforeTransmission = (): Promise<void> => {
    called.resolve()
    return released.promise
  }
  return { beforeTransmission, called: called.promise, release }
}

const storage = (): MailError =>
  new MailError({
    stage: 'submit',
    kind: 'storage',
    summary: 'the disk is full',
    permanence: 'transient',
    delivered: 'unknown',
  })

for (const lmtp of [false, true]) {
  for (const { way, caps, pool, bdat } of WAYS) {
    const isWindow = bdat && !lmtp
    const options = { pool, lmtp }
    describe.concurrent(`beforeTransmission, ${lmtp ? 'LMTP, ' : ''}${way}`, () => {
      for (const [size, make] of [
        ['small', message],
        ['large', large],
      ] as const) {
        const usesBdat = caps.includes('CHUNKING') && (isWindow || size === 'large')
        /** The last that the server says before the content. */
        const last = usesBdat ? 'RCPT' : 'DATA'
        const second = (changes = {}): Message => make({ from: SECOND, ...changes })

        it(`comes before the first octet of ${size} content, which waits for it`, async () => {
          await using here = await watched({ caps, lmtp }, options)
          const seen: string[][] = []
          const beforeTransmission = async (): Promise<void> => {
            seen.push([...here.contents])
            await delay(30)
            seen.push([...here.contents])
          }
          await here.transport.send(second(), { beforeTransmission })
          expect(seen).toEqual([[FIRST], [FIRST]])
          expect(here.contents).toEqual([FIRST, SECOND])
          expect(here.server.messages).toHaveLength(2)
          expect(here.server.connections).toHaveLength(1)
        })

        const rejections: [what: string, error: Error, expected: object][] = [
          [
            'a MailError',
            storage(),
            {
              code: 'submit/storage',
              summary: 'the disk is full',
              permanence: 'transient',
              delivered: 'none',
              retryable: true,
            },
          ],
          [
            'anything else',
            new RangeError('no such lease'),
            { code: 'submit/unexpected', delivered: 'none', cause: { message: 'no such lease' } },
          ],
        ]
        for (const [what, thrown, expected] of rejections) {
          it(`that rejects with ${what} fails the message, and nothing of its ${size} content is sent`, async () => {
            await using here = await watched({ caps, lmtp }, options)
            const sending = [FIRST, SECOND, THIRD].map((from) =>
              here.transport.send(make({ from }), {
                beforeTransmission: () => (from === SECOND ? Promise.reject(thrown) : Promise.resolve()),
              }),
            )
            const [before, failed, after] = await Promise.allSettled(sending)
            expect([before!.status, after!.status]).toEqual(['fulfilled', 'fulfilled'])
            const error = await failureOf(sending[1]!)
            expect(failed).toMatchObject({ reason: expected })
            expect(error.recipients).toEqual([{ address: 'bob@rcpt.example', status: 'not-attempted' }])
            expect(error).toMatchObject({ transport: here.transport.name })
            expect(here.contents).toEqual([FIRST, THIRD])
            expect(here.server.messages).toHaveLength(3)
          })
        }

        it(`that throws at once is one that rejects, for ${size} content`, async () => {
          await using here = await watched({ caps, lmtp }, options)
          const beforeTransmission = (): never => {
            throw storage()
          }
          const error = await failure(here.transport, second(), { beforeTransmission })
          expect(error).toMatchObject({ code: 'submit/storage', delivered: 'none' })
          expect(here.contents).toEqual([FIRST])
        })

        it(`comes once, when some of several recipients of ${size} content are refused`, async () => {
          const to = ['a@rcpt.example', 'b@rcpt.example', 'c@rcpt.example']
          await using here = await watched(
            { caps, lmtp, on: { RCPT: { byRcpt: { 'b@rcpt.example': '550 5.1.1 Nobody' } } } },
            options,
          )
          const beforeTransmission = counted()
          const error = await failure(here.transport, second({ to }), { beforeTransmission })
          expect(error.recipients.map(({ status }) => status)).toEqual(['accepted', 'rejected', 'accepted'])
          expect(beforeTransmission.calls).toBe(1)
          expect(here.server.messages).toHaveLength(2)
        })

        // In a window, small content goes out before the server has answered anything.
        const isAhead = isWindow && size === 'small'
        const refused = [
          ['the sender', 'MAIL', '550 5.7.1 No'],
          ['all recipients', 'RCPT', '550 5.1.1 Nobody'],
          ...(usesBdat ? [] : [['the content', 'DATA', '451 4.3.0 Later'] as const]),
        ] as const
        for (const [what, event, reply] of isAhead ? [] : refused) {
          it(`never comes when the server refuses ${what}, of ${size} content`, async () => {
            await using here = await watched(
              { caps, lmtp, on: { [event]: { nthGlobal: [pass, reply, pass] } } },
              options,
            )
            const beforeTransmission = counted()
            const error = await failure(here.transport, second(), { beforeTransmission })
            expect(error).toMatchObject({ delivered: 'none', reply: { code: Number(reply.slice(0, 3)) } })
            expect(beforeTransmission.calls).toBe(0)
            await here.transport.send(message({ from: THIRD }), { beforeTransmission })
            expect(here.contents).toEqual([FIRST, THIRD])
          })
        }

        type Meanwhile = (controller: AbortController) => void
        const abort: Meanwhile = (controller) => controller.abort()
        const deadline: Meanwhile = (controller) => controller.abort(new DOMException('over', 'TimeoutError'))
        const quits = usesBdat ? 'body/connection-lost' : 'body/service-unavailable'
        const meanwhile: [what: string, byCaller: Meanwhile | undefined, byServer: Action, code: string][] = [
          ['the caller gives up', abort, pass, 'body/aborted'],
          ['the deadline passes', deadline, pass, 'body/timeout'],
          ['the server closes', undefined, { close: 'fin' }, 'body/connection-lost'],
          ['the connection is reset', undefined, { close: 'rst' }, 'body/connection-lost'],
          ['the server says 421', undefined, { seq: ['421 4.3.2 Closing', { close: 'fin' }] }, quits],
        ]
        for (const [what, byCaller, byServer, code] of isAhead ? [] : meanwhile) {
          for (const error of [undefined, storage()]) {
            const how = error ? 'fails' : 'succeeds'
            it(`that waits while ${what} is not waited for, and nothing of the ${size} content is sent when it ${how}`, async () => {
              const { beforeTransmission, called, release } = gate()
              const said = last === 'DATA' ? '354 Go ahead' : '250 2.1.5 Ok'
              const then: Action = { delay: 1, then: () => called.then(() => byServer) }
              const answer: Action = byCaller ? pass : { seq: [said, then] }
              await using here = await watched(
                { caps, lmtp, on: { [last]: { nthGlobal: [pass, answer, pass] } } },
                options,
              )
              const controller = new AbortController()
              const { signal } = controller
              const sending = here.transport.send(second(), { beforeTransmission, signal })
              void called.then(() => byCaller?.(controller))
              const failed = await failureOf(sending)
              expect(gist(failed)).toMatchObject({ code, delivered: 'none' })
              release(error)
              await here.transport.send(message({ from: THIRD }))
              expect(here.contents).toEqual([FIRST, THIRD])
              expect(here.server.messages).toHaveLength(2)
              expect(here.server.connections).toHaveLength(2)
            })
          }
        }

        it(`that never settles is a time-out, and the next message with ${size} content is sent`, async () => {
          await using here = await watched({ caps, lmtp }, { ...options, timeouts: { body: 150 } })
          const beforeTransmission = (): Promise<void> => new Promise(() => {})
          const sending = failure(here.transport, second(), { beforeTransmission })
          await Promise.all([
            here.transport.send(make({ from: THIRD })),
            expect(sending).resolves.toMatchObject({
              code: 'body/timeout',
              summary: 'beforeTransmission did not settle in time',
              delivered: 'none',
            }),
          ])
          expect(here.contents).toEqual([FIRST, THIRD])
        })
      }

      it('that fails, or that nobody waits for any more, leaves no stream open', async () => {
        await using here = await watched({ caps, lmtp }, options)
        const closed: string[] = []
        const stream = (name: string): Message =>
          message({
            from: `${name}@sender.example`,
            attachments: [
              {
                filename: 'a.txt',
                async *content() {
                  try {
                    for (let n = 0; n < 4; n++) yield Buffer.alloc(70_000, 'a')
                  } finally {
                    closed.push(name)
                  }
                },
              },
            ],
          })
        const fails = { beforeTransmission: () => Promise.reject(storage()) }
        await failure(here.transport, stream('fails'), fails)
        const { beforeTransmission, called, release } = gate()
        const controller = new AbortController()
        const aborted = here.transport.send(stream('aborted'), {
          beforeTransmission,
          signal: controller.signal,
        })
        await called
        controller.abort()
        await failureOf(aborted)
        await vi.waitFor(() => expect(closed).toEqual(['fails', 'aborted']))
        release()
      })
    })
  }
}

const [, pipelined, , , windowed] = WAYS

describe('beforeTransmission and the other messages of a connection', () => {
  it('leaves the next envelope in the write that ends a content', async () => {
    await using here = await watched({ caps: pipelined!.caps })
    const writes: string[] = []
    const proxy = createServer((client) => {
      const upstream = connect(here.server.port, '127.0.0.1')
      client.on('data', (bytes) => writes.push(bytes.toString()))
      client.pipe(upstream).pipe(client)
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const { port } = proxy.address() as AddressInfo
    const transport = smtp({ host: '127.0.0.1', port, tls: 'none', pool: pipelined!.pool })
    const sends = [1, 2, 3, 4].map(() => transport.send(message(), { beforeTransmission: () => delay(5) }))
    await Promise.all(sends)
    await transport.close!()
    proxy.close()
    const shapes = writes.map((text) => text.match(/^(?:EHLO|MAIL|RCPT|DATA|Hello|\.|QUIT)/gm)!.join(' '))
    const next = 'Hello . MAIL RCPT DATA'
    expect(shapes.slice(0, 6)).toEqual(['EHLO', 'MAIL RCPT DATA', next, next, next, 'Hello .'])
  })

  it('in a window, earlier messages get their replies while a later one waits for it', async () => {
    const { beforeTransmission, called, release } = gate()
    let count = 0
    const DOT: Action = async () => {
      if (++count === 2) await called
      return undefined
    }
    await using here = await watched({ caps: windowed!.caps, on: { DOT } }, { pool: windowed!.pool })
    const early = here.transport.send(message({ from: SECOND }))
    const late = here.transport.send(message({ from: THIRD }), { beforeTransmission })
    await early
    expect(here.contents).toEqual([FIRST, SECOND])
    release()
    await late
    expect(here.contents).toEqual([FIRST, SECOND, THIRD])
    expect(here.server.connections).toHaveLength(1)
  })

  it.each([
    ['succeeds', undefined],
    ['fails', storage()],
  ])(
    'in a window, a message that waits for it ends with a 421 to the one before, also when it %s',
    async (_, error) => {
      const { beforeTransmission, called, release } = gate()
      const then: Action = async () => {
        await called
        return '421 4.3.2 Closing'
      }
      await using here = await watched(
        { caps: windowed!.caps, on: { DOT: { nthGlobal: [pass, then, pass] } } },
        { pool: windowed!.pool },
      )
      const early = here.transport.send(message({ from: SECOND }))
      const calls = counted(beforeTransmission)
      const late = here.transport.send(message({ from: THIRD }), { beforeTransmission: calls })
      expect(gist(await failureOf(early))).toMatchObject({
        code: 'body/service-unavailable',
        delivered: 'none',
      })
      release(error)
      // It moved to a fresh connection, where it comes again.
      const [settled] = await Promise.allSettled([late])
      expect(settled.status).toBe(error ? 'rejected' : 'fulfilled')
      expect(calls.calls).toBe(2)
      expect(here.contents).toEqual([FIRST, SECOND, ...(error ? [] : [THIRD])])
    },
  )
})

describe('in a window, while an earlier message waits for its reply', () => {
  /** The reply to the second message waits for `answer`; the third message waits for `release`. */
  async function busy(...first: Action[]) {
    const { promise, resolve: answer } = Promise.withResolvers<void>()
    const late: Action = { delay: 1, then: () => promise.then(() => pass) }
    const { beforeTransmission, called, release } = gate()
    const on = { DOT: { nthGlobal: [pass, ...first, late, pass] } }
    const here = await watched({ caps: windowed!.caps, on }, { pool: windowed!.pool })
    return { here, answer, beforeTransmission, called, release }
  }

  it('a message whose caller gives up before it may be transmitted is not, and the earlier one arrives', async () => {
    const { here, answer, beforeTransmission, called, release } = await busy()
    await using _ = here
    const controller = new AbortController()
    const { signal } = controller
    const early = here.transport.send(message({ from: SECOND }))
    const waiting = here.transport.send(message({ from: THIRD }), { beforeTransmission, signal })
    await called
    controller.abort()
    expect(await failureOf(waiting)).toMatchObject({ kind: 'aborted', delivered: 'none' })
    release()
    await turn()
    answer()
    await early
    await here.transport.send(message({ from: 'fourth@sender.example' }))
    expect(here.contents).toEqual([FIRST, SECOND, 'fourth@sender.example'])
  })

  it('and the server says that it closes, a message that may be transmitted then goes elsewhere', async () => {
    const { here, answer, beforeTransmission, release } = await busy('421 4.3.2 Closing')
    await using _ = here
    const refused = here.transport.send(message({ from: SECOND }))
    const early = here.transport.send(message({ from: SECOND }))
    const waiting = here.transport.send(message({ from: THIRD }), { beforeTransmission })
    await failureOf(refused)
    release()
    await turn()
    answer()
    await Promise.all([early, waiting])
    expect(here.server.messages.map(({ envelope, connection }) => [envelope.from, connection])).toEqual([
      [FIRST, 1],
      [SECOND, 1],
      [THIRD, 2],
    ])
    const sent = here.server.connections[0]!.commands.filter((command) => command === 'BDAT')
    expect(sent).toHaveLength(3)
  })
})

describe('beforeTransmission comes for every attempt', () => {
  it('when the message moves to a fresh connection', async () => {
    const { beforeTransmission, called, release } = gate()
    const then: Action = async () => {
      await called
      return { close: 'rst' }
    }
    await using here = await watched(
      { caps: windowed!.caps, on: { MAIL: { nthGlobal: [pass, then, pass] } } },
      { pool: windowed!.pool },
    )
    const calls = counted(beforeTransmission)
    const sending = here.transport.send(message({ from: SECOND }), { beforeTransmission: calls })
    await expect.poll(() => calls.calls).toBe(2)
    release()
    const delivery: Delivery = await sending
    expect(delivery.failures).toHaveLength(1)
    expect(here.contents).toEqual([FIRST, SECOND])
    expect(here.server.messages).toHaveLength(2)
  })

  it('when the message goes again without an extension', async () => {
    await using server = await lyingServer({
      offers: ['PIPELINING', 'CHUNKING'],
      chunk: (_, { say }) => {
        say('500 5.5.1 Unknown command')
        return true
      },
    })
    const transport = smtp({ host: '127.0.0.1', port: server.port, tls: 'none', timeoutMs: 2_000 })
    const beforeTransmission = counted()
    await transport.send(large({ subject: 'once' }), { beforeTransmission })
    await transport.close!()
    expect(beforeTransmission.calls).toBe(2)
    expect(server.taken).toEqual(['once'])
  })
})
