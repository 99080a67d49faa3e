import { once } from 'node:events'
import { connect } from 'node:net'
import { answerOctets, startHttpServer, type HttpAction } from '@loudmail/server/http'
import { describe, expect, test, vi } from 'vitest'
import { connectTo } from '../raw-client.ts'
import { exchange, nextAnswer, post } from './raw-http.ts'

test('without a script, every request is answered with an empty JSON object', async () => {
  await using server = await startHttpServer()
  const response = await fetch(`${server.url}/emails`, { method: 'POST', body: '{}' })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.json()).toEqual({})
})

describe('answers', () => {
  test('status, headers and body are those of the script', async () => {
    await using server = await startHttpServer({
      status: 429,
      headers: { 'Retry-After': '3', 'Set-Cookie': ['a=1', 'b=2'] },
      body: { message: 'slow down' },
    })
    const response = await fetch(server.url)
    expect(response.status).toBe(429)
    expect(response.statusText).toBe('Too Many Requests')
    expect(response.headers.get('retry-after')).toBe('3')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.json()).toEqual({ message: 'slow down' })
  })

  test('a connection is kept, and its requests are answered in their order, also if they come at once', async () => {
    await using server = await startHttpServer((request) => ({ status: 200, body: request.body.toString() }))
    using client = await connectTo(server)
    client.write(post('one') + post('two') + post('three'))
    expect(await nextAnswer(client)).toEqual({ status: 200, body: 'one' })
    expect(await nextAnswer(client)).toEqual({ status: 200, body: 'two' })
    expect(await nextAnswer(client)).toEqual({ status: 200, body: 'three' })
    expect(server.requests.map(({ id, connection }) => [id, connection])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ])
  })

  test.each<[who: string, request: string, answer: HttpAction]>([
    ['client', post('', '/', { connection: 'close' }), { status: 200 }],
    ['script', post(''), { status: 200, headers: { connection: 'close' } }],
  ])('the connection ends after the answer if the %s says so', async (_who, request, answer) => {
    await using server = await startHttpServer(answer)
    const { heard, end } = await exchange(server, request)
    expect(heard.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(end).toBe('fin')
  })

  test('a delayed answer comes after one that was asked for later', async () => {
    await using server = await startHttpServer([{ status: 200, delayMs: 200 }, { status: 200 }])
    const order: string[] = []
    const first = fetch(`${server.url}/first`).then(() => order.push('first'))
    await server.waitFor('request')
    const second = fetch(`${server.url}/second`).then(() => order.push('second'))
    await Promise.all([first, second])
    expect(order).toEqual(['second', 'first'])
  })

  test('a dripping answer comes whole, in pieces', async () => {
    const answer = { status: 200, body: 'drop by drop', headers: { connection: 'close' } }
    await using server = await startHttpServer({ ...answer, dripMs: 1 })
    using client = await connectTo(server)
    let pieces = 0
    client.socket.on('data', () => pieces++)
    client.write(post(''))
    await client.end()
    expect(client.heard).toEqual(Buffer.from(answerOctets(answer)))
    expect(pieces).toBeGreaterThan(10)
  })

  test('a request that expects 100-continue gets it before its body is read', async () => {
    await using server = await startHttpServer({ status: 201 })
    using client = await connectTo(server)
    client.write(post('', '/', { 'content-length': '4', expect: '100-continue' }))
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
    client.write('body')
    expect(await nextAnswer(client)).toEqual({ status: 201, body: '' })
  })
})

