import assert from 'node:assert/strict'
import { failover, Mailer, retry, type MessageInput } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

const greylisted = { nthGlobal: ['451 4.7.1 Greylisted, come back later', { pass: true }] } as const
await using main = await startServer({
  on: {
    RCPT: { byRcpt: { 'bob@rcpt.example': greylisted, 'nobody@rcpt.example': '550 5.1.1 No such user' } },
    DOT: ({ message }) =>
      message?.content.includes('hang up') ? { accept: true, then: { close: 'fin' } } : undefined,
  },
})
await using backup = await startServer()

// snippet: never-twice
const transport = retry(failover(smtp(main.url), smtp(backup.url)), { delayMs: 200 })
const mailer = new Mailer({ transport, observe: ({ type, error }) => console.log(type, error?.code) })
// end

const hello: MessageInput = { from: 'tea@sender.example', to: 'ann@rcpt.example', subject: 'Tea', text: 'Hi' }
const accepted = (): string[][] => main.messages.map(({ envelope }) => [...envelope.to])

// One of three recipients is refused for now. Only that one is tried again, with the same Message-ID.
const three = await mailer.send({
  ...hello,
  to: ['ann', 'bob', 'carol'].map((name) => `${name}@rcpt.example`),
})
assert.ok(three.ok)
assert.deepEqual(accepted(), [['ann@rcpt.example', 'carol@rcpt.example'], ['bob@rcpt.example']])
for (const { content } of main.messages) assert.ok(content.includes(`Message-ID: ${three.messageId}`))

// A mailbox that does not exist is unknown to the backup as well, so the message does not go there.
await assert.rejects(mailer.send({ ...hello, to: 'nobody@rcpt.example' }), {
  code: 'rcpt-to/mailbox-unknown',
})
assert.deepEqual(backup.messages, [])

// Nobody knows whether this message was delivered: it is not tried again, and it does not go to the backup.
await assert.rejects(mailer.send({ ...hello, text: 'hang up' }), {
  code: 'body/connection-lost',
  delivered: 'unknown',
})
assert.equal(accepted().length, 3)
assert.deepEqual(backup.messages, [])

// The first server is down, so the next message goes to the backup, once.
await main.close()
assert.ok((await mailer.send(hello)).ok)
assert.equal(backup.messages.length, 1)
await mailer.close()
