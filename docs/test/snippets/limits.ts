import assert from 'node:assert/strict'
import { breaker, dedupe, failover, limit, Mailer, memory, redirect, retry, tee } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

await using server = await startServer()
const { url } = server
const first = url
const second = url
const archive = memory()
const mail = { from: 'tea@sender.example', to: ['ann@rcpt.example'], text: 'Hi' }

{
  // snippet: limit
  // At most 14 messages a second, and at most 5 at the same time.
  const transport = limit(smtp(url), { messages: 14, concurrent: 5 })
  const mailer = new Mailer({ transport })
  // end
  await Promise.all(Array.from({ length: 10 }, () => mailer.send(mail)))
  await mailer.close()
  assert.equal(server.messages.length, 10)
  assert.ok(server.connections.length <= 5)
}

{
  // snippet: two-limits
  const transport = limit(limit(smtp(url), { messages: 100 }), { by: 'domain', messages: 10, concurrent: 5 })
  // end
  assert.match(transport.name, /^limit\(limit\(smtp\(/)
}

{
  server.clear()
  // snippet: order
  const server1 = breaker(limit(smtp(first), { concurrent: 20 }))
  const server2 = breaker(limit(smtp(second), { concurrent: 20 }))
  const sends = retry(failover(server1, server2))
  const transport = dedupe(redirect(tee(sends, archive), { to: 'qa@example.com' }))
  // end
  const mailer = new Mailer({ transport })
  await mailer.send({ ...mail, idempotencyKey: 'order-4711' })
  await mailer.send({ ...mail, idempotencyKey: 'order-4711' })
  await mailer.close()
  assert.deepEqual(
    server.messages.map(({ envelope }) => envelope.to),
    [['qa@example.com']],
  )
  assert.equal(archive.messages.length, 1)
}
