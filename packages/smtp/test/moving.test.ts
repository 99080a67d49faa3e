import type { MailError, Message } from '@loudmail/core'
import type { Action, EventName, SmtpServer } from '@loudmail/server'
import { once } from 'node:events'
import { smtp } from '../src/index.ts'
import { lyingServer, type Connection } from './lying-server.ts'
import { describe, expect, it, vi } from 'vitest'
import { BASIC, failureOf, large, message, scene, WAYS, type Scene } from './scene.ts'

const SECOND = 'second@sender.example'
const pass: Action = { pass: true }

/** The connections on which the server was asked to take the second message. */
const asked = (server: SmtpServer): number[] =>
  server.connections.flatMap(({ id, lines }) =>
    lines.filter((line) => line.startsWith(`MAIL FROM:<${SECOND}>`)).map(() => id),
  )

const taken = (server: SmtpServer): number =>
  server.messages.filter(({ envelope }) => envelope.from === SECOND).length

/** Sends one message that is taken, then a second on the same connection. */
async function sendSecond({ transport }: Scene, second = message({ from: SECOND })): Promise<unknown> {
  await transport.send(message())
  return transport.send(second)
}

const secondFails = (here: Scene, second?: Message): Promise<MailError> => failureOf(sendSecond(here, second))

for (const { way, caps, pool, bdat } of WAYS) {
  describe.concurrent(`a message that meets a connection which fails, ${way}`, () => {
    const never: [what: string, event: EventName, action: Action][] = [
      ['after the server agreed to the sender', 'RCPT', { close: 'fin' }],
      ['after the server agreed to the sender, by a reset', 'RCPT', { close: 'rst' }],
      ['by 421 after it agreed to the sender', 'RCPT', { seq: ['421 4.3.2 Closing', { close: 'fin' }] }],
      ['after it refused the sender for now', 'MAIL', { seq: ['451 4.3.0 Later', { close: 'fin' }] }],
      ['after it refused the sender for good', 'MAIL', { seq: ['550 5.7.1 No', { close: 'fin' }] }],
      ['after it refused the recipient', 'RCPT', { seq: ['550 5.1.1 Nobody', { close: 'fin' }] }],
      ['when it has the content', 'DOT', { close: 'fin' }],
      ['when it has the content, by a reset', 'DOT', { close: 'rst' }],
    ]
    for (const [what, event, action] of never) {
      it(`${what} stays there, and is never sent again`, async () => {
        await using here = await scene(
          { caps, on: { [event]: { nthGlobal: [pass, action, pass] } } },
          { pool },
        )
        const error = await secondFails(here)
        expect(asked(here.server)).toEqual([1])
        expect(error.failures).toEqual([])
        // With a window the content goes out before the first answer.
        const isDoubtful = event === 'DOT' || (bdat && error.kind === 'connection-lost')
        expect(error.delivered).toBe(isDoubtful ? 'unknown' : 'none')
      })
    }

    it('in the middle of the content stays there, and is never sent again', async () => {
      const on = {
        BODY: { nthGlobal: [pass, { after: 50_000, do: { close: 'rst' } }, pass] },
        BDAT: { nthGlobal: [{ close: 'rst' }, pass] },
      } as const
      await using here = await scene({ caps, on }, { pool })
      const error = await secondFails(here, large({ from: SECOND }))
      expect(asked(here.server)).toEqual([1])
      expect(error).toMatchObject({ stage: 'body', failures: [] })
    })

    it('by 421 before it agreed to anything is sent once, on another connection or not at all', async () => {
      const busy: Action = { seq: ['421 4.3.2 Closing', { close: 'fin' }] }
      await using here = await scene({ caps, on: { MAIL: { nthGlobal: [pass, busy, pass] } } }, { pool })
      await sendSecond(here).catch(() => {})
      expect(taken(here.server)).toBeLessThanOrEqual(1)
      if (!bdat) expect(asked(here.server)).toEqual([1, 2])
    })
  })
}

