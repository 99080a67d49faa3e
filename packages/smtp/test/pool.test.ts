import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { MailError, type Delivery } from '@loudmail/core'
import { startServer, type Action, type ServerScript, type SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { BASIC, failure, message, scene, WAYS } from './scene.ts'

const PIPELINING = ['PIPELINING', ...BASIC]
const WINDOW = ['PIPELINING', 'CHUNKING', ...BASIC]

/** As many messages, each to its own recipient. */
const numbered = (count: number): ReturnType<typeof message>[] =>
  Array.from({ length: count }, (_, n) => message({ to: `user${n}@rcpt.example`, subject: `No. ${n}` }))

const recipientsOf = (server: SmtpServer): string[] =>
  server.messages.flatMap(({ envelope }) => envelope.to).toSorted()

const everyRecipient = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `user${n}@rcpt.example`).toSorted()

describe.concurrent('connections', () => {
  it('are opened as load asks, up to pool.connections', async () => {
    const go = Promise.withResolvers<string>()
    await using here = await scene(
      { on: { DOT: { nthGlobal: [...Array.from({ length: 3 }, () => () => go.promise), { pass: true }] } } },
      { pool: { connections: 3 } },
    )
    const sending = numbered(9).map((each) => here.transport.send(each))
    await expect
      .poll(() => here.server.connections.filter(({ commands }) => commands.includes('DATA')).length)
      .toBe(3)
    go.resolve('250 2.0.0 Ok')
    await Promise.all(sending)
    expect(here.server.connections).toHaveLength(3)
    expect(recipientsOf(here.server)).toEqual(everyRecipient(9))
  })

  it('are used again, so that one after the other needs one', async () => {
    await using here = await scene()
    for (const each of numbered(4)) await here.transport.send(each)
    expect(here.server.connections).toHaveLength(1)
    expect(here.server.connections[0]!.commands.filter((command) => command === 'EHLO')).toHaveLength(1)
  })

  it('are retired after messagesPerConnection, with QUIT', async () => {
    await using here = await scene({}, { pool: { connections: 1, messagesPerConnection: 2 } })
    await Promise.all(numbered(5).map((each) => here.transport.send(each)))
    expect(here.server.messages.map(({ connection }) => connection)).toEqual([1, 1, 2, 2, 3])
    const { commands } = await here.server.waitFor('close', ({ id }) => id === 1)
    expect(commands.at(-1)).toBe('QUIT')
  })

  it('are closed after idleMs without work, with QUIT', async () => {
    await using here = await scene({}, { pool: { idleMs: 50 } })
    await here.transport.send(message())
    const { commands } = await here.server.waitFor('close')
    expect(commands.at(-1)).toBe('QUIT')
    await here.transport.send(message())
    expect(here.server.connections).toHaveLength(2)
  })

  it('are neither given up nor closed at once where a time is Infinity', async () => {
    await using here = await scene({}, { timeoutMs: Infinity, pool: { idleMs: Infinity } })
    await here.transport.send(message())
    await delay(20)
    await here.transport.send(message())
    expect(here.server.connections).toHaveLength(1)
  })

  it.each(WAYS)('carry nothing behind a RSET that was refused, $way', async ({ caps, pool }) => {
    await using here = await scene(
      { caps, on: { RSET: '502 5.5.1 No', RCPT: { nthGlobal: ['550 5.1.1 No', { pass: true }] } } },
      { pool },
    )
    const results = await Promise.allSettled(numbered(6).map((each) => here.transport.send(each)))
    const ends = results.map((result) =>
      result.status === 'fulfilled' ? 'sent' : (result.reason as MailError).delivered,
    )
    const taken = recipientsOf(here.server)
    expect(new Set(taken).size).toBe(taken.length)
    for (const [n, end] of ends.entries())
      if (end !== 'unknown') expect([n, taken.includes(`user${n}@rcpt.example`)]).toEqual([n, end === 'sent'])
  })

  it('give no message to the recipients of one before that was left open', async () => {
    await using here = await scene(
      {
        caps: PIPELINING,
        on: {
          DATA: { nthGlobal: [{ pass: true }, '451 4.3.0 Later', { pass: true }] },
          RSET: '451 4.3.0 No',
          MAIL: { nthGlobal: [{ pass: true }, { pass: true }, '503 5.5.1 Nested', { pass: true }] },
        },
      },
      { pool: { connections: 1 } },
    )
    const [first, open, last] = numbered(3)
    await here.transport.send(first!)
    expect(await failure(here.transport, open)).toMatchObject({ stage: 'data', delivered: 'none' })
    await here.transport.send(last!)
    expect(here.server.messages.map(({ envelope }) => envelope.to)).toEqual([
      ['user0@rcpt.example'],
      ['user2@rcpt.example'],
    ])
  })

  it('stay open for idleMs', async () => {
    await using here = await scene({}, { pool: { idleMs: 60_000 } })
    await here.transport.send(message())
    await here.transport.send(message())
    expect(here.server.connections).toHaveLength(1)
    expect(here.server.connections[0]!.commands).not.toContain('QUIT')
  })

  it('that a failed send left in doubt are not used again', async () => {
    await using here = await scene(
      { on: { DOT: { nthGlobal: [{ stall: true }, { pass: true }] } } },
      { pool: { connections: 1 }, timeoutMs: 400 },
    )
    expect((await failure(here.transport)).code).toBe('body/timeout')
    await here.transport.send(message())
    expect(here.server.connections).toHaveLength(2)
  })

  it('that a refusal left well are used again', async () => {
    await using here = await scene(
      { on: { RCPT: { nthGlobal: ['550 5.1.1 Nobody', { pass: true }] } } },
      { pool: { connections: 1 } },
    )
    await failure(here.transport)
    await here.transport.send(message())
    expect(here.server.connections).toHaveLength(1)
    expect(here.server.messages).toHaveLength(1)
  })
})

