import assert from 'node:assert/strict'
import { failover, Mailer } from '@loudmail/core'
import { closedPort, startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

const lines: string[] = []
const log = (...words: unknown[]): void => void lines.push(words.join(' '))

// snippet: channels
import { tracingChannel } from 'node:diagnostics_channel'
import type { TracedAttempt } from '@loudmail/core'

tracingChannel('loudmail:attempt').asyncEnd.subscribe((message) => {
  const { server, state, error, stages } = message as TracedAttempt
  log(server?.host, state, error?.code ?? '', stages.map(({ stage }) => stage).join(' '))
})
// end

await using server = await startServer()
const gone = smtp({ host: '127.0.0.1', port: await closedPort(), tls: 'none' })
const mailer = new Mailer({ transport: failover(gone, smtp(server.url)), observe: ({ error }) => void error })
await mailer.send({ from: 'tea@sender.example', to: 'ann@rcpt.example', subject: 'Tea', text: 'Hi' })
await mailer.close()
console.log(lines.join('\n'))
assert.deepEqual(lines, [
  '127.0.0.1 failed connect/connection-refused connect',
  '127.0.0.1 sent  connect greeting ehlo mail-from rcpt-to data body',
])
