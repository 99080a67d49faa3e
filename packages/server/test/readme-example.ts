import { connect } from 'node:net'
import { startServer } from '@loudmail/server'

await using server = await startServer({
  on: { RCPT: { byRcpt: { 'full@rcpt.example': '452 4.2.2 Mailbox full' } } },
})

// Instead of your mailer, which connects to server.host and server.port:
connect(server.port, server.host).resume().write(`EHLO client.example
MAIL FROM:<alice@sender.example>
RCPT TO:<bob@rcpt.example>
RCPT TO:<full@rcpt.example>
DATA
Subject: Hello

Hi Bob\r\n.\r\nQUIT\r\n`)

const message = await server.waitFor('message')
console.log(message.envelope.to, message.content.toString()) // [ 'bob@rcpt.example' ] 'Subject: Hello…'

const { entries } = await server.waitFor('close')
for (const { from, text } of entries) console.log(from === 'client' ? 'C:' : 'S:', text)
