import type { Message, Transport } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { smtp, type SmtpOptions } from '../src/index.ts'
import { lyingServer, type Connection, type Lies, type LyingServer } from './lying-server.ts'
import { failure, large, message } from './scene.ts'

const PIPELINING = ['PIPELINING', '8BITMIME', 'ENHANCEDSTATUSCODES']
const CHUNKING = [...PIPELINING, 'CHUNKING']

const client = ({ port }: LyingServer, options: Partial<SmtpOptions> = {}): Transport =>
  smtp({ host: '127.0.0.1', port, tls: 'none', timeoutMs: 400, ...options })

/** Says it to commands that came together, and does as it wants. */
const toTogether =
  (lie: (lines: readonly string[], connection: Connection) => readonly string[]): Lies['commands'] =>
  (lines, connection) =>
    lines.length > 1 ? lie(lines, connection) : lines

const saying = (reply: string, closes = false): Lies['commands'] =>
  toTogether((_, { say, socket }) => {
    say(reply)
    if (closes) socket.end()
    return []
  })

const PIPELINING_LIES: [how: string, commands: Lies['commands']][] = [
  ['reads only the last of several commands', toTogether((lines) => lines.slice(-1))],
  ['reads only the first of several commands', toTogether((lines) => lines.slice(0, 1))],
  ['reads only the first two of several commands', toTogether((lines) => lines.slice(0, 2))],
  ['does not answer several commands', toTogether(() => [])],
  [
    'reads only the first, and says that it waited',
    toTogether((lines, { say }) => {
      queueMicrotask(() => say('421 4.4.2 mx.example Error: timeout exceeded'))
      return lines.slice(0, 1)
    }),
  ],
  ['says 500 and why', saying('500 5.5.1 Invalid command: Pipelining not supported')],
  ['says 500 and why, and closes', saying('500 5.5.1 Invalid command: Pipelining not supported', true)],
  ['says 500 without a reason', saying('500 Syntax error')],
  ['says 502, and closes', saying('502 5.5.2 Error: command not recognized', true)],
  ['works on DATA alone', saying('554 5.5.1 Error: no valid recipients')],
  ['works on DATA alone, and has no enhanced codes', saying('554 no valid recipients')],
  ['says 503', saying('503 5.5.1 Bad sequence of commands')],
  ['says 554, and closes', saying('554 SMTP synchronization error', true)],
  ['says 421 and why, and closes', saying('421 4.7.0 Command pipelining is not allowed here', true)],
  [
    'refuses only DATA',
    toTogether((lines, { say }) => {
      if (!lines.includes('DATA')) return lines
      queueMicrotask(() =>
        say('503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining'),
      )
      return lines.filter((line) => line !== 'DATA')
    }),
  ],
  [
    'says 500 to each command but the first',
    toTogether((lines, { say }) => {
      queueMicrotask(() => lines.slice(1).map(() => say('500 5.5.2 Unknown command')))
      return lines.slice(0, 1)
    }),
  ],
]

describe.concurrent('a server that offers PIPELINING, and', () => {
  it.each(PIPELINING_LIES)('%s, gets the message once, one command at a time', async (_how, commands) => {
    await using server = await lyingServer({ offers: PIPELINING, commands })
    const transport = client(server)
    const delivery = await transport.send(message({ subject: 'first' }))
    expect(delivery.failures).toMatchObject([{ delivered: 'none' }])
    expect(delivery.failures[0]!.hint).toContain('`pipelining: false`')
    expect((await transport.send(message({ subject: 'second' }))).failures).toEqual([])
    expect(server.taken).toEqual(['first', 'second'])
    expect(server.commands).toHaveLength(2)
    await transport.close!()
  })

  it.each(PIPELINING_LIES)('%s, gets each of many messages once', async (_how, commands) => {
    await using server = await lyingServer({ offers: PIPELINING, commands })
    const transport = client(server, { pool: { connections: 3 } })
    const subjects = Array.from({ length: 20 }, (_, n) => `m${n}`)
    await Promise.all(subjects.map((subject) => transport.send(message({ subject }))))
    expect(server.taken.toSorted()).toEqual(subjects.toSorted())
    await transport.close!()
  })

  it.each(PIPELINING_LIES)('%s, is not asked so with pipelining: false', async (_how, commands) => {
    await using server = await lyingServer({ offers: PIPELINING, commands })
    const transport = client(server, { pipelining: false })
    expect((await transport.send(message({ subject: 'first' }))).failures).toEqual([])
    expect(server.commands).toHaveLength(1)
    await transport.close!()
  })
})

