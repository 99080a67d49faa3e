import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { debug, inbox, outboxPage } from '@loudmail/debug'
import { outbox, sqlite } from '@loudmail/outbox'
import { smtp } from '@loudmail/smtp'

process.chdir(mkdtempSync(join(tmpdir(), 'loudmail-')))
const isDevelopment = true
const app = (_request: unknown, response: { end(text: string): void }): void => response.end('the app')
const userOf = async ({ headers }: IncomingMessage): Promise<{ isAdmin: boolean } | undefined> =>
  headers.cookie === 'session=admin' ? { isAdmin: true } : undefined

// snippet: outbox-page
const queue = outbox(smtp('smtp://mail.example.com'), { store: sqlite('mail.db'), work: true })
const page = outboxPage(queue, {
  path: '/outbox',
  hosts: ['shop.example'],
  authorize: async (request) => (await userOf(request))?.isAdmin === true,
})
const server = createServer((request, response) => page(request, response, () => app(request, response)))
// end

{
  const transport = debug()
  // snippet: outbox-in-inbox
  const handler = inbox(transport.store, { outbox: queue, authorize: () => isDevelopment })
  // end
  assert.equal(typeof handler, 'function')
  await transport.close?.()
}

server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
for (const [path, cookie, status] of [
  ['/', '', 200],
  ['/outbox/', '', 403],
  ['/outbox/', 'session=admin', 200],
] as const) {
  const asking = get({ host: '127.0.0.1', port, path, headers: { host: 'shop.example', cookie } })
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  assert.equal(answer.statusCode, status)
  answer.resume()
}
server.close()
server.closeAllConnections()
await queue.close?.()
