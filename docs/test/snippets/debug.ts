import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatTranscript, Mailer, type Message } from '@loudmail/core'
import { debug, folderStore, inbox, memoryStore, record, rehearsable, startInbox } from '@loudmail/debug'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

process.chdir(mkdtempSync(join(tmpdir(), 'loudmail-')))
const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }

{
  // snippet: debug
  const transport = debug()
  const mailer = new Mailer({ transport })
  await mailer.send(message)
  const [mail] = transport.store.mails
  console.log(formatTranscript(mail?.transcript), Buffer.from(mail?.content ?? '').toString())
  // end
  assert.match(Buffer.from(mail!.content!).toString(), /^Subject: Tea\r$/m)

  const port = 0
  // snippet: inbox
  const server = createServer(inbox(transport.store)).listen(port, '127.0.0.1')
  // end
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  assert.match(await (await fetch(address)).text(), /1 mail/)
  server.close()
  await using own = await startInbox(transport.store)
  assert.match(await (await fetch(own.url)).text(), /1 mail/)
  await mailer.close()
}

{
  await using server = await startServer()
  const url = server.url
  // snippet: record
  const store = folderStore('./mails')
  const mailer = new Mailer({ transport: record(smtp(url), { store }) })
  const { transcript } = await mailer.send(message)
  // end
  await mailer.close()
  assert.match(formatTranscript(transcript), /C: RCPT TO:<ann@example\.com>/)
  assert.equal((await store.list()).total, 1)
}

{
  // snippet: rehearse
  const full = debug({ rehearse: 'rcpt-to/mailbox-full' })
  const some = debug({
    rehearse: (mail: Message) => (mail.envelope.to.length > 1 ? 'body/timeout' : undefined),
  })
  // end
  for (const transport of [full, some]) {
    await using mailer = new Mailer({ transport, failure: 'silent', observe: (event) => void event.error })
    const { error } = await mailer.send({ ...message, to: ['ann@example.com', 'bob@example.com'] })
    assert.equal(error?.code, transport === full ? 'rcpt-to/mailbox-full' : 'body/timeout')
  }
  assert.ok(rehearsable.length > 100)
  {
    // snippet: rehearse-provider
    const transport = debug({ provider: 'postmark', rehearse: 'submit/suppressed' })
    // end
    await using mailer = new Mailer({ transport, failure: 'silent', observe: (event) => void event.error })
    assert.equal((await mailer.send(message)).error?.code, 'submit/suppressed')
  }
  assert.deepEqual(memoryStore().mails, [])
}