const program = (port: number): string => `
  import { toMessage } from '@loudmail/core/transport'
  import { smtp } from '@loudmail/smtp'
  const transport = smtp({ host: '127.0.0.1', port: ${port}, tls: 'none', pool: { idleMs: 3_600_000 } })
  if (process.argv.includes('send'))
    await transport.send(toMessage({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hi' }))
  process.stdout.write('done')
`

/** Runs a program in a process of its own, which has five seconds to end by itself. */
async function runToItsEnd(source: string, ...words: string[]): Promise<string> {
  const flags = ['--conditions=@loudmail/source', '--input-type=module', '--eval', source, '--', ...words]
  const { VITEST: _, ...env } = process.env
  const cwd = fileURLToPath(new URL('../', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd, env, timeout: 5_000 })
  return stdout
}

describe.concurrent('a process', () => {
  it('ends by itself, without close(), where its transport never sent anything', async () => {
    await using server = await startServer()
    expect(await runToItsEnd(program(server.port))).toBe('done')
  })

  it('ends by itself, without close(), where its transport has nothing left to send', async () => {
    await using server = await startServer()
    expect(await runToItsEnd(program(server.port), 'send')).toBe('done')
    expect(server.messages).toHaveLength(1)
  })
})

for (const { way, caps, pool } of WAYS.filter(({ bdat }) => !bdat)) {
  describe.concurrent(`a connection that went stale, ${way}`, () => {
    const stale: [string, Action][] = [
      ['closed', { close: 'fin' }],
      ['reset', { close: 'rst' }],
      ['said 421 and closed', { seq: ['421 4.4.2 Idle for too long', { close: 'fin' }] }],
    ]
    for (const [what, action] of stale) {
      it(`and ${what} at the second MAIL moves the message once, and tells of it`, async () => {
        await using here = await scene(
          { caps, on: { MAIL: { nthGlobal: [{ pass: true }, action, { pass: true }] } } },
          { pool },
        )
        await here.transport.send(message({ to: 'user0@rcpt.example' }))
        const failed: MailError[] = []
        const delivery = await here.transport.send(message({ to: 'user1@rcpt.example' }), {
          failed: (error) => failed.push(error),
        })
        expect(delivery.state).toBe('sent')
        expect(failed).toHaveLength(1)
        expect(failed[0]).toMatchObject({ stage: 'mail-from', delivered: 'none', permanence: 'transient' })
        expect(failed[0]!.transcript!.entries.some(({ text }) => text.startsWith('MAIL FROM'))).toBe(true)
        expect(delivery.failures).toEqual(failed)
        expect(recipientsOf(here.server)).toEqual(everyRecipient(2))
      })

      it(`and ${what} twice fails the message with both tries`, async () => {
        await using here = await scene(
          {
            caps,
            on: { MAIL: { nthGlobal: [{ pass: true }, action] } },
          },
          { pool },
        )
        await here.transport.send(message())
        const error = await failure(here.transport)
        expect(error).toMatchObject({ stage: 'mail-from', delivered: 'none', retryable: true })
        expect(error.failures).toHaveLength(1)
        expect(here.server.connections).toHaveLength(2)
        expect(here.server.messages).toHaveLength(1)
      })
    }

    it('and was closed while it was idle costs nothing', async () => {
      await using here = await scene({ caps, idleClose: 250 }, { pool })
      await here.transport.send(message({ to: 'user0@rcpt.example' }))
      await here.server.waitFor('close')
      const delivery = await here.transport.send(message({ to: 'user1@rcpt.example' }))
      expect(delivery.state).toBe('sent')
      expect(recipientsOf(here.server)).toEqual(everyRecipient(2))
    })

    it('on its very first message is a failure of that message', async () => {
      await using here = await scene({ caps, on: { MAIL: { close: 'fin' } } }, { pool })
      const error = await failure(here.transport)
      expect(error.code).toBe('mail-from/connection-lost')
      expect(error.failures).toEqual([])
      expect(here.server.connections).toHaveLength(1)
    })

    it('after it agreed to MAIL is a failure, not a second try', async () => {
      await using here = await scene(
        { caps, on: { RCPT: { nthGlobal: [{ pass: true }, { close: 'fin' }, { pass: true }] } } },
        { pool },
      )
      await here.transport.send(message())
      const error = await failure(here.transport)
      expect(error).toMatchObject({ code: 'rcpt-to/connection-lost', delivered: 'none', retryable: true })
      expect(here.server.connections).toHaveLength(1)
    })
  })
}

