import assert from 'node:assert/strict'
import { Mailer, type Receipt } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

/** What an application does, whichever transport it was given. */
async function welcome(): Promise<Receipt> {
  // snippet: swap
  const transport = process.env.MAIL_URL ? smtp(process.env.MAIL_URL) : debug()
  const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
  const receipt = await mailer.send({ to: 'ann@example.com', subject: 'Welcome', text: 'Tea is ready.' })
  // end
  await mailer.close()
  return receipt
}

delete process.env.MAIL_URL
const captured = await welcome()
assert.deepEqual([captured.ok, captured.state, captured.transport], [true, 'captured', 'debug()'])

await using server = await startServer()
process.env.MAIL_URL = server.url
const sent = await welcome()
assert.deepEqual([sent.ok, sent.state, server.messages.length], [true, 'sent', 1])

// Left without a URL, a program in production does not start at all.
delete process.env.MAIL_URL
process.env.NODE_ENV = 'production'
await assert.rejects(welcome, { code: 'config/invalid-config' })
