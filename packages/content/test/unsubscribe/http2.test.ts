import { once, type EventEmitter } from 'node:events'
import { connect, createSecureServer, createServer, type OutgoingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { certificates } from '@loudmail/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  unsubscribeHandler,
  type UnsubscribeOptions,
  type Unsubscribing,
} from '../../src/unsubscribe/index.ts'
import { FORM, links, ONE_CLICK, pathOf } from './unsubscribe-server.ts'

const ANN = { address: 'ann@rcpt.example', list: 'newsletter' }
const LONG_PAGE = `<p>${'wrong '.repeat(50_000)}`

interface Http2Scene {
  readonly told: Unsubscribing[]
  readonly warnings: string[]
  /** Sends a request, and ends it only if it has no body. */
  readonly request: (
    headers?: OutgoingHttpHeaders,
    part?: string,
  ) => Promise<{ status: unknown; body: string; closed: Promise<unknown> }>
}

describe.each([
  ['in plain text', createServer, 'http'],
  ['over TLS', () => createSecureServer(certificates.good), 'https'],
])('unsubscribing over HTTP/2 %s', (_kind, create, scheme) => {
  async function scene(options: UnsubscribeOptions = {}): Promise<Http2Scene> {
    const told: Unsubscribing[] = []
    const warnings: string[] = []
    const note = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', note)
    const handler = unsubscribeHandler(links, (each) => told.push(each), { onProblem: () => {}, ...options })
    const server = create().on('request', handler)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const client = connect(`${scheme}://localhost:${port}`, { ca: certificates.ca })
    onTestFinished(() => {
      process.off('warning', note)
      client.destroy()
      server.close()
    })
    return {
      told,
      warnings,
      async request(headers, part) {
        const streams = once(server, 'stream') as Promise<[EventEmitter]>
        const all = { ':method': 'POST', ':path': pathOf(), 'content-type': FORM, ...headers }
        const stream = client.request(all, { endStream: part === undefined })
        if (part !== undefined) stream.write(part)
        if (part === ONE_CLICK) stream.end()
        const closed = streams.then(([own]) => once(own, 'close'))
        const body = text(stream)
        const [answer] = (await once(stream, 'response')) as [Record<string, unknown>]
        return { status: answer[':status'], body: await body, closed }
      },
    }
  }

  it('works as over HTTP/1.1', async () => {
    const { told, request } = await scene()
    const answers = [
      await request({ ':method': 'GET' }),
      await request({ ':method': 'HEAD' }),
      await request({}, ONE_CLICK),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers[0]!.body).toContain('Unsubscribe ann@rcpt.example from newsletter?')
    expect(told).toEqual([{ ...ANN, oneClick: true }])
  })

  it.each<[string, number, OutgoingHttpHeaders, string, UnsubscribeOptions]>([
    ['does not come', 408, {}, 'List', { bodyTimeoutMs: 20 }],
    ['is too long', 413, {}, 'x'.repeat(200), { maxBytes: 100 }],
    ['is no form', 415, { 'content-type': 'text/plain' }, 'x', {}],
    ['is for no link', 400, { ':path': '/?token=a' }, 'x', { page: () => LONG_PAGE }],
    ['is for no method', 405, { ':method': 'PUT' }, 'x', {}],
  ])('a body that %s is answered with %i and ends its stream alone', async (...given) => {
    const [, status, headers, part, options] = given
    const { told, warnings, request } = await scene(options)
    const answer = await request(headers, part)
    expect(answer.status).toBe(status)
    expect(answer.body).toContain(options.page ? LONG_PAGE : `"status":${status}`)
    await answer.closed
    expect(told).toEqual([])
    expect((await request({}, ONE_CLICK)).status).toBe(200)
    expect(told).toHaveLength(1)
    expect(warnings).toEqual([])
  })

  it('many such bodies at once each get their answer', async () => {
    const { request } = await scene({ maxBytes: 100, bodyTimeoutMs: 50 })
    const parts = Array.from({ length: 40 }, (_, count) => (count % 2 ? 'x'.repeat(200) : 'List'))
    const answers = await Promise.all(parts.map((part) => request({}, part)))
    const statuses = new Set(answers.map(({ status }) => status))
    expect(statuses).toEqual(new Set([408, 413]))
    expect(answers.every(({ body, status }) => body.includes(`"status":${String(status)}`))).toBe(true)
    expect((await request({}, ONE_CLICK)).status).toBe(200)
  })
})
