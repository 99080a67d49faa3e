import assert from 'node:assert/strict'
import { Mailer } from '@loudmail/core'
import { memoryStore, startCapture, startInbox } from '@loudmail/debug'
import { smtp } from '@loudmail/smtp'

// snippet: capture
const store = memoryStore()
const capture = await startCapture(store, { port: 1025 })
const page = await startInbox(store, { port: 8025 })
// end

const mailer = new Mailer({ transport: smtp(capture.url) })
await mailer.send({ from: 'tea@shop.example', to: 'ann@example.com', subject: 'Hello' })
assert.equal(store.mails[0]?.subject, 'Hello')
await mailer.close()
await capture.close()
await page.close()
