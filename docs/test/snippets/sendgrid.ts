import assert from 'node:assert/strict'
import { Mailer } from '@loudmail/core'
import { sendgrid } from '@loudmail/providers/sendgrid'
import { playProvider, startHttpServer } from '@loudmail/server/http'

const provider = playProvider('sendgrid')
await using api = await startHttpServer(provider)
process.env.SENDGRID_KEY = 'SG.123456789.abcdefghijk'
const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }

{
  const key = process.env.SENDGRID_KEY
  // snippet: region
  const transport = sendgrid({ key, region: 'eu' })
  // end
  assert.equal(transport.name, 'sendgrid(api.eu.sendgrid.com)')
}

const url = api.url
// snippet: set-up
const mailer = new Mailer({ transport: sendgrid({ key: process.env.SENDGRID_KEY, url }) })
await mailer.verify()
const receipt = await mailer.send({
  ...message,
  transportData: {
    tags: ['order'],
    metadata: { order: '4711' },
    sendgrid: { asm: { groupId: 7 }, trackingSettings: { clickTracking: { enable: false } } },
  },
})
// end
assert.match(receipt.providerId ?? '', /./)
await mailer.close()
assert.equal(provider.taken.length, 1)