describe.concurrent('a connection with a window that went stale', () => {
  it('while content was on its way leaves that unknown, and never sends it twice', async () => {
    await using here = await scene(
      { caps: WINDOW, on: { MAIL: { nthGlobal: [{ pass: true }, { close: 'fin' }, { pass: true }] } } },
      { pool: { connections: 1, window: 4 } },
    )
    await here.transport.send(message())
    expect(await failure(here.transport)).toMatchObject({
      code: 'mail-from/connection-lost',
      delivered: 'unknown',
      retryable: false,
    })
    expect(here.server.messages).toHaveLength(1)
  })
})

describe.concurrent('where the server takes fewer connections than the pool would open', () => {
  const tooMany: ServerScript = {
    caps: PIPELINING,
    on: { CONNECT: ({ connection }) => (connection.id > 2 ? '421 4.7.0 Too many connections' : undefined) },
  }

  it('all messages arrive over those that serve', async () => {
    await using here = await scene(tooMany, { pool: { connections: 5 } })
    await Promise.all(numbered(40).map((each) => here.transport.send(each)))
    expect(recipientsOf(here.server)).toEqual(everyRecipient(40))
  })

  it('and then none at all, all fail with what it said', async () => {
    await using here = await scene({ on: { CONNECT: '421 4.7.0 Too many connections' } })
    const outcomes = await Promise.all(numbered(12).map((each) => failure(here.transport, each)))
    for (const [n, error] of outcomes.entries()) {
      expect(error).toMatchObject({
        stage: 'greeting',
        delivered: 'none',
        permanence: 'transient',
        reply: { code: 421 },
        recipients: [{ address: `user${n}@rcpt.example`, status: 'not-attempted' }],
      })
    }
  })

  it('a refused pool tries again with the next message', async () => {
    await using here = await scene({
      on: { CONNECT: { nthGlobal: ['421 4.7.0 Not yet', { pass: true }] } },
    })
    await failure(here.transport)
    await here.transport.send(message())
    expect(here.server.messages).toHaveLength(1)
  })
})

