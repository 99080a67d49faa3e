import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Mailer, memory } from '@loudmail/core'

const transport = memory()
const drainMs = 3_000
const mailer = new Mailer({ transport, drainMs, defaults: { from: 'Tea Shop <tea@example.com>' } })
const customers = ['ann@example.com', 'bob@example.com', 'carol@example.com']

// snippet: background
const server = createServer((_request, response) => {
  const report = { subject: 'Your month in tea', text: 'You had 31 cups.' }
  for (const address of customers)
    mailer.sendInBackground({ ...report, to: { address } }, { context: { report: 'tea' } })
  response.writeHead(202).end()
})
// end

// snippet: shutdown
process.once('SIGTERM', () => {
  const close = (): void => void mailer.close()
  server.close(close)
  setTimeout(close, drainMs).unref()
})
// end

server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const answer = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } })
assert.equal(answer.status, 202)
process.kill(process.pid, 'SIGTERM')
await once(server, 'close')
await mailer.close()
assert.equal(transport.messages.length, 3)
