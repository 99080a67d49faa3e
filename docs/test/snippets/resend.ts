import assert from 'node:assert/strict'
import { Mailer } from '@loudmail/core'
import { resend } from '@loudmail/providers/resend'
import { playProvider, startHttpServer } from '@loudmail/server/http'

const provider = playProvider('resend')
await using api = await startHttpServer(provider)
process.env.RESEND_KEY = 're_123456789'
const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }
const url = api.url

{
  // snippet: set-up
  const mailer = new Mailer({ transport: resend({ key: process.env.RESEND_KEY, url }) })
  await mailer.verify()
  const receipt = await mailer.send({
    ...message,
    idempotencyKey: 'order-4711-confirmation',
    transportData: { tags: ['order'], metadata: { order: '4711' } },
  })
  // end
  await mailer.close()
  assert.equal(receipt.providerId, provider.taken[0]?.id)
}

{
  const customers = Array.from({ length: 250 }, (_, n) => `customer${n}@example.com`)
  const before = api.requests.length
  // snippet: batch
  const mailer = new Mailer({ transport: resend({ key: process.env.RESEND_KEY, url, batch: true }) })
  const messages = customers.map((to) => ({ ...message, to }))
  for await (const { index, receipt } of mailer.sendMany(messages, { concurrency: 100 }))
    if (!receipt.ok) console.log(customers[index], receipt.error.code)
  // end
  await mailer.close()
  assert.equal(provider.taken.length, 251)
  assert.equal(api.requests.length - before, 3)
}