describe.concurrent('close()', () => {
  it('lets what is under way finish, and refuses what waits', async () => {
    const go = Promise.withResolvers<string>()
    await using here = await scene({ on: { DOT: () => go.promise } }, { pool: { connections: 2 } })
    const sending = numbered(6).map((each) =>
      here.transport.send(each).then(
        (delivery: Delivery) => delivery.state,
        (error: unknown) => (MailError.is(error) ? error.code : error),
      ),
    )
    await expect
      .poll(() => here.server.connections.filter(({ commands }) => commands.includes('DATA')).length)
      .toBe(2)
    const closing = here.transport.close!()
    go.resolve('250 2.0.0 Ok')
    const outcomes = await Promise.all(sending)
    await closing
    expect(new Set(outcomes)).toEqual(new Set(['sent', 'queue/pool-closed']))
    expect(outcomes.slice(0, 2)).toEqual(['sent', 'sent'])
    expect(here.server.messages).toHaveLength(outcomes.filter((outcome) => outcome === 'sent').length)
  })

  it('says QUIT on every connection, and can be called twice', async () => {
    await using here = await scene({}, { pool: { connections: 3 } })
    await Promise.all(numbered(9).map((each) => here.transport.send(each)))
    await Promise.all([here.transport.close!(), here.transport.close!()])
    for (const { id } of here.server.connections) {
      const { commands } = await here.server.waitFor('close', (record) => record.id === id)
      expect(commands.at(-1)).toBe('QUIT')
    }
    expect((await failure(here.transport)).code).toBe('queue/pool-closed')
  })
})

describe('load', () => {
  it('1,000 messages over 5 connections each arrive exactly once', async () => {
    await using here = await scene({ caps: PIPELINING }, { pool: { connections: 5 } })
    await Promise.all(numbered(1_000).map((each) => here.transport.send(each)))
    expect(recipientsOf(here.server)).toEqual(everyRecipient(1_000))
    expect(here.server.connections.length).toBeLessThanOrEqual(5)
    for (const { content, envelope } of here.server.messages) {
      const n = /\d+/.exec(envelope.to[0]!)![0]
      expect(content.toString()).toContain(`Subject: No. ${n}\r\n`)
    }
  })

  it.each([
    ['DATA', PIPELINING, 1],
    ['a window of 16', WINDOW, 16],
  ] as const)('with %s, refusals among 400 messages are each told to their own', async (_, caps, window) => {
    const number = (text: string | undefined): number => Number(/user(\d+)@/.exec(text ?? '')?.[1])
    const every =
      (nth: number, reply: (n: number) => string) =>
      (n: number): string | undefined =>
        n % nth === 0 ? reply(n) : undefined
    const atRcpt = every(7, (n) => `550 5.1.1 No user ${n}`)
    const atDot = every(5, (n) => `554 5.7.1 Not this one: ${n}`)
    await using here = await scene(
      {
        caps,
        on: {
          RCPT: ({ line }) => atRcpt(number(line)),
          DOT: ({ message: taken }) => atDot(number(taken?.envelope.to[0])),
        },
      },
      { pool: { connections: 2, window } },
    )
    const outcomes = await Promise.allSettled(numbered(400).map((each) => here.transport.send(each)))
    for (const [n, outcome] of outcomes.entries()) {
      const expected = atRcpt(n) ?? atDot(n)
      if (expected === undefined) expect(outcome, `${n}`).toMatchObject({ status: 'fulfilled' })
      else
        expect(outcome, `${n}`).toMatchObject({
          status: 'rejected',
          reason: {
            stage: n % 7 === 0 ? 'rcpt-to' : 'body',
            reply: { text: expected.slice(10) },
            recipients: [{ address: `user${n}@rcpt.example`, status: 'rejected' }],
          },
        })
    }
    const taken = everyRecipient(400).filter((address) => number(address) % 7 && number(address) % 5)
    expect(recipientsOf(here.server)).toEqual(taken)
  })

  it.each([1, 4])(
    'with a window of %d, so many contents are under way before the first reply',
    async (window) => {
      const first = Promise.withResolvers<undefined>()
      const go = Promise.withResolvers<undefined>()
      await using here = await scene(
        { caps: WINDOW, keep: 'wire', on: { DOT: { nthGlobal: [() => first.promise, () => go.promise] } } },
        { pool: { connections: 1, window } },
      )
      const sending = Promise.all(numbered(20).map((each) => here.transport.send(each)))
      const contents = (): number =>
        here.server.connections[0]?.received.toString().match(/^Date:/gm)?.length ?? 0
      // The first shows that the server knows BDAT.
      await expect.poll(contents).toBe(1)
      first.resolve(undefined)
      await expect.poll(contents).toBe(1 + window)
      go.resolve(undefined)
      await sending
      expect(here.server.connections).toHaveLength(1)
      expect(recipientsOf(here.server)).toEqual(everyRecipient(20))
    },
  )
})
