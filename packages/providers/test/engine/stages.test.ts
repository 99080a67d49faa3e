import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closedPort } from '@loudmail/server'
import { startHttpServer } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { api, failure, message, statuses } from './scene.ts'

const SHORT = 80

describe('a connection that cannot be made has sent nothing, and the failure names the step', () => {
  it('the name does not exist', async () => {
    const error = await failure(api('https://mail-api.invalid').send(message()))
    expect(error).toMatchObject({ stage: 'dns', delivered: 'none', scope: 'transport' })
    expect(['host-not-found', 'dns-temporary']).toContain(error.kind)
    expect(error.hint).toContain('`url`')
    expect(statuses(error)).toEqual(['not-attempted', 'not-attempted'])
  })

  it('nothing listens', async () => {
    const error = await failure(api(`https://127.0.0.1:${await closedPort()}`).send(message()))
    expect(error).toMatchObject({
      code: 'connect/connection-refused',
      delivered: 'none',
      permanence: 'transient',
      retryable: true,
    })
    expect(error.hint).toContain('HTTPS_PROXY')
  })

  it('nothing listens, at a name', async () => {
    const error = await failure(api(`https://localhost:${await closedPort()}`).send(message()))
    expect(error.code).toBe('connect/connection-refused')
  })

  it('TLS is not answered', async () => {
    await using server = await startHttpServer({ stall: 'connect' }, { tls: true })
    const error = await failure(api(server.url, { timeouts: { tls: SHORT } }).send(message()))
    expect(error).toMatchObject({ code: 'tls/timeout', delivered: 'none', permanence: 'transient' })
    expect(error.summary).toContain(`${SHORT} ms`)
  })

  it.each(['fin', 'reset'] as const)('the connection ends before TLS: %s', async (close) => {
    await using server = await startHttpServer({ close, after: 'connect' }, { tls: true })
    const error = await failure(api(server.url).send(message()))
    expect(error).toMatchObject({ kind: 'connection-lost', delivered: 'none', permanence: 'transient' })
    // A reset can be there before the connection is.
    expect(close === 'fin' ? ['tls'] : ['connect', 'tls']).toContain(error.stage)
  })

  it.each([
    ['good', 'certificate-untrusted'],
    ['selfsigned', 'certificate-untrusted'],
    ['expired', 'certificate-expired'],
  ] as const)('the certificate is not trusted: %s', async (tls, kind) => {
    await using server = await startHttpServer(undefined, { tls })
    const error = await failure(api(server.url).send(message()))
    expect(error).toMatchObject({ stage: 'tls', delivered: 'none', permanence: 'permanent' })
    expect(error.kind).toBe(kind)
    if (kind === 'certificate-untrusted') expect(error.hint).toContain('NODE_EXTRA_CA_CERTS')
    expect(server.requests).toEqual([])
  })

  it('a server without TLS', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const error = await failure(api(`https://127.0.0.1:${port}`).send(message()))
    server.close()
    expect(error).toMatchObject({ code: 'tls/not-tls', delivered: 'none', permanence: 'permanent' })
    expect(error.hint).toContain('`url`')
  })

  it('a server with TLS that is asked without', async () => {
    await using server = await startHttpServer(undefined, { tls: true })
    const error = await failure(api(server.url.replace('https:', 'http:')).send(message()))
    expect(error.stage).toBe('submit')
    expect(['connection-lost', 'protocol']).toContain(error.kind)
  })
})

it('a port that fetch does not use is a mistake in the configuration', async () => {
  const error = await failure(api('http://127.0.0.1:6000').send(message()))
  expect(error).toMatchObject({ code: 'config/invalid-config', delivered: 'none' })
})

it('each step has its own time-out, and `timeoutMs` is for those without', async () => {
  await using server = await startHttpServer({ stall: true })
  const slow = api(server.url, { timeoutMs: 60_000, timeouts: { submit: SHORT } })
  expect(await failure(slow.send(message()))).toMatchObject({ code: 'submit/timeout' })
  const all = api(server.url, { timeoutMs: SHORT })
  expect(await failure(all.send(message()))).toMatchObject({ code: 'submit/timeout' })
})

it('verify() names the step as well', async () => {
  const refused = api(`https://127.0.0.1:${await closedPort()}`)
  expect(await failure(refused.verify!())).toMatchObject({ code: 'connect/connection-refused' })
  await using server = await startHttpServer({ stall: true })
  const stalled = api(server.url, { timeoutMs: SHORT })
  expect(await failure(stalled.verify!())).toMatchObject({ code: 'submit/timeout' })
})

it.each([
  ['a page', { status: 200, body: '<html>Log in to this network</html>' }],
  ['an answer that is cut off', { cutAt: 120, answer: { status: 200, body: { data: ['x'.repeat(500)] } } }],
])('verify() does not take %s for the API', async (_what, action) => {
  await using server = await startHttpServer(action)
  expect(await failure(api(server.url).verify!())).toMatchObject({
    code: 'submit/protocol',
    hint: expect.stringContaining('check the option `url`'),
  })
})
