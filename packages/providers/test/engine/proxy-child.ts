// Sends a message to the URL in the first argument, and prints what comes of it.
import { MailError } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { resend } from '../../src/resend/index.ts'

const transport = resend({ key: 're_S3cr3t', url: process.argv[2]!, timeoutMs: 5_000 })
const message = toMessage({ from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Tea', text: 'Hi' })
try {
  const { state } = await transport.send(message)
  console.log(JSON.stringify({ state }))
} catch (error) {
  if (!MailError.is(error)) throw error
  const { code, delivered, permanence, hint, summary } = error
  console.log(JSON.stringify({ code, delivered, permanence, hint, summary }))
}
// Node asks a proxy that only hangs up again and again, also for a request that was given up.
process.exit()
