import assert from 'node:assert/strict'
import { Mailer, MailError } from '@loudmail/core'
import { postmark } from '@loudmail/providers/postmark'
import { playProvider, startHttpServer } from '@loudmail/server/http'

const inactive = {
  status: 200,
  body: {
    To: 'ann@example.com, bob@example.com',
    SubmittedAt: '2026-11-27T12:00:00Z',
    MessageID: '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9',
    ErrorCode: 0,
    Message: 'Message OK, but will not deliver to these inactive addresses: bob@example.com.',
  },
}
const provider = playProvider('postmark', { answers: [undefined, undefined, inactive] })
await using api = await startHttpServer(provider)
process.env.POSTMARK_TOKEN = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'
const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }
const url = api.url

// snippet: set-up
const mailer = new Mailer({ transport: postmark({ token: process.env.POSTMARK_TOKEN, url }) })
await mailer.verify()
await mailer.send({
  ...message,
  transportData: {
    tags: ['order'],
    metadata: { order: '4711' },
    postmark: { messageStream: 'outbound', trackOpens: false },
  },
})
// end

// snippet: inactive
try {
  await mailer.send({ ...message, to: ['ann@example.com', 'bob@example.com'] })
} catch (error) {
  if (!MailError.is(error, 'submit/suppressed')) throw error
  console.log(error.delivered)
  for (const { address, status } of error.recipients) console.log(address, status)
}
// end
await mailer.close()
assert.equal(provider.taken.length, 1)
