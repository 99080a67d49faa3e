import assert from 'node:assert/strict'
import { formatTranscript, Mailer } from '@loudmail/core'
import { debug, memoryStore, record } from '@loudmail/debug'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }

{
  // snippet: debug
  const transport = debug()
  const mailer = new Mailer({ transport })
  await mailer.send(message)
  const [mail] = transport.store.mails
  console.log(formatTranscript(mail?.transcript), Buffer.from(mail?.content ?? '').toString())
  // end
  await mailer.close()
  assert.match(Buffer.from(mail!.content!).toString(), /^Subject: Tea\r$/m)
}

{
  await using server = await startServer()
  const url = server.url
  // snippet: record
  const store = memoryStore({ limit: 100 })
  const mailer = new Mailer({ transport: record(smtp(url), { store }) })
  const { transcript } = await mailer.send(message)
  // end
  await mailer.close()
  assert.match(formatTranscript(transcript), /C: RCPT TO:<ann@example\.com>/)
  assert.equal(store.mails.length, 1)
}
