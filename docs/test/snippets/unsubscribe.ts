import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { Mailer, MailError } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import express from 'express'

await using server = await startServer()
Object.assign(process.env, { UNSUBSCRIBE_SECRET: 'what `openssl rand -base64 32` prints' })

// snippet: links
import { unsubscribeHandler, UnsubscribeLinks } from '@loudmail/content/unsubscribe'

const links = new UnsubscribeLinks({
  url: 'https://example.com/unsubscribe',
  secret: process.env.UNSUBSCRIBE_SECRET,
  mailto: 'leave@example.com',
})
// end

// snippet: handler
import { memorySuppressions, suppress } from '@loudmail/webhooks'

const left = memorySuppressions()
const app = express()
app.all(
  '/unsubscribe',
  unsubscribeHandler(links, ({ address }) => left.add({ address, reason: 'unsubscribed', at: new Date() })),
)
// end

// snippet: send
const newsletter = new Mailer({
  transport: suppress(smtp(server.url), left),
  defaults: { from: 'Tea Shop <tea@example.com>' },
})
for (const address of ['ann@rcpt.example', 'bob@rcpt.example']) {
  const listUnsubscribe = links.link({ address, list: 'newsletter' })
  await newsletter.send({
    to: address,
    subject: 'New tea',
    html: `<p>New tea has come.</p><p><a href="${listUnsubscribe.url}">Unsubscribe</a></p>`,
    listUnsubscribe,
  })
}
// end
assert.equal(server.messages.length, 2)

const listening = app.listen(0, '127.0.0.1')
await new Promise((resolve) => listening.once('listening', resolve))
const origin = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
const [, link] = /^List-Unsubscribe: <([^>]+)>/m.exec(server.messages[0]!.content.toString())!
const { pathname, search } = new URL(link!)

// A scanner or a person follows the link: nobody is unsubscribed.
assert.match(await (await fetch(origin + pathname + search)).text(), /Unsubscribe ann@rcpt\.example from/)
assert.equal((await newsletter.send({ to: 'ann@rcpt.example', subject: 'Tea' })).ok, true)

// What a mail program sends.
const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })
assert.equal((await fetch(origin + pathname + search, { method: 'POST', body })).status, 200)

// snippet: failure
try {
  await newsletter.send({ to: 'ann@rcpt.example', subject: 'More tea' })
} catch (error) {
  if (!MailError.is(error, 'rcpt-to/suppressed')) throw error
  console.log(error.summary)
}
// end
assert.equal((await newsletter.send({ to: 'bob@rcpt.example', subject: 'More tea' })).ok, true)

listening.close()
listening.closeAllConnections()
await newsletter.close()
