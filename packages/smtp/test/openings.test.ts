import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Mailer, MailError } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtp, type SmtpOptions } from '../src/index.ts'
import { failureOf, message } from './scene.ts'

/** A server that says something to each connection, by its number, and keeps their sockets. */
async function raw(serve: (socket: Socket, number: number) => void) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}).resume())
    serve(socket, sockets.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers commands as a plain server does. */
function answer(socket: Socket, replies: Record<string, string> = {}): void {
  let isContent = false
  let isTls = false
  socket.write('220 ready\r\n')
  socket.on('data', (bytes: Buffer) => {
    // A handshake is no command, although its random octets may look like the end of a line.
    if (isTls) return
    for (const line of bytes.toString('latin1').split('\r\n').slice(0, -1)) {
      const verb = line.slice(0, 4).toUpperCase()
      isTls = verb === 'STAR'
      if (isContent) {
        if (line !== '.') continue
        isContent = false
        socket.write('250 ok\r\n')
      } else if (replies[verb] !== undefined) socket.write(replies[verb])
      else if (verb === 'DATA') {
        isContent = true
        socket.write('354 go on\r\n')
      } else if (verb === 'QUIT') socket.end('221 bye\r\n')
      else socket.write('250 ok\r\n')
    }
  })
}

const nothing = (): void => {}
const login = { user: 'ann', pass: 'secret' }
const never = (): Promise<string> => new Promise(nothing)

/** Where an opening can come to a stop: what the server does, and the options that bring it there. */
const STATES: [string, (socket: Socket) => void, (port: number) => Partial<SmtpOptions>][] = [
  ['the look-up', nothing, () => ({ host: 'mail.example', lookup: nothing })],
  ['the answer of an HTTP proxy', nothing, (port) => ({ proxy: `http://127.0.0.1:${port}` })],
  ['the answer of a SOCKS5 proxy', nothing, (port) => ({ proxy: `socks5://127.0.0.1:${port}` })],
  ['the TLS handshake', nothing, () => ({ tls: 'implicit' })],
  ['the greeting', nothing, () => ({})],
  ['the answer to EHLO', (socket) => answer(socket, { EHLO: '' }), () => ({})],
  [
    'the handshake after STARTTLS',
    (socket) => answer(socket, { EHLO: '250-ok\r\n250 STARTTLS\r\n', STAR: '220 go\r\n' }),
    () => ({ tls: 'starttls' }),
  ],
  [
    'the answer to AUTH',
    (socket) => answer(socket, { EHLO: '250-ok\r\n250 AUTH PLAIN\r\n', AUTH: '' }),
    () => ({ auth: login }),
  ],
  ['an access token', nothing, () => ({ auth: { user: 'ann', accessToken: never } })],
]

describe.concurrent.each(STATES)('an opening that waits for %s', (_state, serve, optionsFor) => {
  const optionsOf = (port: number): SmtpOptions => ({
    host: '127.0.0.1',
    port,
    tls: 'none',
    allowInsecureAuth: true,
    ...optionsFor(port),
  })

  it('ends with the last message that waits for it, and close() waits for nobody', async () => {
    await using server = await raw(serve)
    const mailer = new Mailer({ transport: smtp(optionsOf(server.port)), deadlineMs: 250 })
    const error = await failureOf(mailer.send({ from: 'a@x.example', to: 'b@x.example', text: 'Hello' }))
    expect(error).toMatchObject({ kind: 'timeout', delivered: 'none' })
    const settledAt = performance.now()
    await mailer.close()
    // 100 ms are promised; the rest is for a busy machine.
    expect(performance.now() - settledAt).toBeLessThan(400)
    for (const socket of server.sockets)
      await expect.poll(() => socket.closed || socket.readableEnded).toBe(true)
  })

  it('ends with verify()', async () => {
    await using server = await raw(serve)
    const transport = smtp(optionsOf(server.port))
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 150)
    expect((await failureOf(transport.verify!({ signal: controller.signal }))).kind).toBe('aborted')
    for (const socket of server.sockets)
      await expect.poll(() => socket.closed || socket.readableEnded).toBe(true)
    await transport.close!()
  })
})

