import { closedPort } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { everything, failure, failureOf, message, scene } from './scene.ts'
import { httpProxy, socksProxy } from './tiny-proxies.ts'

const PASSWORD = 'pröxy p@ss:w0rd'
const USER = 'proxy user'
const LOGIN = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}@`
const BASIC_TOKEN = Buffer.from(`${USER}:${PASSWORD}`).toString('base64')

// The socket is paused behind the proxy's answer and nobody resumes it: without TLS from the start, the greeting is
// never read.
describe.concurrent('an HTTP proxy', () => {
  it('is asked to CONNECT, and the message goes through it', async () => {
    await using proxy = await httpProxy(() => undefined)
    await using here = await scene({}, { proxy: `http://127.0.0.1:${proxy.port}` })
    await here.transport.send(message())
    expect(here.server.messages).toHaveLength(1)
    expect(proxy.asked[0]).toMatch(
      new RegExp(`^CONNECT 127\\.0\\.0\\.1:${here.server.port} HTTP/1\\.1\\r\\n`),
    )
    expect(proxy.asked[0]).not.toContain('Proxy-Authorization')
  })

  it('carries TLS from the first byte', async () => {
    await using proxy = await httpProxy(() => undefined)
    await using here = await scene({ tls: 'implicit' }, { proxy: `http://127.0.0.1:${proxy.port}` })
    await here.transport.send(message())
    expect(here.server.messages[0]!.tls).toBe(true)
  })

  it('carries STARTTLS', async () => {
    await using proxy = await httpProxy(() => undefined)
    await using here = await scene(
      { caps: ['STARTTLS'] },
      { tls: 'starttls', proxy: `http://127.0.0.1:${proxy.port}` },
    )
    await here.transport.send(message())
    expect(here.server.messages[0]!.tls).toBe(true)
  })

  it('gets the credentials of the URL, decoded', async () => {
    await using proxy = await httpProxy(() => undefined)
    await using here = await scene({}, { proxy: `http://${LOGIN}127.0.0.1:${proxy.port}` })
    await here.transport.send(message())
    expect(proxy.asked[0]).toContain(`Proxy-Authorization: Basic ${BASIC_TOKEN}\r\n`)
  })

  it('that sends the greeting together with its answer loses none of it', async () => {
    await using proxy = await httpProxy((_, client) => {
      client.write('HTTP/1.1 200 Ok\r\n\r\n220 localhost ESMTP\r\n')
      client.on('data', () => client.write('421 4.3.2 Enough\r\n'))
      return ''
    })
    await using here = await scene({}, { proxy: `http://127.0.0.1:${proxy.port}` })
    expect(await failure(here.transport)).toMatchObject({ stage: 'ehlo', reply: { code: 421 } })
  })

  it.each([
    ['wants other credentials', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', '407'],
    ['forbids it', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', '403'],
    ['cannot reach the server', 'HTTP/1.0 502 Bad Gateway\r\n\r\n', '502'],
    ['speaks something else', 'SSH-2.0-OpenSSH_9.9\r\n\r\n', 'does not speak HTTP'],
    ['says too much', 'x'.repeat(20_000), 'too long'],
  ])('that %s is connect/proxy with its words', async (_, answer, words) => {
    await using proxy = await httpProxy(() => answer)
    await using here = await scene({}, { proxy: `http://${LOGIN}127.0.0.1:${proxy.port}` })
    for (const error of [await failure(here.transport), await failureOf(here.transport.verify!())]) {
      expect(error).toMatchObject({ code: 'connect/proxy', delivered: 'none' })
      expect(error.message).toContain(words)
    }
    expect(here.server.connections).toEqual([])
  })

  it('that closes is connect/proxy', async () => {
    await using proxy = await httpProxy((_, client) => {
      client.end()
      return ''
    })
    await using here = await scene({}, { proxy: `http://127.0.0.1:${proxy.port}` })
    expect((await failure(here.transport)).code).toBe('connect/proxy')
  })

  it('that is not there is connect/proxy', async () => {
    await using here = await scene({}, { proxy: `http://127.0.0.1:${await closedPort()}` })
    expect((await failure(here.transport)).code).toBe('connect/proxy')
  })

  it('that stalls is connect/timeout', async () => {
    await using proxy = await httpProxy(() => '')
    await using here = await scene(
      {},
      { proxy: `http://127.0.0.1:${proxy.port}`, timeouts: { connect: 300 } },
    )
    expect((await failure(here.transport)).code).toBe('connect/timeout')
  })
})

