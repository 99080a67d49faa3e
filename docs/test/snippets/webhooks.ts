import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  brevoWebhook,
  handleWebRequest,
  mailgunWebhook,
  postmarkWebhook,
  readWebhook,
  resendWebhook,
  sendgridWebhook,
  webhook,
  type MailNews,
  type SeenStore,
  type WebhookOptions,
} from '@loudmail/webhooks'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'

const key = 'a key of the webhook'
process.env.RESEND_WEBHOOK_SECRET = `whsec_${Buffer.from(key).toString('base64')}`
process.env.POSTMARK_WEBHOOK_PASSWORD = 'long and random'
process.env.SENDGRID_VERIFICATION_KEY =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=='
process.env.MAILGUN_SIGNING_KEY = 'key'
process.env.BREVO_WEBHOOK_TOKEN = 'long and random'

/** Posts an event as Resend does. */
async function post(url: string, type: string, more: object = {}): Promise<number> {
  const data = { email_id: '56761188', to: ['ann@example.com'], ...more }
  const body = JSON.stringify({ type, created_at: '2026-11-22T23:41:12.126Z', data })
  const time = String(Math.floor(Date.now() / 1_000))
  const id = `msg_${Math.random()}`
  const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')
  const headers = {
    'content-type': 'application/json',
    'svix-id': id,
    'svix-timestamp': time,
    'svix-signature': `v1,${signature}`,
  }
  return (await fetch(url, { method: 'POST', headers, body })).status
}

// snippet: express
const app = express()
const resend = resendWebhook({ secret: process.env.RESEND_WEBHOOK_SECRET })

// Before express.json(): a signature is of the body as it was sent.
app.post('/hooks/resend', webhook(resend, onNews))
app.use(express.json())

function onNews(news: MailNews): void {
  const { type, recipient, why } = news
  console.log(`${recipient} ${type}`, why ? `${why.code}, ${why.permanence}` : 'and all is well')
}
// end

// snippet: sources
const sources = [
  resendWebhook({ secret: process.env.RESEND_WEBHOOK_SECRET }),
  postmarkWebhook({ user: 'postmark', password: process.env.POSTMARK_WEBHOOK_PASSWORD }),
  sendgridWebhook({ publicKey: process.env.SENDGRID_VERIFICATION_KEY }),
  mailgunWebhook({ signingKey: process.env.MAILGUN_SIGNING_KEY }),
  brevoWebhook({ token: process.env.BREVO_WEBHOOK_TOKEN }),
]
// end
assert.deepEqual(
  sources.map((source) => source.provider),
  ['Resend', 'Postmark', 'SendGrid', 'Mailgun', 'Brevo'],
)

const server = app.listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/resend`
assert.equal(await post(url, 'email.delivered'), 200)
const diagnosticCode = ['smtp; 550 5.1.1 No such user']
assert.equal(await post(url, 'email.bounced', { bounce: { type: 'Permanent', diagnosticCode } }), 200)
server.close()

const told: MailNews[] = []
const note = (news: MailNews): void => void told.push(news)

// snippet: hono
const hono = new Hono()
const answer = handleWebRequest(resend, note)
hono.post('/hooks/resend', (context) => answer(context.req.raw))
// end

// snippet: read
async function readOnly(request: Request): Promise<Response> {
  const { news } = await readWebhook(resend, request)
  for (const each of news) console.log(each.type)
  return new Response('OK')
}
// end
assert.equal(typeof readOnly, 'function')

// snippet: fastify
const fastify = Fastify()
const handler = webhook(resend, note)
fastify.register(async (scope) => {
  // The webhook reads the body itself: Fastify must not.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _body, done) => done(null))
  scope.post('/hooks/resend', (request, reply) => {
    reply.hijack()
    handler(request.raw, reply.raw)
  })
})
// end
const fastifyUrl = await fastify.listen({ host: '127.0.0.1', port: 0 })
assert.equal(await post(`${fastifyUrl}/hooks/resend`, 'email.opened'), 200)
await fastify.close()

const seenKeys = new Map<string, string>()
const redis = {
  get: (name: string) => Promise.resolve(seenKeys.get(name) ?? null),
  set: (name: string, value: string, _expiry: object) => Promise.resolve(seenKeys.set(name, value)),
}
// snippet: seen
const seen: SeenStore = {
  get: async (name) => (await redis.get(name)) ?? undefined,
  set: async (name, value) => void (await redis.set(name, value, { EX: 172_800 })),
}
const options: WebhookOptions = {
  seen,
  onProblem: ({ kind, provider, error }) => console.error(kind, provider, error),
}
// end
const plain = createServer(webhook(resend, note, options)).listen(0, '127.0.0.1')
await new Promise((resolve) => plain.once('listening', resolve))
const plainUrl = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/`
assert.equal(await post(plainUrl, 'email.clicked'), 200)
assert.ok(seenKeys.size > 0)
plain.close()
plain.closeAllConnections()
server.closeAllConnections()

assert.deepEqual(
  told.map((news) => news.type),
  ['opened', 'clicked'],
)