describe.concurrent('a message', () => {
  it('that comes after an opening whose message gave up has an opening of its own', async () => {
    await using server = await raw((socket, number) => number > 1 && answer(socket))
    const transport = smtp({ host: '127.0.0.1', port: server.port, pool: { connections: 1 } })
    const first = failureOf(transport.send(message(), { signal: AbortSignal.timeout(200) }))
    // It comes while the first opening is under way.
    await expect.poll(() => server.sockets.length).toBe(1)
    const second = transport.send(message())
    expect(await first).toMatchObject({ stage: 'greeting', kind: 'timeout' })
    expect((await second).state).toBe('sent')
    await transport.close!()
  })

  it('that comes while an opening is under way that then fails has an opening of its own', async () => {
    const refuse = Promise.withResolvers<void>()
    await using server = await raw((socket, number) => {
      if (number > 1) answer(socket)
      else void refuse.promise.then(() => socket.end('554 5.7.1 No\r\n'))
    })
    const transport = smtp({ host: '127.0.0.1', port: server.port, pool: { connections: 1 } })
    const first = failureOf(transport.send(message()))
    await expect.poll(() => server.sockets.length).toBe(1)
    const second = transport.send(message())
    refuse.resolve()
    expect((await first).stage).toBe('greeting')
    expect((await second).state).toBe('sent')
    await transport.close!()
  })

  it('that gives up takes no other with it', async () => {
    await using server = await startServer()
    const transport = smtp({ host: '127.0.0.1', port: server.port, pool: { connections: 1 } })
    const controller = new AbortController()
    const first = failureOf(transport.send(message(), { signal: controller.signal }))
    const others = Promise.all(Array.from({ length: 9 }, () => transport.send(message())))
    controller.abort()
    expect((await first).delivered).toBe('none')
    expect(await others).toHaveLength(9)
    expect(server.messages).toHaveLength(9)
    await transport.close!()
  })

  it('of thousands fails after a few rounds of connecting, where nobody is served', async () => {
    await using server = await raw((socket) => socket.end('421 4.3.2 Not today\r\n'))
    const transport = smtp({ host: '127.0.0.1', port: server.port, pool: { connections: 5 } })
    const sending = Array.from({ length: 2_000 }, () =>
      transport.send(message()).catch((error: unknown) => error),
    )
    const failures = await Promise.all(sending)
    expect(failures.every((error) => MailError.is(error, 'greeting/service-unavailable'))).toBe(true)
    expect(server.sockets.length).toBeLessThanOrEqual(15)
    await transport.close!()
  })

  it(
    'is served by another connection after the pause, too, where the refusal came first',
    { timeout: 30_000 },
    async () => {
      const greet = Promise.withResolvers<void>()
      await using server = await raw((socket, number) => {
        if (number === 1) void greet.promise.then(() => answer(socket, { MAIL: '' }))
        else if (number === 2) socket.end('421 4.7.0 Too many connections\r\n', () => greet.resolve())
        else answer(socket)
      })
      const transport = smtp({ host: '127.0.0.1', port: server.port, timeoutMs: 20_000 })
      const signal = AbortSignal.timeout(12_000)
      const ends = [1, 2].map(() =>
        transport.send(message(), { signal }).then(
          () => performance.now(),
          () => Infinity,
        ),
      )
      const startedAt = performance.now()
      // One of them waits for the answer that never comes.
      expect((await Promise.race(ends)) - startedAt).toBeLessThan(9_000)
      for (const socket of server.sockets) socket.destroy()
      await Promise.all(ends)
      await transport.close!()
    },
  )

  it(
    'is served by another connection once the pause after a refused one is over',
    { timeout: 30_000 },
    async () => {
      await using server = await raw((socket, number) => {
        if (number === 1) answer(socket, { MAIL: '' })
        else if (number === 2) socket.end('421 4.7.0 Too many connections\r\n')
        else answer(socket)
      })
      const transport = smtp({ host: '127.0.0.1', port: server.port, timeoutMs: 20_000 })
      const slow = transport.send(message(), { signal: AbortSignal.timeout(15_000) }).catch(nothing)
      await expect.poll(() => server.sockets.length).toBe(1)
      const startedAt = performance.now()
      expect((await transport.send(message())).state).toBe('sent')
      expect(performance.now() - startedAt).toBeLessThan(9_000)
      for (const socket of server.sockets) socket.destroy()
      await slow
      await transport.close!()
    },
  )
})
