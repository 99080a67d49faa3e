import assert from 'node:assert/strict'
import { formatTranscript, Mailer, MailError, transportFromUrl } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtpSchemes, smtp } from '@loudmail/smtp'

const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }
const caps = ['PIPELINING', 'CHUNKING', 'ENHANCEDSTATUSCODES', 'DSN', 'AUTH PLAIN XOAUTH2']

{
  await using server = await startServer({ caps })
  process.env.MAIL_URL = server.url
  // snippet: use
  const mailer = new Mailer({ transport: smtp(process.env.MAIL_URL ?? 'smtp://localhost:2525') })
  await mailer.verify()
  await mailer.send({ from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' })
  // end
  await mailer.close()
  assert.equal(server.messages.length, 1)
}

{
  // snippet: options
  const transport = smtp({
    host: 'mail.example.com',
    auth: { user: 'tea@example.com', pass: process.env.MAIL_PASSWORD ?? 'from the environment' },
    timeoutMs: 30_000,
    pool: { connections: 2 },
  })
  // end
  assert.equal(transport.name, 'smtp(mail.example.com:587)')
}

{
  // snippet: schemes
  const url = 'failover(smtps://mail.example.com lmtp://127.0.0.1:2424?pool.connections=1)'
  const transport = transportFromUrl(url, smtpSchemes)
  // end
  assert.equal(transport.name, 'failover(smtp(mail.example.com:465), lmtp(127.0.0.1:2424))')
}

{
  await using server = await startServer({ caps, tokens: { 'tea@example.com': 'fresh' } })
  const { host, port } = server
  const fetchToken = (): Promise<string> => Promise.resolve('fresh')
  // snippet: token
  const transport = smtp({ host, port, auth: { user: 'tea@example.com', accessToken: () => fetchToken() } })
  // end
  const mailer = new Mailer({ transport })
  await mailer.send(message)
  await mailer.close()
  assert.equal(server.messages[0]?.authenticatedAs, 'tea@example.com')
}

{
  await using server = await startServer({ caps })
  const { host, port } = server
  // snippet: window
  const transport = smtp({ host, port, pool: { connections: 1, window: 16 } })
  // end
  const mailer = new Mailer({ transport })
  await Promise.all(Array.from({ length: 50 }, () => mailer.send(message)))
  await mailer.close()
  assert.equal(server.messages.length, 50)
}

{
  await using server = await startServer({ caps })
  const mailer = new Mailer({ transport: smtp(server.url) })
  // snippet: dsn
  await mailer.send({
    ...message,
    dsn: { notify: ['failure', 'delay'], ret: 'headers', envelopeId: 'order-15' },
  })
  // end
  await mailer.close()
  assert.equal(server.messages[0]?.envelope.mailParameters.ENVID, 'order-15')
}

{
  await using server = await startServer({
    on: { RCPT: { byRcpt: { 'bob@example.com': '452 4.2.2 Mailbox full' } } },
  })
  const mailer = new Mailer({ transport: smtp(server.url) })
  // snippet: failure
  try {
    await mailer.send({ ...message, to: ['ann@example.com', 'bob@example.com'] })
  } catch (error) {
    if (!MailError.is(error)) throw error
    console.log(error.code, error.delivered, error.permanence, error.retryable)
    for (const { address, status, reply } of error.recipients) console.log(address, status, reply?.code)
    console.log(formatTranscript(error.transcript))
  }
  // end
  await mailer.close()
}
