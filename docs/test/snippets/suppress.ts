import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer, MailError } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { suppress, suppressFrom, type MailNews } from '@loudmail/webhooks'
import { sqliteSuppressions } from '@loudmail/webhooks/sqlite'

await using server = await startServer()
const folder = mkdtempSync(join(tmpdir(), 'suppress-'))
const file = join(folder, 'suppressed.db')

// snippet: suppress
const list = sqliteSuppressions(file)
const mailer = new Mailer({ transport: suppress(smtp(server.url), list) })
// end

// snippet: news
const onNews = suppressFrom(list, { softBounces: { count: 3 } })
// end

// What a provider tells by a webhook.
const told: MailNews = {
  type: 'bounced',
  from: 'postmark',
  id: 'news-1',
  at: new Date('2026-11-20T10:00:00Z'),
  recipient: 'bob@rcpt.example',
  why: new MailError({ stage: 'rcpt-to', kind: 'mailbox-unknown' }),
  raw: {},
}
await onNews(told)

const message = {
  from: 'tea@sender.example',
  to: ['ann@rcpt.example', 'bob@rcpt.example'],
  subject: 'Tea',
  text: 'It is ready.',
}
// snippet: failure
try {
  await mailer.send(message)
} catch (error) {
  if (!MailError.is(error, 'rcpt-to/suppressed')) throw error
  console.log(error.code, error.permanence, error.delivered)
  console.log(error.summary)
  console.log(error.hint)
}
// end
assert.deepEqual(
  server.messages.map(({ envelope }) => envelope.to),
  [['ann@rcpt.example']],
)

// snippet: list
for (let page = await list.list({ limit: 1_000 }); page.length > 0;) {
  for (const { address, reason, at } of page) console.log(address, reason, at.toISOString())
  page = await list.list({ after: page.at(-1)!.address, limit: 1_000 })
}
await list.remove('bob@rcpt.example')
await list.add({ address: 'eve@rcpt.example', reason: 'manual', at: new Date() })
// end

assert.ok((await mailer.send(message)).ok)
await assert.rejects(mailer.send({ ...message, to: 'eve@RCPT.example' }), { code: 'rcpt-to/suppressed' })
await mailer.close()
await list.close()
rmSync(folder, { recursive: true })
