import assert from 'node:assert/strict'
import { Mailer } from '@loudmail/core'
import { brevo } from '@loudmail/providers/brevo'
import { playProvider, startHttpServer } from '@loudmail/server/http'

const provider = playProvider('brevo')
await using api = await startHttpServer(provider)
process.env.BREVO_KEY = 'xkeysib-123456789'
const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }

const url = api.url
// snippet: set-up
const mailer = new Mailer({ transport: brevo({ key: process.env.BREVO_KEY, url }) })
await mailer.verify()
const receipt = await mailer.send({
  ...message,
  idempotencyKey: 'order-4711-confirmation',
  transportData: { tags: ['order'], metadata: { order: '4711' }, brevo: { params: { name: 'Ann' } } },
})
// end
assert.match(receipt.providerId ?? '', /./)
await mailer.close()
assert.equal(provider.taken.length, 1)
