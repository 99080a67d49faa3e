import assert from 'node:assert/strict'
import { Mailer, silenceRecipients, type MailError } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

await using server = await startServer({ on: { RCPT: '550 5.1.1 No such user' } })
const transport = smtp(server.url)
const logged: string[] = []
const log = (error: MailError): void => void logged.push(error.code)

// snippet: policies
const mailer = new Mailer({ transport, observe: ({ error }) => error && log(error) })
const message = { from: 'tea@example.com', to: 'nobody@example.com', subject: 'Tea', text: 'It is ready.' }
const receipt = await mailer.send(message, { failure: silenceRecipients })
// end

assert.deepEqual(
  [receipt.ok, receipt.silenced, receipt.error?.code],
  [false, true, 'rcpt-to/mailbox-unknown'],
)
await assert.rejects(mailer.send(message), { code: 'rcpt-to/mailbox-unknown' })
assert.deepEqual(logged, ['rcpt-to/mailbox-unknown', 'rcpt-to/mailbox-unknown'])
await mailer.close()
