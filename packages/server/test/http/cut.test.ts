import { once } from 'node:events'
import { connect } from 'node:tls'
import { answerOctets, startHttpServer, type HttpAnswer } from '@loudmail/server/http'
import { describe, expect, test } from 'vitest'
import { connectTo } from '../raw-client.ts'
import { exchange, post } from './raw-http.ts'

const answers: readonly [name: string, answer: HttpAnswer][] = [
  ['an answer', { status: 200, body: { id: 'a' } }],
  ['a chunked answer', { status: 200, body: { id: 'abcdefgh' }, chunked: 5 }],
]

describe.each(answers)('%s', (_name, answer) => {
  const octets = Buffer.from(answerOctets(answer))

  test('can be cut at every octet, and the client gets exactly those before it', async () => {
    await using server = await startHttpServer()
    for (let cutAt = 0; cutAt <= octets.length; cutAt++) {
      server.play({ cutAt, answer })
      const { heard, end } = await exchange(server, post('{}'))
      expect(heard).toEqual(octets.subarray(0, cutAt))
      expect(end).toBe('fin')
    }
  })

  test('can be cut at every octet with a reset', async () => {
    await using server = await startHttpServer()
    for (let cutAt = 0; cutAt <= octets.length; cutAt++) {
      server.play({ cutAt, answer, then: 'reset' })
      const { heard, end } = await exchange(server, post('{}'))
      expect(heard).toEqual(octets.subarray(0, cutAt))
      expect(end).toBe('ECONNRESET')
    }
  })

  test('can be cut at every octet inside TLS', async () => {
    await using server = await startHttpServer({ status: 200 }, { tls: true })
    for (let cutAt = 0; cutAt <= octets.length; cutAt++) {
      server.play({ cutAt, answer, then: cutAt % 2 === 0 ? 'fin' : 'reset' })
      const socket = connect({ port: server.port, host: server.host, ca: server.ca, servername: 'localhost' })
      let heard = Buffer.alloc(0)
      let error: Error | undefined
      socket.on('data', (chunk) => (heard = Buffer.concat([heard, chunk])))
      socket.on('error', (reason) => (error = reason))
      socket.write(post('{}'))
      // A reset may arrive before the last octets were decrypted, so only the end tells what came.
      await once(socket, 'close').catch(() => undefined)
      expect(octets.subarray(0, cutAt).indexOf(heard)).toBe(0)
      if (cutAt % 2 === 0) expect(heard).toHaveLength(cutAt)
      else expect(error).toMatchObject({ code: 'ECONNRESET' })
    }
  })
})

test('a cut answer may leave the connection open', async () => {
  const answer = { status: 200, body: 'hello' }
  await using server = await startHttpServer([{ cutAt: 20, answer, then: 'stall' }, { status: 200 }])
  using client = await connectTo(server)
  client.write(post('{}'))
  await client.until(/^HTTP\/1\.1 200 OK\r\nCon/)
  expect((await fetch(server.url)).status).toBe(200)
  expect(client.heard).toHaveLength(0)
  expect(client.ended).toBe(false)
})

describe('answerOctets', () => {
  const text = (answer: HttpAnswer): string => Buffer.from(answerOctets(answer)).toString()

  test('adds type, length and connection', () => {
    expect(text({ status: 202, body: { id: 1 } })).toBe(
      'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 8\r\nConnection: keep-alive\r\n\r\n{"id":1}',
    )
  })

  test('leaves what the answer says, whatever the case of its letters', () => {
    const headers = { 'content-TYPE': 'text/html', 'content-length': '3', connection: 'close' }
    expect(text({ status: 200, reason: 'Fine', headers, body: 'hello' })).toBe(
      'HTTP/1.1 200 Fine\r\ncontent-TYPE: text/html\r\ncontent-length: 3\r\nconnection: close\r\n\r\nhello',
    )
  })

  test('counts octets, not characters', () => {
    expect(text({ status: 200, body: 'für' })).toContain('Content-Length: 4\r\n')
  })

  test('writes octets as they are, and a body that is missing as an empty one', () => {
    expect(text({ status: 200, body: Buffer.from([0, 1]) })).toBe(
      'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n\0\u0001',
    )
    expect(text({ status: 200 })).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n',
    )
  })

  test('gives 204 and 304 neither length nor body', () => {
    expect(text({ status: 204, body: 'no' })).toBe(
      'HTTP/1.1 204 No Content\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: keep-alive\r\n\r\n',
    )
  })

  test('cuts a body into chunks', () => {
    const answer = { status: 200, headers: { connection: 'close' }, body: 'hello world!' }
    const head =
      'HTTP/1.1 200 OK\r\nconnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n'
    expect(text({ ...answer, chunked: 5 })).toBe(`${head}5\r\nhello\r\n5\r\n worl\r\n2\r\nd!\r\n0\r\n\r\n`)
    expect(text({ ...answer, chunked: true })).toBe(`${head}c\r\nhello world!\r\n0\r\n\r\n`)
  })

  test('is what the server writes, and what fetch reads', async () => {
    const answer = { status: 200, headers: { connection: 'close' }, body: 'hello world!', chunked: 5 }
    await using server = await startHttpServer(answer)
    expect((await exchange(server, post(''))).heard.toString()).toBe(text(answer))
    expect(await (await fetch(server.url)).text()).toBe('hello world!')
  })
})
