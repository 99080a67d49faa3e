import { once } from 'node:events'
import { connect } from 'node:net'
import { startHttpServer } from '@loudmail/server/http'
import { describe, expect, test } from 'vitest'
import { connectTo } from '../raw-client.ts'
import { exchange, nextAnswer, post } from './raw-http.ts'

describe('a request', () => {
  test('is recorded as it came', async () => {
    await using server = await startHttpServer()
    const before = new Date()
    await fetch(`${server.url}/v3/a%20b/send?to=bob%40rcpt.example&to=2`, {
      method: 'PUT',
      headers: { Authorization: 'Bearer k', 'X-Many': 'a, b' },
      body: '{"subject":"Grüße"}',
    })
    const [request] = server.requests
    expect(request).toMatchObject({
      id: 1,
      connection: 1,
      tls: false,
      method: 'PUT',
      target: '/v3/a%20b/send?to=bob%40rcpt.example&to=2',
      path: '/v3/a%20b/send',
      headers: { authorization: 'Bearer k', 'x-many': 'a, b', 'content-length': '21' },
      complete: true,
      answered: 200,
      json: { subject: 'Grüße' },
    })
    expect(request?.query.getAll('to')).toEqual(['bob@rcpt.example', '2'])
    expect(request?.body).toEqual(Buffer.from('{"subject":"Grüße"}'))
    expect(request?.beganAt.getTime()).toBeGreaterThanOrEqual(before.getTime())
    expect(request?.json).toBe(request?.json)
  })

  test('without a query and a body has empty ones', async () => {
    await using server = await startHttpServer()
    await fetch(`${server.url}/`)
    expect(server.requests[0]?.path).toBe('/')
    expect([...server.requests[0]!.query]).toEqual([])
    expect(server.requests[0]?.body).toHaveLength(0)
    expect(() => server.requests[0]?.json).toThrow(SyntaxError)
  })

  test('whose headers repeat has them joined', async () => {
    await using server = await startHttpServer()
    await exchange(server, 'GET / HTTP/1.1\r\nA: 1\r\na:2 \r\nconnection: close\r\n\r\n')
    expect(server.requests[0]?.headers['a']).toBe('1, 2')
  })

  test('in chunks has its body put together, whatever the pieces that it came in', async () => {
    await using server = await startHttpServer()
    using client = await connectTo(server)
    const octets =
      'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\nA\r\n\r\n, world!\r\n0\r\nTrailer: x\r\n\r\n'
    for (const octet of octets) {
      client.write(octet)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await nextAnswer(client)).status).toBe(200)
    expect(server.requests[0]?.body.toString()).toBe('hello\r\n, world!')
  })

  test('whose body is a stream comes whole', async () => {
    await using server = await startHttpServer()
    const body = new Blob(['a'.repeat(300_000), 'b'.repeat(300_000)]).stream()
    await fetch(server.url, { method: 'POST', body, duplex: 'half' })
    expect(server.requests[0]?.headers['transfer-encoding']).toBe('chunked')
    expect(server.requests[0]?.body.toString()).toBe('a'.repeat(300_000) + 'b'.repeat(300_000))
  })

  test.each([
    ['a length', post('', '/', { 'content-length': '10' })],
    ['chunks', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n'],
  ])('that the client ends early is not complete, with %s', async (_framing, head) => {
    await using server = await startHttpServer()
    const socket = connect(server.port, server.host)
    socket.end(`${head}hel`)
    await once(socket.resume(), 'close')
    expect(server.requests).toMatchObject([{ complete: false }])
    expect(server.requests[0]?.body.toString()).toBe('hel')
    expect(server.requests[0]?.answered).toBeUndefined()
  })

  test.each([
    ['no first line of HTTP', 'hello\r\n\r\n', /"hello" is not the first line/],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /not the first line/],
    ['a line that is no header', 'GET / HTTP/1.1\r\na b\r\n\r\n', /not a header/],
    ['a length that is no number', 'GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n', /Content-Length/],
    ['an encoding that is not chunked', 'GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n', /chunked/],
    [
      'a chunk without a size',
      'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n',
      /size of a chunk/,
    ],
    [
      'a chunk that is too long',
      'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
      /longer than its size/,
    ],
    [
      'a head without an end',
      `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(12_000)}`,
      /head of the request is too long/,
    ],
  ])('with %s is answered with 400', async (_what, octets, message) => {
    await using server = await startHttpServer()
    const { heard } = await exchange(server, octets)
    expect(heard.toString()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(server.connections[0]?.error?.message).toMatch(message)
  })
})

describe('a connection', () => {
  test('is recorded with its requests and its octets', async () => {
    await using server = await startHttpServer()
    using client = await connectTo(server)
    client.write(`${post('one')}\r\n${post('two')}`)
    await nextAnswer(client)
    await nextAnswer(client)
    client.socket.end()
    const connection = await server.waitFor('close')
    expect(connection).toMatchObject({ id: 1, requests: 2, octetsReceived: 2 * post('one').length + 2 })
    expect(connection.closedAt?.getTime()).toBeGreaterThanOrEqual(connection.openedAt.getTime())
    expect(connection.tlsVersion).toBeUndefined()
  })

  test('that the client resets has the error', async () => {
    await using server = await startHttpServer({ stall: true })
    using client = await connectTo(server)
    client.write(post('one'))
    await server.waitFor('request')
    client.socket.resetAndDestroy()
    expect((await server.waitFor('close')).error).toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('events', () => {
  test('can be waited for before and after they happen', async () => {
    await using server = await startHttpServer()
    const coming = server.waitFor('request', ({ path }) => path === '/second')
    await fetch(`${server.url}/first`)
    await fetch(`${server.url}/second`)
    expect((await coming).id).toBe(2)
    expect((await server.waitFor('head', ({ path }) => path === '/first')).id).toBe(1)
    expect((await server.waitFor('connection')).id).toBe(1)
  })

  test('a request that has not come whole is a head and no request', async () => {
    await using server = await startHttpServer({ close: 'fin', after: 2 })
    const heard: string[] = []
    server.on('head', () => heard.push('head'))
    server.on('request', () => heard.push('request'))
    await exchange(server, post('hello'))
    expect(heard).toEqual(['head'])
    await server.waitFor('head')
    const never = server.waitFor('request', undefined, { signal: AbortSignal.abort(new Error('no longer')) })
    await expect(never).rejects.toThrow('no longer')
  })

  test('listeners hear each of them until they are removed', async () => {
    await using server = await startHttpServer()
    const heard: string[] = []
    const stop = server.on('request', ({ path }) => heard.push(path))
    await fetch(`${server.url}/one`)
    stop()
    await fetch(`${server.url}/two`)
    expect(heard).toEqual(['/one'])
  })

  test('clear() forgets requests and closed connections', async () => {
    await using server = await startHttpServer()
    using client = await connectTo(server)
    await exchange(server, post('', '/', { connection: 'close' }))
    await server.waitFor('close')
    server.clear()
    expect(server.requests).toEqual([])
    expect(server.connections.map(({ id }) => id)).toEqual([1])
    client.write(post(''))
    await nextAnswer(client)
    expect(server.requests.map(({ id }) => id)).toEqual([2])
  })
})