const toChunks =
  (reply: string | undefined, closes = false): Lies['chunk'] =>
  (_command, { say, socket }) => {
    if (reply !== undefined) say(reply)
    if (closes) socket.end()
    return true
  }

const CHUNKING_LIES: [how: string, chunk: Lies['chunk']][] = [
  ['does not know BDAT', toChunks('500 5.5.2 Error: command not recognized')],
  ['does not know BDAT, and closes', toChunks('500 Unrecognized command', true)],
  ['has not implemented BDAT', toChunks('502 5.5.1 Command not implemented')],
  ['wants DATA', toChunks('503 5.5.1 Bad sequence of commands')],
  ['does not like its parameters', toChunks('501 5.5.4 Syntax error in parameters')],
  ['says 504', toChunks('504 Command parameter not implemented')],
  ['says that it does not allow BDAT', toChunks('554 5.7.0 BDAT is not allowed')],
  ['says so for now', toChunks('451 4.3.0 CHUNKING is switched off')],
]

const big = (subject: string): Message => message({ subject, text: 'A line of text.\n'.repeat(8_000) })
const SIZES: [what: string, make: (subject: string) => Message, options: Partial<SmtpOptions>][] = [
  ['a large message', big, {}],
  ['a streamed message', (subject) => large({ subject }), {}],
  ['a message in a window', (subject) => message({ subject }), { pool: { connections: 1, window: 8 } }],
]

describe.concurrent.each(SIZES)('a server that offers CHUNKING, gets %s, and', (_what, make, options) => {
  it.each(CHUNKING_LIES)('%s, gets it once, after DATA', async (_how, chunk) => {
    await using server = await lyingServer({ offers: CHUNKING, chunk })
    const transport = client(server, options)
    const delivery = await transport.send(make('first'))
    expect(delivery.failures).toMatchObject([{ stage: 'body', delivered: 'none' }])
    expect(delivery.failures[0]!.hint).toContain('`chunking: false`')
    expect((await transport.send(make('second'))).failures).toEqual([])
    expect(server.taken).toEqual(['first', 'second'])
    expect(server.commands).toHaveLength(2)
    await transport.close!()
  })

  it('is not asked so with chunking: false', async () => {
    await using server = await lyingServer({ offers: CHUNKING, chunk: toChunks('500 What?') })
    const transport = client(server, { ...options, chunking: false })
    expect((await transport.send(make('first'))).failures).toEqual([])
    await transport.close!()
  })
})

