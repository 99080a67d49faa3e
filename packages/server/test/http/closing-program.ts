import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { startHttpServer, type HttpAction } from '@loudmail/server/http'

const answer = { status: 200, body: 'hello' }
const actions: readonly HttpAction[] = [
  answer,
  { stall: true },
  { stall: 'request' },
  { stall: 'connect' },
  { close: 'fin' },
  { close: 'reset' },
  { ...answer, delayMs: 3_600_000 },
  { ...answer, dripMs: 3_600_000 },
  { ...answer, headers: { connection: 'close' } },
  { cutAt: 10, answer, then: 'fin' },
  { cutAt: 10, answer, then: 'reset' },
  { cutAt: 10, answer, then: 'stall' },
  { early: answer, then: 'stall' },
]

for (const tls of [false, true]) {
  for (const action of actions) {
    const server = await startHttpServer(action, { tls })
    const socket = tls
      ? connectTls({ port: server.port, rejectUnauthorized: false })
      : connect(server.port, server.host)
    socket.on('error', () => undefined)
    socket.write('POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello')
    await server.waitFor('stall' in action && action.stall === 'connect' ? 'connection' : 'head')
    await server.close()
    if (!socket.closed) await once(socket.resume(), 'close').catch(() => undefined)
  }
}
// Nothing is left that keeps this process alive. A timer of an hour, or a socket, would.
console.log('all are closed')
