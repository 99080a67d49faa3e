import { once } from 'node:events'
import { Agent, request as httpsRequest } from 'node:https'
import { connect, type ConnectionOptions } from 'node:tls'
import { certificates, type CertificateName } from '@loudmail/server'
import { startHttpServer, type HttpServer, type HttpServerOptions } from '@loudmail/server/http'
import { describe, expect, test } from 'vitest'
import { connectTo } from '../raw-client.ts'
import { post } from './raw-http.ts'

/** Sends a request by node:https, verifies the certificate, and returns the status. */
async function statusOf(server: HttpServer, options: ConnectionOptions = {}): Promise<number | undefined> {
  const agent = new Agent({ ca: server.ca, servername: 'localhost', ...options })
  const request = httpsRequest(server.url, { method: 'POST', agent }).end('{}')
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
  response.resume()
  await once(response, 'end')
  agent.destroy()
  return response.statusCode
}

test('requests go over TLS, with the certificate of the test authority', async () => {
  await using server = await startHttpServer({ status: 202 }, { tls: true })
  expect(server.url).toBe(`https://127.0.0.1:${server.port}`)
  expect(await statusOf(server)).toBe(202)
  expect(server.requests[0]).toMatchObject({ tls: true, complete: true, json: {} })
  expect(server.connections[0]).toMatchObject({ tlsVersion: 'TLSv1.3', serverName: 'localhost' })
})

describe('certificates', () => {
  test.each<[name: CertificateName, code: string]>([
    ['selfsigned', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wronghost', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('%s makes a verifying client say %s', async (tls, code) => {
    await using server = await startHttpServer({ status: 200 }, { tls })
    await expect(statusOf(server)).rejects.toMatchObject({ code })
    expect(server.requests).toEqual([])
  })
})

test('options of the TLS context override those of the certificate', async () => {
  const tlsOpts = { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' } as const
  await using server = await startHttpServer({ status: 200 }, { tls: true, tlsOpts })
  expect(await statusOf(server, certificates.client)).toBe(200)
  expect(server.connections[0]?.tlsVersion).toBe('TLSv1.2')
  await expect(statusOf(server)).rejects.toThrow(/handshake/)
})

test('a client that offers HTTP/2 gets HTTP/1.1', async () => {
  await using server = await startHttpServer({ status: 200 }, { tls: true })
  const socket = connect({
    port: server.port,
    ca: server.ca,
    servername: 'localhost',
    ALPNProtocols: ['h2', 'http/1.1'],
  })
  await once(socket, 'secureConnect')
  expect(socket.alpnProtocol).toBe('http/1.1')
  socket.destroy()
})

test('a client that does not speak TLS is recorded', async () => {
  await using server = await startHttpServer({ status: 200 }, { tls: true })
  using client = await connectTo(server)
  client.write(post(''))
  await client.end()
  expect((await server.waitFor('close')).error).toMatchObject({ code: 'ERR_SSL_HTTP_REQUEST' })
})

test.each(['fin', 'reset'] as const)('a connection may end with a %s before the handshake', async (close) => {
  await using server = await startHttpServer({ close, after: 'connect' }, { tls: true })
  await expect(statusOf(server)).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('a handshake may never be answered', async () => {
  await using server = await startHttpServer([{ stall: 'connect' }, { status: 200 }], { tls: true })
  const silent = connect({ port: server.port, ca: server.ca, servername: 'localhost' })
  const ended = once(silent, 'secureConnect')
  await server.waitFor('connection')
  expect(await statusOf(server)).toBe(200)
  silent.destroy(new Error('nothing came'))
  await expect(ended).rejects.toThrow('nothing came')
})

test.each<[options: unknown, message: string]>([
  [{ tls: 'self-signed' }, '"tls" must be true, false, or one of good, selfsigned, expired and wronghost'],
  [{ cert: 'good' }, 'Unknown option "cert" of the HTTP server; the options are port, host, tls, tlsOpts'],
])('%j are no options', async (options, message) => {
  await expect(startHttpServer({ status: 200 }, options as HttpServerOptions)).rejects.toThrow(message)
})