describe.concurrent('a server that offers CHUNKING and does not answer', () => {
  it.each(SIZES.slice(0, 2))('the first line of %s gets it once, after DATA', async (_what, make) => {
    await using server = await lyingServer({ offers: CHUNKING, chunk: toChunks(undefined) })
    const transport = client(server)
    const delivery = await transport.send(make('first'))
    expect(delivery.failures).toMatchObject([{ code: 'body/timeout', delivered: 'none' }])
    expect((await transport.send(make('second'))).failures).toEqual([])
    expect(server.taken).toEqual(['first', 'second'])
    await transport.close!()
  })

  it.each(SIZES)(
    'the last chunk of %s may have it; the next goes after DATA',
    async (_what, make, options) => {
      await using server = await lyingServer({
        offers: CHUNKING,
        chunk: (command) => command.endsWith('LAST'),
      })
      const transport = client(server, options)
      const error = await failure(transport, make('first'))
      expect(error).toMatchObject({ code: 'body/timeout', delivered: 'unknown', retryable: false })
      expect(error.hint).toContain('may have been delivered')
      expect(error.hint).toContain('`chunking: false`')
      await transport.send(make('second'))
      expect(server.taken).toEqual(['second'])
      await transport.close!()
    },
  )

  it('the last chunk is not a sign that several commands at once work', async () => {
    await using server = await lyingServer({
      offers: CHUNKING,
      commands: (lines, { id, say }) => {
        if (id === 1 || lines.length === 1) return lines
        say('503 5.5.1 Bad sequence of commands')
        return []
      },
      chunk: (command, { id }) => id > 1 && command.endsWith('LAST'),
    })
    const transport = client(server, { pool: { messagesPerConnection: 1 } })
    await transport.send(big('first'))
    expect(await failure(transport, big('second'))).toMatchObject({ delivered: 'unknown' })
    expect((await transport.send(message({ subject: 'third' }))).failures).toEqual([])
    expect(server.taken).toEqual(['first', 'third'])
    await transport.close!()
  })

  it('in a window, leaves only one message in doubt', async () => {
    await using server = await lyingServer({ offers: CHUNKING, chunk: toChunks(undefined) })
    const transport = client(server, { pool: { connections: 1, window: 16 } })
    const subjects = Array.from({ length: 12 }, (_, n) => `m${n}`)
    const sent = await Promise.allSettled(subjects.map((subject) => transport.send(message({ subject }))))
    expect(sent.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { delivered: 'unknown' } },
    ])
    expect(server.taken.toSorted()).toEqual(subjects.slice(1).toSorted())
    await transport.close!()
  })
})

describe.concurrent('a server that no longer accepts several commands in a window', () => {
  it('and says so to the recipient, gets the message once, one command at a time', async () => {
    const closed = new Set<number>()
    await using server = await lyingServer({
      offers: CHUNKING,
      commands: (lines, { id, say, socket }) => {
        if (lines.length < 3) return lines
        say('250 Ok\r\n250 Ok\r\n554 SMTP synchronization error')
        socket.end()
        closed.add(id)
        return []
      },
      chunk: (_command, { id }) => closed.has(id),
    })
    const transport = client(server, { pool: { connections: 1, window: 4 } })
    await transport.send(message({ subject: 'first' }))
    const { failures } = await transport.send(message({ subject: 'second' }))
    expect(failures).toMatchObject([{ stage: 'rcpt-to', delivered: 'none' }])
    expect(failures[0]!.hint).toContain('`pipelining: false`')
    expect(server.taken).toEqual(['first', 'second'])
    await transport.close!()
  })
})

describe.concurrent('content that a server without BDAT would take for commands', () => {
  it.each(['MAIL FROM:<x@evil.example>', 'rcpt to:<x@evil.example>', 'DATA', 'BDAT 5 LAST'])(
    'does not reach it: %s',
    async (line) => {
      const orders: string[] = []
      await using server = await lyingServer({
        offers: CHUNKING,
        commands: (lines) => (orders.push(...lines), lines),
        // The content stays in the stream of commands.
        chunk: (_command, { say }) => {
          say('500 5.5.2 Unknown command')
          return true
        },
      })
      const transport = client(server, { pool: { connections: 1, window: 4 } })
      await transport.send(message({ subject: 'first', text: `Hello\n${line}\nBye` }))
      const [chunks] = server.commands
      const sizes = chunks!.filter((each) => each.startsWith('BDAT')).map((each) => each.split(' ').slice(1))
      expect(sizes).toHaveLength(1)
      // Only the first line of the header.
      expect(Number(sizes[0]![0])).toBeLessThan(100)
      expect(sizes[0]).toHaveLength(1)
      await transport.close!()
    },
  )
})

