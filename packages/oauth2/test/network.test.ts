import { createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { certificates, closedPort } from '@loudmail/server'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { clientCredentials } from '../src/index.ts'
import { everything, failureOf } from './failure-of.ts'
import { grant, startTokenServer } from './token-server.ts'

const CLIENT = { clientId: 'shop', clientSecret: 'S3cret-Value~x' }
const SHORT = 80

/** A server of bare TCP, for what an HTTP server would not do. */
async function rawServer(onSocket: (socket: Socket) => void): Promise<{ url: string } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

describe('a server that takes too long ends at the time-out', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['no answer', () => {}],
    ['half a status line', (socket) => socket.write('HTTP/1.1 2')],
    ['headers without an end', (socket) => socket.write(HEAD)],
    ['no body', (socket) => socket.write(`${HEAD}content-length: 40\r\n\r\n`)],
    ['half a body', (socket) => socket.write(`${HEAD}content-length: 40\r\n\r\n{"access_token":`)],
    [
      'a body in drops',
      (socket) => {
        socket.write(`${HEAD}content-length: 9999\r\n\r\n{`)
        const timer = setInterval(() => socket.write(' '), SHORT / 8)
        socket.on('close', () => clearInterval(timer))
      },
    ],
  ])('%s', async (_what, onSocket) => {
    await using server = await rawServer((socket) => socket.once('data', () => onSocket(socket)))
    const token = clientCredentials({ ...CLIENT, tokenUrl: server.url, timeoutMs: SHORT })
    const error = await failureOf(token())
    expect(error).toMatchObject({ code: 'auth/oauth-token', permanence: 'transient' })
    expect(error.summary).toContain(`did not answer within ${SHORT} ms`)
  })
})

describe('a connection that fails is transient', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['closed at once', (socket) => socket.end()],
    ['reset', (socket) => socket.resetAndDestroy()],
    ['not HTTP', (socket) => socket.end('220 mail.example ESMTP\r\n')],
    ['closed in the body', (socket) => socket.end(`${HEAD}content-length: 40\r\n\r\n{"access_token":`)],
  ])('%s', async (_what, onSocket) => {
    await using server = await rawServer((socket) => socket.once('data', () => onSocket(socket)))
    const error = await failureOf(clientCredentials({ ...CLIENT, tokenUrl: server.url })())
    expect(error).toMatchObject({ code: 'auth/oauth-token', permanence: 'transient' })
    expect(error.summary).toContain('the connection to the token server 127.0.0.1:')
    expect(error.cause).toBeInstanceOf(Error)
    expect(everything(error)).not.toContain(CLIENT.clientSecret)
  })

  it('nothing listens', async () => {
    const tokenUrl = `http://127.0.0.1:${await closedPort()}/token`
    const error = await failureOf(clientCredentials({ ...CLIENT, tokenUrl })())
    expect(error).toMatchObject({ code: 'auth/oauth-token', permanence: 'transient' })
    expect(error.summary).toContain('ECONNREFUSED')
  })

  it('the host does not exist', async () => {
    const tokenUrl = 'https://dev-12ab34cd56ef.invalid/token'
    const error = await failureOf(clientCredentials({ ...CLIENT, tokenUrl })())
    expect(error.summary).toContain('the token server dev-12ab34cd56ef.invalid failed: ')
    expect(error).toMatchObject({ code: 'auth/oauth-token', permanence: 'transient' })
    expect(error.hint).toContain('HTTPS_PROXY')
  })
})

it('a certificate that is not trusted is permanent, and the hint says what to do', async () => {
  const { key, cert } = certificates.selfsigned
  const server = createTlsServer({ key, cert }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const tokenUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  const error = await failureOf(clientCredentials({ ...CLIENT, tokenUrl })())
  server.close()
  expect(error).toMatchObject({ code: 'auth/oauth-token', permanence: 'permanent' })
  expect(error.hint).toContain('NODE_EXTRA_CA_CERTS')
})

describe('an answer that is no token', () => {
  it.each([301, 302, 303, 307, 308])('%d: a redirect is not followed', async (status) => {
    await using elsewhere = await startTokenServer()
    await using server = await startTokenServer({
      status,
      headers: { location: elsewhere.tokenUrl },
      body: {},
    })
    const error = await failureOf(clientCredentials({ ...CLIENT, tokenUrl: server.tokenUrl })())
    expect(error).toMatchObject({
      permanence: 'permanent',
      hint: expect.stringContaining('Check the address'),
    })
    expect(error.summary).toContain(`HTTP status ${status}, a redirect`)
    expect(elsewhere.requests).toEqual([])
  })

  it.each([
    ['HTML', 502, '<html>S3cret-Value~x</html>', 'transient', 'HTTP status 502'],
    ['HTML of a portal', 200, '<html>Please log in</html>', 'permanent', 'without an access token'],
    ['JSON that breaks off', 200, '{"access_token":"eyJ', 'permanent', 'without an access token'],
    ['nothing', 200, '', 'permanent', 'without an access token'],
    ['too much', 200, `{"access_token":"${'a'.repeat(70_000)}"}`, 'permanent', 'without an access token'],
  ])('%s', async (_what, status, text, permanence, words) => {
    await using server = await startTokenServer((response) => response.writeHead(status).end(text))
    const error = await failureOf(clientCredentials({ ...CLIENT, tokenUrl: server.tokenUrl })())
    expect(error.permanence).toBe(permanence)
    expect(error.summary).toContain(words)
    expect(everything(error)).not.toMatch(/html|eyJ|S3cret/)
  })

  it('without an end is not read to its end', async () => {
    await using server = await startTokenServer((response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
        response.once('drain', more)
      }
      more()
    })
    const error = await failureOf(clientCredentials({ ...CLIENT, tokenUrl: server.tokenUrl })())
    expect(error.summary).toContain('without an access token')
  })
})

it.each([Infinity, 1e12, 20_000.5])('a time-out of %d ms is possible', async (timeoutMs) => {
  await using server = await startTokenServer()
  expect(await clientCredentials({ ...CLIENT, tokenUrl: server.tokenUrl, timeoutMs })()).toBe('token-1')
})

it('a large answer that fits is read', async () => {
  const token = 'a'.repeat(60_000)
  await using server = await startTokenServer({ body: grant(token) })
  expect(await clientCredentials({ ...CLIENT, tokenUrl: server.tokenUrl })()).toBe(token)
})
