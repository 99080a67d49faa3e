import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { Mailer } from '@loudmail/core'
import { google } from '@loudmail/oauth2'
import { gmail } from '@loudmail/providers/gmail'
import { playProvider, startHttpServer } from '@loudmail/server/http'

const provider = playProvider('gmail')
await using api = await startHttpServer((request) =>
  request.path === '/token'
    ? { status: 200, body: { access_token: 'ya29.test', expires_in: 3_600, token_type: 'Bearer' } }
    : provider(request),
)
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
process.env.GOOGLE_SERVICE_ACCOUNT = JSON.stringify({
  client_email: 'shop@project.iam.gserviceaccount.com',
  private_key: privateKey,
})
const url = api.url
const tokenUrl = `${api.url}/token`
const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }

// snippet: set-up
const accessToken = google({
  serviceAccount: process.env.GOOGLE_SERVICE_ACCOUNT,
  subject: 'tea@example.com',
  scope: 'https://www.googleapis.com/auth/gmail.send',
  tokenUrl,
})
const mailer = new Mailer({ transport: gmail({ accessToken, url }) })
await mailer.verify()
const receipt = await mailer.send({
  ...message,
  inReplyTo: '<question@example.com>',
  transportData: { gmail: { threadId: '19a0b1c2d3e40001' } },
})
// end
assert.match(receipt.providerId ?? '', /./)
await mailer.close()
assert.equal(provider.taken.length, 1)
