import assert from 'node:assert/strict'
import { dedupe, Mailer, redirect, retry, tee } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

const shop = {
  from: 'shop@example.com',
  to: 'ann@example.org',
  subject: 'Your tea',
  text: 'It is on its way.',
}
await using server = await startServer()
const { url } = server
const inboxes = (): string[] => server.messages.flatMap(({ envelope }) => envelope.to)

{
  const message = shop
  // snippet: dedupe
  const mailer = new Mailer({ transport: dedupe(retry(smtp(url))) })
  await mailer.send({ ...message, idempotencyKey: 'order-4711-shipped' })
  await mailer.send({ ...message, idempotencyKey: 'order-4711-shipped' }) // gets the receipt of the first
  // end
  await mailer.close()
  assert.deepEqual(inboxes(), ['ann@example.org'])
  server.clear()
}

{
  // snippet: redirect
  const transport = redirect(smtp(url), { to: 'qa@example.com', allow: ['example.com', 'ann@example.net'] })
  // end
  const mailer = new Mailer({ transport })
  await mailer.send({ ...shop, to: ['ann@example.org', 'ann@example.net', 'bob@example.com'] })
  await mailer.close()
  assert.deepEqual(inboxes(), ['ann@example.net', 'bob@example.com', 'qa@example.com'])
  const [own, copy] = server.messages.map(({ content }) => content.toString())
  assert.ok(copy!.includes('X-Original-To: ann@example.org\r\n') && !own!.includes('X-Original-To'))
  server.clear()
}

{
  // snippet: tee
  const archive = redirect(smtp(url), { to: 'archive@example.com' })
  const transport = tee(retry(smtp(url)), archive)
  // end
  const mailer = new Mailer({ transport })
  await mailer.send(shop)
  await mailer.close()
  assert.deepEqual(inboxes(), ['ann@example.org', 'archive@example.com'])
}