describe.concurrent('a SOCKS5 proxy', () => {
  it('is asked for the server, and the message goes through it', async () => {
    await using proxy = await socksProxy()
    await using here = await scene({}, { proxy: `socks5://127.0.0.1:${proxy.port}` })
    await here.transport.send(message())
    expect(here.server.messages).toHaveLength(1)
    expect(proxy.asked).toEqual([`127.0.0.1:${here.server.port}`])
  })

  it('looks the host name up itself', async () => {
    await using proxy = await socksProxy()
    await using here = await scene({}, { host: 'localhost', proxy: `socks5://127.0.0.1:${proxy.port}` })
    await here.transport.send(message())
    expect(proxy.asked).toEqual([`localhost:${here.server.port}`])
  })

  it('gets the credentials of the URL, decoded', async () => {
    await using proxy = await socksProxy({ login: `${USER}:${PASSWORD}` })
    await using here = await scene({}, { proxy: `socks5://${LOGIN}127.0.0.1:${proxy.port}` })
    await here.transport.send(message())
    expect(here.server.messages).toHaveLength(1)
  })

  it.each([
    ['takes other credentials', { login: 'other:login' }, LOGIN],
    ['wants credentials where none are given', { login: 'other:login' }, ''],
    ['forbids it', { status: 2 }, LOGIN],
    ['finds nothing at the other end', { status: 5 }, LOGIN],
  ])('that %s is connect/proxy', async (_, options, login) => {
    await using proxy = await socksProxy(options)
    await using here = await scene({}, { proxy: `socks5://${login}127.0.0.1:${proxy.port}` })
    expect(await failure(here.transport)).toMatchObject({ code: 'connect/proxy', delivered: 'none' })
    expect(here.server.connections).toEqual([])
  })

  // The library's "Proxy connection timed out" is told as connect/proxy.
  it('that stalls is connect/timeout', async () => {
    await using proxy = await httpProxy(() => '')
    await using here = await scene(
      {},
      { proxy: `socks5://127.0.0.1:${proxy.port}`, timeouts: { connect: 300 } },
    )
    expect((await failure(here.transport)).code).toBe('connect/timeout')
  })
})

it.concurrent.each([
  [
    'http',
    () =>
      httpProxy((head) =>
        head.includes(`Basic ${Buffer.from('token:').toString('base64')}`)
          ? undefined
          : 'HTTP/1.1 407 No\r\n\r\n',
      ),
  ],
  ['socks5', () => socksProxy({ login: 'token:' })],
])('a user without a password is enough for a proxy (%s)', async (scheme, start) => {
  await using proxy = await start()
  await using here = await scene({}, { proxy: `${scheme}://token@127.0.0.1:${proxy.port}` })
  await here.transport.send(message())
  expect(here.server.messages).toHaveLength(1)
})

describe.concurrent('the password of a proxy', () => {
  it.each([
    [
      'http',
      () => httpProxy((head) => `HTTP/1.1 407 No: ${/Basic (\S+)/.exec(head)?.[1]} ${PASSWORD}\r\n\r\n`),
    ],
    ['socks5', () => socksProxy({ login: 'other:login' })],
  ])('stands nowhere in a failure (%s), also where the proxy repeats it', async (scheme, start) => {
    await using proxy = await start()
    await using here = await scene({}, { proxy: `${scheme}://${LOGIN}127.0.0.1:${proxy.port}` })
    for (const error of [await failure(here.transport), await failureOf(here.transport.verify!())]) {
      expect(error.code).toBe('connect/proxy')
      const shown = everything(error)
      for (const form of [
        PASSWORD,
        encodeURIComponent(PASSWORD),
        BASIC_TOKEN,
        Buffer.from(PASSWORD).toString('base64'),
      ])
        expect(shown).not.toContain(form)
    }
  })
})
