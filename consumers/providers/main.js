// Sends through the API of every provider, and breaks connections. Bun and Deno do not tell how far a request came.
import assert from 'node:assert/strict'
import { Mailer, transportFromUrl } from '@loudmail/core'
import { providerSchemes } from '@loudmail/providers'
import { closedPort } from '@loudmail/server'
import { playProvider, startHttpServer } from '@loudmail/server/http'

const URLS = {
  resend: 'resend://re_123456789@',
  postmark: 'postmark://0a1b2c3d@',
  ses: 'ses://AKIA123:secret-123@eu-west-1',
  sendgrid: 'sendgrid://SG.123456789@',
  mailgun: 'mailgun://key-123456789@mg.example.com',
  brevo: 'brevo://xkeysib-123456789@',
}
const message = {
  from: 'tea@shop.example',
  to: 'ann@example.com',
  subject: 'Welcome',
  text: 'Hi',
  attachments: [{ filename: 'menu.bin', content: new Uint8Array(200_000) }],
}

/** What becomes of a message, where the API is at `place`. */
async function send(url, place) {
  const transport = transportFromUrl(`${url}?url=${encodeURIComponent(place)}`, providerSchemes)
  const mailer = new Mailer({ transport })
  try {
    return await mailer.send(message).catch((error) => error)
  } finally {
    await mailer.close()
  }
}

async function sendTo(url, script) {
  const server = await startHttpServer(script)
  try {
    return { outcome: await send(url, server.url), requests: server.requests }
  } finally {
    await server.close()
  }
}

for (const [name, url] of Object.entries(URLS)) {
  const sent = await sendTo(url, playProvider(name))
  assert.equal(sent.outcome.state, 'sent', `${name}: ${sent.outcome}`)
  const [{ headers, body }] = sent.requests
  assert.equal(headers['content-length'], String(body.length), name)

  for (const script of [
    { close: 'reset', after: 'body' },
    { close: 'fin', after: 'body' },
    { cutAt: 10, answer: { status: 200 } },
  ]) {
    const { code, stage, delivered } = (await sendTo(url, script)).outcome
    assert.deepEqual([stage, delivered], ['submit', 'unknown'], `${name}, ${JSON.stringify(script)}: ${code}`)
  }
  const refused = await send(url, `http://127.0.0.1:${await closedPort()}`)
  assert.deepEqual([refused.code, refused.delivered], ['connect/connection-refused', 'none'], name)
}
console.log('ok')
