import { Mailer, MailError } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

await using server = await startServer({
  on: { RCPT: { byRcpt: { 'bob@rcpt.example': '452 4.2.2 Mailbox full' } } },
})
await using mailer = new Mailer({ transport: smtp(server.url) })
const message = {
  from: 'Tea Shop <tea@sender.example>',
  to: ['ann@rcpt.example', 'bob@rcpt.example'],
  subject: 'Tea',
  text: 'It is ready.',
}

// snippet: failure
try {
  await mailer.send(message)
} catch (error) {
  if (!MailError.is(error)) throw error
  console.log(error.message)
  console.log(`delivered: ${error.delivered}, retryable: ${error.retryable}`)
  for (const { address, status } of error.recipients) console.log(`${address}: ${status}`)
  console.log(error.hint)
}
// end
