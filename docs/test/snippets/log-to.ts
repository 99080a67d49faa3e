import assert from 'node:assert/strict'
import { logTo, Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import pino, { type DestinationStream } from 'pino'

let written = ''
const stream: DestinationStream = { write: (line) => void (written += line) }
const transport = debug()

// snippet: log-to
const logger = pino({ level: 'info' }, stream)
const mailer = new Mailer({ transport, observe: logTo(logger.child({ module: 'mail' })) })

const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }
await mailer.send(message, { context: { orderId: 42 } })
// end

await mailer.send(
  { ...message, to: 'fail+rcpt-to.mailbox-full@example.test' },
  { failure: 'silent', context: { orderId: 43 } },
)
await mailer.close()
const [sent, silenced, ...others] = written
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Record<'level' | 'mail' | 'err', Record<string, unknown>>)
assert.partialDeepStrictEqual(sent, {
  level: 30,
  module: 'mail',
  orderId: 42,
  mail: { event: 'sent', state: 'captured' },
})
assert.partialDeepStrictEqual(silenced, {
  orderId: 43,
  mail: { event: 'failed', state: 'failed', silenced: true },
  err: { code: 'rcpt-to/mailbox-full' },
})
assert.deepEqual(others, [])
assert.doesNotMatch(written, /It is ready|"Tea"/)
