import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as time } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { smtp } from '../src/index.ts'
import { failure, message, scene, WAYS } from './scene.ts'

const pass = { pass: true } as const
/** Longer than the pause after which a connection is looked at, shorter than the pool keeps it. */
const pause = (): Promise<void> => time(30)

/** Blocks the event loop, so that nothing that arrives meanwhile is read. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

const LAST_WORDS = [
  '421 4.4.2 Idle for too long',
  '451 4.4.2 Timeout waiting for data from client.',
  '450 Connection idle',
  '221 Idle timeout, bye',
  '250 Are you still there?',
  '500 Bye',
  'Good night',
  '',
]

for (const { way, caps, pool } of WAYS) {
  describe.concurrent(`an idle connection, ${way}`, () => {
    it.each(LAST_WORDS)('is read before it is used: "%s"', async (words) => {
      const sockets: Socket[] = []
      const server = createServer((socket) => {
        sockets.push(socket)
        let inData = false
        socket.on('error', () => {}).write('220 ready\r\n')
        socket.on('data', (bytes: Buffer) => {
          for (const line of bytes.toString('latin1').split('\r\n').slice(0, -1)) {
            if (inData) {
              if (line !== '.') continue
              inData = false
              socket.write('250 2.0.0 taken\r\n')
            } else if (line.startsWith('EHLO')) socket.write('250-mx\r\n250 8BITMIME\r\n')
            else if (line === 'DATA') {
              inData = true
              socket.write('354 go on\r\n')
            } else if (line === 'QUIT') socket.end('221 bye\r\n')
            else socket.write('250 2.0.0 ok\r\n')
          }
        })
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const transport = smtp({ host: '127.0.0.1', port, pool, timeoutMs: 3_000 })
      await transport.send(message())
      await pause()
      // It has arrived when the next message is sent, and this program has not read it yet.
      sockets[0]!.end(words && `${words}\r\n`)
      const delivery = await transport.send(message())
      expect(delivery.failures).toEqual([])
      expect(sockets).toHaveLength(2)
      await transport.close!()
      server.close()
    })

    it('is not used if it was idle for too long in a program that was busy', async () => {
      await using here = await scene({ caps }, { pool: { ...pool, idleMs: 40 } })
      await here.transport.send(message())
      block(60)
      expect((await here.transport.send(message())).failures).toEqual([])
      expect(here.server.connections).toHaveLength(2)
      await here.server.waitFor('close')
      expect(here.server.connections[0]!.commands.at(-1)).toBe('QUIT')
    })

    it('is used again if nothing happened', async () => {
      await using here = await scene({ caps }, { pool })
      for (let n = 0; n < 3; n++) {
        await here.transport.send(message())
        await pause()
      }
      expect(here.server.connections).toHaveLength(1)
      expect(here.server.messages).toHaveLength(3)
    })

    it('takes the message that waits for the look although the transport is closed meanwhile', async () => {
      await using here = await scene({ caps }, { pool })
      await here.transport.send(message())
      await pause()
      const sending = here.transport.send(message())
      const closing = here.transport.close!()
      expect((await sending).state).toBe('sent')
      await closing
      expect(here.server.connections).toHaveLength(1)
    })

    it('takes no message whose caller gives up during the look', async () => {
      await using here = await scene({ caps }, { pool })
      await here.transport.send(message())
      await pause()
      const controller = new AbortController()
      const failing = failure(here.transport, message(), { signal: controller.signal })
      controller.abort()
      expect(await failing).toMatchObject({ code: 'queue/aborted', delivered: 'none' })
      await here.transport.send(message())
      expect(here.server.messages).toHaveLength(2)
      expect(here.server.connections).toHaveLength(1)
    })

    it.each([
      ['451 4.4.2 Timeout', 2],
      ['450 4.7.1 Connection idle for too long', 2],
      ['221 2.0.0 Bye', 2],
      ['451 4.3.0 Try later', 1],
    ])('that answers the next message with "%s" is left: %i connections', async (words, connections) => {
      const on = { MAIL: { nthGlobal: [pass, { seq: [words, { close: 'fin' }] }, pass] } } as const
      const rset = { nthGlobal: [{ seq: [words, { close: 'fin' }] }, pass] } as const
      await using here = await scene({ caps, on: { ...on, RSET: rset } }, { pool })
      await here.transport.send(message())
      const sent = await here.transport.send(message()).catch(() => undefined)
      if (connections === 2 && pool.window === undefined) expect(sent?.failures).toHaveLength(1)
      if (pool.window === undefined) expect(here.server.connections).toHaveLength(connections)
      expect(here.server.messages.length).toBeLessThanOrEqual(2)
    })
  })

  describe.concurrent(`a server that closes after each message, ${way}`, () => {
    for (const connections of [1, 2, 5])
      it.each(['fin', 'rst'] as const)(
        `by %s gets ten of ten, over ${connections} at once`,
        async (close) => {
          await using here = await scene(
            { caps, on: { DOT: { seq: [{ pass: true }, { close }] } } },
            { pool: { ...pool, window: 1, connections } },
          )
          const deliveries = await Promise.all(
            Array.from({ length: 10 }, () => here.transport.send(message())),
          )
          for (const { hint } of deliveries.flatMap(({ failures }) => failures))
            expect(hint).toContain('set `pool.messagesPerConnection` to 1')
          expect(here.server.messages).toHaveLength(10)
          expect(here.server.connections).toHaveLength(10)
        },
      )
  })
}

describe.concurrent('a message that moves', () => {
  it('goes to a fresh connection, and the other idle connection stays', async () => {
    const go = Promise.withResolvers<string>()
    const held = { nthGlobal: [() => go.promise, () => go.promise, pass] }
    const on = { DOT: held, MAIL: { nthGlobal: [pass, pass, { close: 'fin' }, pass] } } as const
    await using here = await scene({ on }, { pool: { connections: 2 } })
    const warming = [message(), message()].map((each) => here.transport.send(each))
    await here.server.waitFor('connection', ({ id }) => id === 2)
    go.resolve('250 2.0.0 Ok')
    await Promise.all(warming)
    const delivery = await here.transport.send(message({ from: 'moves@sender.example' }))
    expect(delivery.failures).toHaveLength(1)
    const [first, second, third] = here.server.connections
    expect(third!.lines.some((line) => line.startsWith('MAIL FROM:<moves@'))).toBe(true)
    expect([first!.closedAt, second!.closedAt].filter(Boolean)).toHaveLength(1)
  })

  it('does so from a connection that was opened and never used', async () => {
    const on = {
      CONNECT: ({ connection }: { connection: { id: number } }) =>
        connection.id === 2 ? ({ delay: 100, then: '220 ready' } as const) : undefined,
      // The first connection takes both messages while the second opens. Neither takes the third.
      MAIL: { nthGlobal: [pass, pass, { close: 'fin' }, pass] },
    } as const
    await using here = await scene({ on }, { pool: { connections: 2, messagesPerConnection: 2 } })
    await Promise.all([here.transport.send(message()), here.transport.send(message())])
    await expect.poll(() => here.server.connections[1]?.commands).toEqual(['EHLO'])
    await pause()
    const delivery = await here.transport.send(message())
    expect(delivery.failures).toMatchObject([{ code: 'mail-from/connection-lost' }])
    expect(here.server.connections).toHaveLength(3)
  })
})