describe('scripts', () => {
  test('a list is gone through request by request, and its last action stays', async () => {
    await using server = await startHttpServer([{ status: 500 }, () => ({ status: 503 }), { status: 200 }])
    const statuses: number[] = []
    for (let request = 0; request < 4; request++) statuses.push((await fetch(server.url)).status)
    expect(statuses).toEqual([500, 503, 200, 200])
  })

  test('play() replaces the script, also while a connection is open, and begins a list with its first action', async () => {
    await using server = await startHttpServer([{ status: 500 }, { status: 503 }])
    using client = await connectTo(server)
    client.write(post(''))
    expect((await nextAnswer(client)).status).toBe(500)
    server.play([{ status: 201 }, { status: 202 }])
    client.write(post('') + post(''))
    expect((await nextAnswer(client)).status).toBe(201)
    expect((await nextAnswer(client)).status).toBe(202)
  })

  test('play() refuses what is no script, and the one before stays', async () => {
    await using server = await startHttpServer({ status: 204 })
    expect(() => server.play([])).toThrow('empty list')
    expect((await fetch(server.url)).status).toBe(204)
  })

  test('requests that are under way at once each get their own answer', async () => {
    await using server = await startHttpServer(async (request) => {
      const number = request.json as number
      if (number === 0) await server.waitFor('request', ({ json }) => json === 19)
      return { status: 200, body: [number] }
    })
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        const response = await fetch(server.url, { method: 'POST', body: JSON.stringify(number) })
        return response.json()
      }),
    )
    expect(answers).toEqual(Array.from({ length: 20 }, (_, number) => [number]))
  })

  test.each<[what: string, script: () => HttpAction, message: RegExp]>([
    [
      'throws',
      () => {
        throw new Error('a bug of the test')
      },
      /a bug of the test/,
    ],
    ['returns no action', () => ({ state: 200 }) as never, /needs "status"/],
  ])(
    'a function that %s ends the connection, with a warning of the process',
    async (_what, script, message) => {
      const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
      await using server = await startHttpServer(script)
      const { heard } = await exchange(server, post(''))
      expect(heard).toHaveLength(0)
      const { error } = await server.waitFor('close')
      expect(error?.message).toMatch(message)
      expect(warning).toHaveBeenCalledWith(error)
      warning.mockRestore()
    },
  )
})

describe('endings', () => {
  test.each(['fin', 'reset'] as const)(
    'the connection ends with a %s as soon as it is open',
    async (close) => {
      await using server = await startHttpServer([{ close, after: 'connect' }, { status: 200 }])
      const socket = connect(server.port, server.host).resume()
      // A reset may be quicker than the event of the connection.
      const [error] = await once(socket, close === 'fin' ? 'end' : 'error')
      if (close === 'reset') expect(error).toMatchObject({ code: 'ECONNRESET' })
      socket.destroy()
      expect(server.requests).toEqual([])
      expect((await fetch(server.url)).status).toBe(200)
    },
  )

  test('on a connection that is kept, that happens when the next request begins', async () => {
    await using server = await startHttpServer([{ status: 200 }, { close: 'reset', after: 'connect' }])
    using client = await connectTo(server)
    client.write(post(''))
    await nextAnswer(client)
    client.write('PO')
    expect(await client.end()).toBe('ECONNRESET')
    expect(server.requests).toHaveLength(1)
  })

  test.each(['fin', 'reset'] as const)('the connection ends with a %s after the head', async (close) => {
    await using server = await startHttpServer({ close, after: 'head' })
    const { heard, end } = await exchange(server, post('', '/', { 'content-length': '5' }))
    expect(heard).toHaveLength(0)
    expect(end).toBe(close === 'fin' ? 'fin' : 'ECONNRESET')
    expect(server.requests).toMatchObject([{ complete: false, method: 'POST' }])
  })

  test.each([0, 1, 7, 9])('the connection ends after %i octets of the body', async (after) => {
    await using server = await startHttpServer({ close: 'fin', after })
    const { heard } = await exchange(server, post('0123456789'))
    expect(heard).toHaveLength(0)
    expect(server.requests).toMatchObject([{ complete: false }])
    expect(server.requests[0]?.body.toString()).toBe('0123456789'.slice(0, after))
  })

  test.each([10, 'body', undefined] as const)('after %s, the request has come whole', async (after) => {
    await using server = await startHttpServer({ close: 'reset', after })
    const { heard, end } = await exchange(server, post('0123456789'))
    expect(heard).toHaveLength(0)
    expect(end).toBe('ECONNRESET')
    const request = await server.waitFor('request')
    expect(request.body.toString()).toBe('0123456789')
    expect(request.answered).toBeUndefined()
  })

  test('a stalled request is read and never answered', async () => {
    await using server = await startHttpServer([{ stall: true }, { status: 200 }])
    using client = await connectTo(server)
    client.write(post('hello'))
    const request = await server.waitFor('request')
    expect(request.body.toString()).toBe('hello')
    expect((await fetch(server.url)).status).toBe(200)
    expect(client.heard).toHaveLength(0)
    expect(client.ended).toBe(false)
    client.socket.destroy()
    await server.waitFor('close', ({ id }) => id === 1)
  })

  test('a server that stops reading keeps the client from writing its body', async () => {
    const body = 'x'.repeat(16_000_000)
    await using server = await startHttpServer([{ stall: 'request' }, { status: 200 }])
    using client = await connectTo(server)
    client.write(post('', '/', { 'content-length': String(body.length) }))
    await server.waitFor('head')
    client.write(body)
    expect((await fetch(server.url, { method: 'POST', body })).status).toBe(200)
    expect(client.socket.writableLength).toBeGreaterThan(0)
    expect(server.requests[0]).toMatchObject({ complete: false })
    expect(server.requests[0]?.body).toHaveLength(0)
  })

  test('a server that reads nothing at all does not even see the request', async () => {
    await using server = await startHttpServer([{ stall: 'connect' }, { status: 200 }])
    using client = await connectTo(server)
    client.write(post('hello'))
    expect((await fetch(server.url)).status).toBe(200)
    expect(server.requests).toHaveLength(1)
    expect(server.connections[0]?.octetsReceived).toBe(0)
    expect(client.ended).toBe(false)
  })

  test('raw octets go out as they are', async () => {
    await using server = await startHttpServer({ raw: 'HTTP/1.1 2OO Fine\r\nno: body' })
    const { heard, end } = await exchange(server, post(''))
    expect(heard.toString()).toBe('HTTP/1.1 2OO Fine\r\nno: body')
    expect(end).toBe('fin')
  })
})

