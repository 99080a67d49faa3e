import assert from 'node:assert/strict'
import { failover, Mailer, MailError, retry, transportFromUrl } from '@loudmail/core'
import { providerSchemes, type CommonData } from '@loudmail/providers'
import { postmark, type PostmarkData } from '@loudmail/providers/postmark'
import { resend } from '@loudmail/providers/resend'
import { startServer } from '@loudmail/server'
import { playProvider, startHttpServer } from '@loudmail/server/http'
import { smtp, smtpSchemes } from '@loudmail/smtp'

const refusing = {
  status: 422,
  body: {
    ErrorCode: 406,
    Message:
      'You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: bob@example.com. Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression.',
  },
}
await using resendApi = await startHttpServer(playProvider('resend'))
await using postmarkApi = await startHttpServer(playProvider('postmark', { answers: [refusing] }))
await using server = await startServer()

process.env.RESEND_KEY = 're_123456789'
process.env.POSTMARK_TOKEN = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'
process.env.MAIL_URL = `resend://re_123456789@?url=${resendApi.url}`
const message = { from: 'tea@example.com', to: 'bob@example.com', subject: 'Tea', text: 'It is ready.' }

{
  // snippet: url
  const transport = transportFromUrl(process.env.MAIL_URL, { ...smtpSchemes, ...providerSchemes })
  const mailer = new Mailer({ transport })
  // end
  const receipt = await mailer.send(message)
  assert.equal(receipt.state, 'sent')
  assert.match(receipt.providerId ?? '', /./)
  await mailer.close()
}

{
  const url = resendApi.url
  // snippet: data
  const mailer = new Mailer({ transport: resend({ key: process.env.RESEND_KEY, url }) })
  await mailer.send({
    ...message,
    idempotencyKey: 'order-4711-confirmation',
    transportData: {
      tags: ['order'],
      metadata: { order: '4711' },
      sendAt: new Date(Date.now() + 3_600_000),
      postmark: { messageStream: 'outbound' },
    },
  })
  // end
  await mailer.close()
}

{
  const url = resendApi.url
  const mailer = new Mailer({ transport: resend({ key: process.env.RESEND_KEY, url }) })
  // snippet: typed
  const transportData = {
    tags: ['order'],
    postmark: { messageStream: 'outbound' },
  } satisfies CommonData & { postmark: PostmarkData }
  await mailer.send({ ...message, transportData })
  // end
  await mailer.close()
}

{
  const url = postmarkApi.url
  // snippet: failure
  const mailer = new Mailer({ transport: postmark({ token: process.env.POSTMARK_TOKEN, url }) })
  try {
    await mailer.send(message)
  } catch (error) {
    if (!MailError.is(error)) throw error
    console.log(error.code, error.permanence, error.delivered)
    console.log(error.hint)
  }
  // end
  await mailer.close()
}

{
  const key = process.env.RESEND_KEY
  const url = resendApi.url
  const relay = { host: '127.0.0.1', port: server.port }
  // snippet: failover
  const transport = failover([retry(resend({ key, url })), smtp(relay)])
  // end
  const mailer = new Mailer({ transport })
  assert.equal((await mailer.send(message)).state, 'sent')
  await mailer.close()
}
