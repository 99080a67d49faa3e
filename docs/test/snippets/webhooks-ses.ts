import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { resendWebhook, sesWebhook, webhook, type MailNews } from '@loudmail/webhooks'
import express from 'express'
// Amazon SNS on this machine.
import { notification, playSns, TOPIC } from '../../../packages/webhooks/test/ses/played-sns.ts'
import { sesBounce } from '../../../packages/webhooks/test/ses/ses-payloads.ts'

const key = Buffer.from('a key of 24 octets, or so')
Object.assign(process.env, {
  RESEND_WEBHOOK_SECRET: `whsec_${key.toString('base64')}`,
  SES_TOPIC_ARN: TOPIC,
})
const told: MailNews[] = []
const database = { save: (news: MailNews) => Promise.resolve(told.push(news)) }
const sns = await playSns()
const real = fetch
globalThis.fetch = (input, init) =>
  typeof input === 'string' && input.startsWith('https://sns.')
    ? sns.fetch(input, init as never)
    : real(input, init)

// snippet: express
const app = express()
const secret = process.env.RESEND_WEBHOOK_SECRET!
app.post('/hooks/resend', webhook(resendWebhook({ secret }), onNews))
app.use(express.json())

async function onNews(news: MailNews): Promise<void> {
  await database.save(news)
  if (news.why) console.log(news.type, news.recipient, news.why.code, news.why.permanence)
}
// end

const another = express()
{
  const app = another
  // snippet: ses
  app.post('/hooks/ses', webhook(sesWebhook({ topicArn: process.env.SES_TOPIC_ARN }), onNews))
  // end
}

async function post(
  to: express.Express,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<Response> {
  const server = to.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
  const answer = await fetch(url, { method: 'POST', headers: { ...headers, connection: 'close' }, body })
  const said = await answer.text()
  server.close()
  return new Response(said, answer)
}

const event = JSON.stringify({
  type: 'email.delivered',
  created_at: '2026-11-27T10:00:00.000Z',
  data: { email_id: '56761188-7520-42d8-8898-ff6fc54ce618', to: ['ann@example.com'] },
})
const time = String(Math.floor(Date.now() / 1_000))
const signature = createHmac('sha256', key).update(`msg_1.${time}.${event}`).digest('base64')
const signed = {
  'content-type': 'application/json',
  'svix-id': 'msg_1',
  'svix-timestamp': time,
  'svix-signature': `v1,${signature}`,
}
assert.equal((await post(app, '/hooks/resend', signed, event)).status, 200)
const person = { status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 User unknown' }
const bounced = notification(sesBounce('Permanent', 'General', person))
assert.equal((await post(another, '/hooks/ses', {}, bounced)).status, 200)
assert.deepEqual(
  told.map(({ type, from }) => [from, type]),
  [
    ['resend', 'delivered'],
    ['ses', 'bounced'],
  ],
)
const forged = await post(another, '/hooks/ses', {}, bounced.replace('ann@example.com', 'eve@example.com'))
console.log(forged.status, await forged.text())
await sns[Symbol.asyncDispose]()
