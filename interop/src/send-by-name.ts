// Sends one message to mail.sender.test at the port in the first argument, and prints the outcome.
import { MailError } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { smtp } from '@loudmail/smtp'

const transport = smtp({
  host: 'mail.sender.test',
  port: Number(process.argv[2]),
  tls: 'none',
  timeouts: { dns: 700 },
})
const message = toMessage({ from: 'ann@sender.test', to: 'bob@inbox.test', text: 'Hello' })
const started = performance.now()
const outcome = await transport.send(message).then(
  ({ state }) => ({ state }),
  (error: unknown) =>
    MailError.is(error)
      ? { code: error.code, permanence: error.permanence, delivered: error.delivered }
      : { thrown: String(error) },
)
console.log(JSON.stringify({ ...outcome, ms: Math.round(performance.now() - started) }))
await transport.close?.()
// A look-up that timed out is still running.
process.exit()