describe.concurrent('an extension is not blamed', () => {
  const replies = (verb: string, reply: string, from = 1): Lies => {
    let seen = 0
    return {
      offers: PIPELINING,
      commands: (lines, { say }) => {
        const at = lines.findIndex((line) => line.startsWith(verb))
        if (at < 0 || ++seen < from) return lines
        queueMicrotask(() => lines.slice(at).map((_, n) => say(n === 0 ? reply : '503 5.5.1 Out of order')))
        return lines.slice(0, at)
      },
    }
  }

  it.each([
    ['a sender that is refused', 'MAIL', '550 5.1.8 Who is that?', 'mail-from'],
    ['a log-in that is missing', 'MAIL', '503 5.5.1 Authentication required', 'mail-from'],
    ['STARTTLS that is missing', 'MAIL', '530 5.7.0 Must issue a STARTTLS command first', 'mail-from'],
    ['a recipient that is refused', 'RCPT', '550 5.1.1 Nobody', 'rcpt-to'],
    ['a recipient that is refused for now', 'RCPT', '450 4.2.0 Greylisted', 'rcpt-to'],
    ['a rule for the content', 'DATA', '503 5.7.0 Not from here', 'data'],
    ['a server that closes', 'MAIL', '421 4.3.2 Shutting down', 'mail-from'],
  ])('for %s', async (_what, verb, reply, stage) => {
    await using server = await lyingServer(replies(verb, reply))
    const transport = client(server)
    expect(await failure(transport)).toMatchObject({ stage, failures: [] })
    expect(server.commands).toHaveLength(1)
    await transport.close!()
  })

  it('for silence after it has worked', async () => {
    let pieces = 0
    await using server = await lyingServer({
      offers: PIPELINING,
      commands: (lines) => (lines[0]!.startsWith('MAIL') && ++pieces > 1 ? [] : lines),
    })
    const transport = client(server)
    await transport.send(message())
    expect(await failure(transport)).toMatchObject({ code: 'mail-from/timeout', failures: [] })
    await transport.close!()
  })

  it('for what happens without it as well, and is used again', async () => {
    let answers = false
    await using server = await lyingServer({
      offers: PIPELINING,
      commands: (lines, { say }) => {
        if (answers || !lines[0]!.startsWith('MAIL')) return lines
        say('503 5.5.1 Bad sequence of commands')
        return []
      },
    })
    const transport = client(server)
    expect((await failure(transport)).failures).toHaveLength(1)
    expect((await failure(transport)).failures).toEqual([])
    expect(server.commands).toHaveLength(2)
    answers = true
    await transport.send(message())
    expect(server.commands.at(-1)!.join(' ')).toContain('DATA')
    await transport.close!()
  })

  it('where the caller gave up soon', async () => {
    await using server = await lyingServer({
      offers: PIPELINING,
      commands: (lines) => (lines.length > 1 ? [] : lines),
    })
    const transport = client(server)
    const controller = new AbortController()
    const failing = failure(transport, message(), { signal: controller.signal })
    await expect.poll(() => server.commands[0]?.length).toBeGreaterThan(1)
    controller.abort()
    expect((await failing).hint).not.toContain('pipelining')
    await transport.close!()
  })

  it('and content that can be read only once is not sent twice', async () => {
    await using server = await lyingServer({ offers: CHUNKING, chunk: toChunks('502 Not implemented') })
    const transport = client(server)
    const once = (async function* () {
      yield Buffer.alloc(100_000, 'x')
    })()
    const error = await failure(transport, message({ attachments: [{ filename: 'a', content: once }] }))
    expect(error).toMatchObject({ stage: 'body', delivered: 'none', retryable: false })
    expect(error.hint).toContain('`chunking: false`')
    await transport.send(big('second'))
    expect(server.taken).toEqual(['second'])
    await transport.close!()
  })
})
