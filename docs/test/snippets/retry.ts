import assert from 'node:assert/strict'
import { Mailer, retry, type MessageInput, type Observer } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

const seen: string[] = []
await using server = await startServer({
  on: {
    RCPT: { byRcpt: { 'bob@rcpt.example': { nthGlobal: ['451 4.7.1 Greylisted', { pass: true }] } } },
    DOT: ({ message }) => {
      const key = /^X-Idempotency-Key: (.*)\r$/m.exec(String(message?.content))?.[1]
      if (key === undefined) return undefined
      seen.push(key)
      return seen.length === 1 ? { accept: true, then: { close: 'rst' } } : undefined
    },
  },
})
const { host, port } = server
const message: MessageInput = {
  from: 'tea@sender.example',
  to: 'bob@rcpt.example',
  subject: 'Tea',
  text: 'Hi',
}
const observe: Observer = ({ type, error }) => console.log(type, error?.code)

{
  // snippet: retry
  const transport = retry(smtp(server.url), { attempts: 4, delayMs: 500 })
  // end
  await using mailer = new Mailer({ transport, observe })
  const receipt = await mailer.send(message)
  assert.equal(receipt.failures[0]?.code, 'rcpt-to/greylisted')
}

{
  // snippet: key
  const transport = retry(smtp({ host, port, idempotencyHeader: 'X-Idempotency-Key' }))
  const mailer = new Mailer({ transport, observe })
  await mailer.send({ ...message, idempotencyKey: 'order/7/confirmation' })
  // end
  assert.deepEqual(seen, ['order/7/confirmation', 'order/7/confirmation'])
  await mailer.close()
}
