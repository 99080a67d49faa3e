import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { sesWebhook, webhook, type MailNews } from '@loudmail/webhooks'
import express from 'express'
// Amazon SNS on this machine.
import { notification, playSns, TOPIC } from '../../../packages/webhooks/test/ses/played-sns.ts'
import { sesBounce } from '../../../packages/webhooks/test/ses/ses-payloads.ts'

process.env.SES_TOPIC_ARN = TOPIC
const told: MailNews[] = []
const onNews = (news: MailNews): void => void told.push(news)
const sns = await playSns()
const real = fetch
globalThis.fetch = (input, init) =>
  typeof input === 'string' && input.startsWith('https://sns.')
    ? sns.fetch(input, init as never)
    : real(input, init)

const app = express()
// snippet: ses
app.post('/hooks/ses', webhook(sesWebhook({ topicArn: process.env.SES_TOPIC_ARN }), onNews))
// end

const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/ses`
const post = (body: string): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { connection: 'close' }, body })

const person = { status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 User unknown' }
const bounced = notification(sesBounce('Permanent', 'General', person))
assert.equal((await post(bounced)).status, 200)
assert.equal(told[0]?.why?.code, 'rcpt-to/mailbox-unknown')
const forged = await post(bounced.replace('ann@example.com', 'eve@example.com'))
console.log(forged.status, await forged.text())
server.close()
await sns[Symbol.asyncDispose]()