describe('early answers', () => {
  test('come before the body, which is read after them', async () => {
    await using server = await startHttpServer([{ early: { status: 413, body: 'no' } }, { status: 200 }])
    using client = await connectTo(server)
    client.write(post('', '/', { 'content-length': '4' }))
    expect(await nextAnswer(client)).toEqual({ status: 413, body: 'no' })
    expect(server.requests[0]?.complete).toBe(false)
    client.write(`body${post('next')}`)
    expect((await nextAnswer(client)).status).toBe(200)
    expect(server.requests[0]).toMatchObject({ complete: true, answered: 413 })
    expect(server.requests[0]?.body.toString()).toBe('body')
  })

  test.each(['fin', 'reset'] as const)('or end the connection with a %s', async (then) => {
    await using server = await startHttpServer({ early: { status: 413 }, then })
    const { heard, end } = await exchange(server, post('', '/', { 'content-length': '4' }))
    expect(heard.toString()).toMatch(/^HTTP\/1\.1 413 /)
    expect(end).toBe(then === 'fin' ? 'fin' : 'ECONNRESET')
  })
})

test.each<[action: unknown, message: RegExp]>([
  [{ state: 200 }, /needs "status", "cutAt", "stall", "close", "raw" or "early"/],
  [{ status: 99 }, /"status" must be a whole number from 200 to 599/],
  [{ status: 200, chunked: 0 }, /"chunked"/],
  [{ status: 200, delayMs: -1 }, /"delayMs" must be a number of milliseconds/],
  [{ cutAt: 1 }, /"cutAt" needs "answer"/],
  [{ cutAt: 1.5, answer: { status: 200 } }, /"cutAt" must be a number of octets/],
  [{ stall: 'body' }, /"stall" must be true, "request" or "connect"/],
  [{ close: 'rst' }, /"close" must be "fin" or "reset"/],
  [{ close: 'fin', after: 'tls' }, /"after" must be/],
  [{ close: 'fin', then: 'fin' }, /unknown key "then"/],
  [{ raw: 5 }, /"raw" must be a string or octets/],
  [{ early: {} }, /"early" needs an answer/],
  [{ early: { status: 200 }, then: 'end' }, /"then" must be "fin", "reset" or "stall"/],
  [[], /empty list/],
  [null, /must be an object/],
])('%j is not a script', async (script, message) => {
  await expect(startHttpServer(script as HttpAction)).rejects.toThrow(message)
})
