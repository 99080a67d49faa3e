import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { Mailer } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { readBounce, type MailNews } from '@loudmail/webhooks'

await using server = await startServer({ caps: ['DSN', 'ENHANCEDSTATUSCODES'] })
const mailer = new Mailer({ transport: smtp(server.url) })
const sent = new Map<string, string[]>()
const onNews = (news: MailNews): void => console.log(news.type, news.recipient, news.why?.permanence)

// snippet: send
const envelopeId = randomUUID()
await mailer.send({
  from: 'Tea Shop <tea@example.com>',
  to: 'ann@example.com',
  subject: 'Your tea',
  text: 'It is on its way.',
  envelope: { from: 'bounces@example.com', to: 'ann@example.com' },
  dsn: { notify: ['failure', 'delay'], ret: 'headers', envelopeId },
})
sent.set(envelopeId, ['ann@example.com'])
// end
assert.deepEqual(server.messages[0]!.envelope.mailParameters, { RET: 'HDRS', ENVID: envelopeId })

// What the mail server of the recipient writes, made of one that Postfix wrote.
const written = readFileSync('packages/webhooks/test/fixtures/bounces/postfix-refused-at-rcpt.eml', 'latin1')
const message = written
  .replace(/Original-Envelope-Id: .*\r/, `Original-Envelope-Id: ${envelopeId}\r`)
  .replaceAll('unknown@next.test', 'ann@example.com')

// snippet: read
const { news, report, reason } = await readBounce(message, {
  isOurs: ({ envelopeId: id, recipient }) => id !== undefined && sent.get(id)?.includes(recipient) === true,
})
for (const each of news) onNews(each)
if (reason !== undefined) console.log('no news:', reason, report)
// end
assert.equal(reason, undefined)
// snippet: why
const [{ why }] = news as [MailNews]
console.log(why?.code)
console.log(why?.reply?.code, why?.reply?.enhanced, why?.reply?.text)
console.log(why?.hint)
// end

// A forgery: somebody who knows the recipient, and not the envelope id.
const forged = await readBounce(message.replace(envelopeId, randomUUID()), {
  isOurs: ({ envelopeId: id }) => sent.has(id!),
})
assert.equal(forged.reason, 'not-ours')

const stdin = Readable.from([message])
{
  // snippet: pipe
  const { news: piped } = await readBounce(stdin)
  // end
  assert.equal(piped.length, 1)
}
await mailer.close()
