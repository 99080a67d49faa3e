import { once, type EventEmitter } from 'node:events'
import { connect, createServer, type OutgoingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { postmarkWebhook, webhook, type WebhookOptions } from '../src/index.ts'

it.each<[string, number, OutgoingHttpHeaders, WebhookOptions]>([
  ['a body that does not come', 408, {}, { bodyTimeoutMs: 20 }],
  ['a body that is said to be too long', 413, { 'content-length': '200' }, { maxBytes: 100 }],
  ['HEAD', 405, { ':method': 'HEAD' }, {}],
])('over HTTP/2, %s is answered with %i, and the stream ends', async (_what, status, headers, options) => {
  const source = postmarkWebhook({ user: 'ann', password: 'a password of the tests' })
  const handler = webhook(source, () => {}, { onProblem: () => {}, ...options })
  const server = createServer(handler)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  const streams = once(server, 'stream') as Promise<[EventEmitter]>
  const closed = streams.then(([own]) => once(own, 'close'))
  const stream = client.request({ ':method': 'POST', ...headers }, { endStream: status === 405 })
  if (status !== 405) stream.write('{')
  const body = text(stream)
  const [answer] = (await once(stream, 'response')) as [Record<string, unknown>]
  expect(answer[':status']).toBe(status)
  expect(await body).toMatch(status === 405 ? /^$/ : `"status":${status}`)
  await closed
})
