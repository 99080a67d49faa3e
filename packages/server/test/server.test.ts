import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { certificates, closedPort, startServer } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { connectTo, greeted } from './raw-client.ts'

describe('listening and closing', () => {
  test('close destroys every connection, frees the port, and can be called again', async () => {
    const server = await startServer()
    using client = await greeted(server)
    await Promise.all([server.close(), server.close()])
    await server.close()
    await client.end()
    await using next = await startServer({ port: server.port })
    expect(next.port).toBe(server.port)
  })

  test('close ends connections that are stalled, paused, in a handshake or in a delay', async () => {
    const server = await startServer({
      caps: ['STARTTLS'],
      on: { NOOP: { stall: true }, RSET: { pauseRead: true }, VRFY: { delay: 600_000, then: 'x' } },
    })
    const clients = await Promise.all([greeted(server), greeted(server), greeted(server), greeted(server)])
    const lines = ['NOOP', 'RSET', 'VRFY a', 'STARTTLS']
    clients.forEach((client, at) => client.write(`${lines[at]}\r\n`))
    await Promise.all(lines.map((line) => server.waitFor('command', (command) => command.line === line)))
    await server.close()
    await Promise.all(clients.map((client) => client.end()))
    expect(server.connections.every(({ closedAt }) => closedAt)).toBe(true)
  })

  test('startServer rejects if the port is in use', async () => {
    await using server = await startServer()
    await expect(startServer({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  const loopbacks = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address))
  test.skipIf(!loopbacks.includes('::1'))('it listens on IPv6 if asked', async () => {
    await using server = await startServer({ host: '::1' })
    expect(server.url).toBe(`smtp://[::1]:${server.port}`)
    using client = await connectTo(server)
    expect(await client.reply()).toMatch(/^220/)
  })

  test('closedPort refuses connections', async () => {
    const [error] = (await once(connect(await closedPort(), '127.0.0.1'), 'error').catch((e) => [e])) as [
      object,
    ]
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test.each(['NOOP\r\n', 'EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nhalf', ''])(
    'a client that resets after %j is on record, and the next one served',
    async (sent) => {
      await using server = await startServer()
      using client = await connectTo(server)
      await client.reply()
      client.write(sent)
      const noticed = sent === '' ? undefined : await server.waitFor('command')
      expect(noticed?.connection.id).toBe(sent === '' ? undefined : 1)
      client.socket.resetAndDestroy()
      const { error } = await server.waitFor('close')
      expect(error).toMatchObject({ code: 'ECONNRESET' })
      using next = await greeted(server)
      expect(await next.ask('NOOP')).toBe('250 2.0.0 Ok')
    },
  )

  test('the certificates are PEM', () => {
    const { ca, ...pairs } = certificates
    expect(ca).toMatch(/^-----BEGIN CERTIFICATE-----/)
    for (const { key, cert } of Object.values(pairs)) {
      expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----/)
      expect(cert).toMatch(/^-----BEGIN CERTIFICATE-----/)
    }
  })
})