describe.concurrent('a message that moved', () => {
  for (const { way, caps } of WAYS.filter(({ bdat }) => !bdat)) {
    it(`does not move again where a second idle connection is stale too, ${way}`, async () => {
      const go = Promise.withResolvers<string>()
      const held = { nthGlobal: [() => go.promise, () => go.promise, pass] }
      const stale = { nthGlobal: [pass, pass, { close: 'fin' }, { close: 'fin' }, pass] } as const
      await using here = await scene({ caps, on: { DOT: held, MAIL: stale } }, { pool: { connections: 2 } })
      const warming = [message(), message()].map((each) => here.transport.send(each))
      await vi.waitFor(() => expect(here.server.connections).toHaveLength(2))
      go.resolve('250 2.0.0 Ok')
      await Promise.all(warming)

      const result = await here.transport.send(message({ from: SECOND })).catch((error: unknown) => error)
      expect(asked(here.server).length).toBe(2)
      expect(result).toMatchObject({
        stage: 'mail-from',
        delivered: 'none',
        failures: [{ stage: 'mail-from' }],
      })
    })

    it(`tells its caller what stopped it there, and not a third time, ${way}`, async () => {
      const on = { MAIL: { nthGlobal: [pass, { close: 'rst' }, '550 5.7.1 No', pass] } } as const
      await using here = await scene({ caps, on }, { pool: { connections: 1 } })
      expect(await secondFails(here)).toMatchObject({
        stage: 'mail-from',
        delivered: 'none',
        permanence: 'permanent',
        reply: { code: 550 },
      })
      expect(asked(here.server)).toEqual([1, 2])
    })

    it(`can be aborted where it moved to, ${way}`, async () => {
      const controller = new AbortController()
      const stall = () => {
        controller.abort()
        return { stall: true } as const
      }
      await using here = await scene(
        { caps, on: { MAIL: { nthGlobal: [pass, { close: 'fin' }, stall] } } },
        { pool: { connections: 1 } },
      )
      await here.transport.send(message())
      const sending = here.transport.send(message({ from: SECOND }), { signal: controller.signal })
      expect(await failureOf(sending)).toMatchObject({ code: 'mail-from/aborted', delivered: 'none' })
      expect(asked(here.server)).toEqual([1, 2])
    })
  }
})

describe.concurrent('a message that waits for its turn on a connection', () => {
  it.each([
    ['closes', { close: 'fin' }],
    ['resets', { close: 'rst' }],
  ] as const)('moves if the server %s it instead of answering the message before', async (_how, end) => {
    await using here = await scene(
      { caps: ['PIPELINING', ...BASIC], on: { DOT: { nthGlobal: [end, pass] } } },
      { pool: { connections: 1 } },
    )
    const [first, second] = await Promise.allSettled([
      here.transport.send(message()),
      here.transport.send(message({ from: SECOND })),
    ])
    expect(first).toMatchObject({ status: 'rejected', reason: { delivered: 'unknown' } })
    expect(second).toMatchObject({ status: 'fulfilled', value: { failures: [{ stage: 'mail-from' }] } })
    expect(taken(here.server)).toBe(1)
  })

  it.each([
    '421 4.4.2 Closing',
    '451 4.4.2 Timeout waiting for data from client',
    '450 idle for too long',
    '221 2.0.0 Bye',
    undefined,
  ])('moves if the server says %s and closes while its content is being opened', async (says) => {
    let connection: Connection | undefined
    await using server = await lyingServer({
      offers: [],
      commands: (lines, own) => ((connection ??= own), lines),
    })
    const transport = smtp({ host: '127.0.0.1', port: server.port, tls: 'none' })
    await transport.send(message({ subject: 'first' }))
    let opened = 0
    async function* content(): AsyncGenerator<Buffer> {
      if (++opened === 1) {
        if (says !== undefined) connection!.say(says)
        connection!.socket.end()
        await once(connection!.socket, 'close')
      }
      yield Buffer.from('x')
    }
    const delivery = await transport.send(
      message({ subject: 'second', attachments: [{ filename: 'x', content }] }),
    )
    expect(delivery.failures).toMatchObject([{ stage: 'mail-from', delivered: 'none' }])
    expect(server.taken).toEqual(['first', 'second'])
    expect(server.commands).toHaveLength(2)
    await transport.close!()
  })
})
