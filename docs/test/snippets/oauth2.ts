import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Mailer, MailError } from '@loudmail/core'
import { nodemailer, provisionCallback } from '@loudmail/nodemailer'
import { clientCredentials, google, microsoft, refreshToken } from '@loudmail/oauth2'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }

// A token server and an SMTP server that knows its token.
let answer: { status: number; body: object } = { status: 200, body: {} }
const tokenServer = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(answer.status).end(JSON.stringify(answer.body)))
}).listen(0, '127.0.0.1')
await once(tokenServer, 'listening')
const authority = `http://127.0.0.1:${(tokenServer.address() as AddressInfo).port}`
const tokenUrl = `${authority}/token`
await using server = await startServer({ caps: ['AUTH XOAUTH2'], tokens: { 'tea@example.com': 'good' } })
const { host, port } = server
const gives = (more: object = {}): void => {
  answer = { status: 200, body: { access_token: 'good', expires_in: 3_600, ...more } }
}

const privateKey = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey
Object.assign(process.env, {
  MICROSOFT_TENANT: 'example.com',
  MICROSOFT_CLIENT_ID: '396c2760-2fa5-4948-b9d5-9839a7440836',
  MICROSOFT_CLIENT_SECRET: 'Abc8Q~secret',
  MICROSOFT_REFRESH_TOKEN: '0.refresh',
  GOOGLE_SERVICE_ACCOUNT: JSON.stringify({ client_email: 'tea@tea.example', private_key: privateKey }),
  GOOGLE_CLIENT_ID: 'tea.apps.example',
  GOOGLE_CLIENT_SECRET: 'GOCSPX-secret',
  GOOGLE_REFRESH_TOKEN: '1//refresh',
  OAUTH_CLIENT_ID: 'tea',
  OAUTH_CLIENT_SECRET: 'secret',
  OAUTH_REFRESH_TOKEN: 'refresh',
})

{
  // snippet: microsoft
  const accessToken = microsoft({
    tenant: process.env.MICROSOFT_TENANT,
    clientId: process.env.MICROSOFT_CLIENT_ID,
    clientSecret: process.env.MICROSOFT_CLIENT_SECRET,
  })
  const transport = smtp({
    host: 'smtp.office365.com',
    port: 587,
    auth: { user: 'tea@example.com', accessToken },
  })
  // end
  assert.equal(transport.name, 'smtp(smtp.office365.com:587)')
}

{
  const file = 'refresh-token'
  // snippet: microsoft-user
  const accessToken = microsoft({
    tenant: process.env.MICROSOFT_TENANT,
    clientId: process.env.MICROSOFT_CLIENT_ID,
    refreshToken: existsSync(file) ? readFileSync(file, 'utf8') : process.env.MICROSOFT_REFRESH_TOKEN,
    onRefreshToken: (token) => writeFile(file, token, { mode: 0o600 }),
  })
  const auth = { user: 'tea@outlook.com', accessToken }
  const transport = smtp({ host: 'smtp-mail.outlook.com', port: 587, auth })
  // end
  assert.equal(transport.name, 'smtp(smtp-mail.outlook.com:587)')
}

{
  // snippet: microsoft-china
  const accessToken = microsoft({
    tenant: process.env.MICROSOFT_TENANT,
    clientId: process.env.MICROSOFT_CLIENT_ID,
    clientSecret: process.env.MICROSOFT_CLIENT_SECRET,
    authority: 'https://login.partner.microsoftonline.cn',
    scope: 'https://partner.outlook.cn/.default',
  })
  const auth = { user: 'tea@example.com', accessToken }
  const transport = smtp({ host: 'smtp.partner.outlook.cn', port: 587, auth })
  // end
  assert.equal(transport.name, 'smtp(smtp.partner.outlook.cn:587)')
}

{
  // snippet: google
  const user = 'tea@example.com'
  const accessToken = google({ serviceAccount: process.env.GOOGLE_SERVICE_ACCOUNT, subject: user })
  const transport = smtp({ host: 'smtp.gmail.com', port: 587, auth: { user, accessToken } })
  // end
  assert.equal(transport.name, 'smtp(smtp.gmail.com:587)')
}

{
  // snippet: google-user
  const accessToken = google({
    clientId: process.env.GOOGLE_CLIENT_ID,
    clientSecret: process.env.GOOGLE_CLIENT_SECRET,
    refreshToken: process.env.GOOGLE_REFRESH_TOKEN,
  })
  const transport = smtp({ host: 'smtp.gmail.com', port: 587, auth: { user: 'tea@gmail.com', accessToken } })
  // end
  assert.equal(transport.name, 'smtp(smtp.gmail.com:587)')
}

{
  gives()
  // snippet: others
  const forTheProgram = clientCredentials({
    tokenUrl,
    clientId: process.env.OAUTH_CLIENT_ID,
    clientSecret: process.env.OAUTH_CLIENT_SECRET,
    scope: 'smtp',
  })
  const forAUser = refreshToken({
    tokenUrl,
    clientId: process.env.OAUTH_CLIENT_ID,
    refreshToken: process.env.OAUTH_REFRESH_TOKEN,
  })
  // end
  assert.deepEqual(await Promise.all([forTheProgram(), forAUser()]), ['good', 'good'])
  const accessToken = forTheProgram
  // snippet: send
  const mailer = new Mailer({
    transport: smtp({ host, port, auth: { user: 'tea@example.com', accessToken } }),
  })
  await mailer.verify()
  await mailer.send(message)
  // end
  await mailer.close()
  assert.equal(server.messages.at(-1)?.authenticatedAs, 'tea@example.com')
}

{
  gives()
  const accessToken = clientCredentials({ tokenUrl, clientId: 'tea', clientSecret: 'secret' })
  // snippet: nodemailer
  const transport = nodemailer({
    host: 'smtp.office365.com',
    port: 587,
    requireTLS: true,
    auth: { type: 'OAuth2', user: 'tea@example.com', provisionCallback: provisionCallback(accessToken) },
  })
  // end
  assert.equal(transport.name, 'nodemailer(smtp.office365.com:587)')
  const auth = {
    type: 'OAuth2',
    user: 'tea@example.com',
    provisionCallback: provisionCallback(accessToken),
  } as const
  const mailer = new Mailer({ transport: nodemailer({ host, port, auth }) })
  await mailer.send(message)
  await mailer.close()
  assert.equal(server.messages.length, 2)
}

{
  answer = {
    status: 401,
    body: {
      error: 'invalid_client',
      error_description:
        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '396c2760-2fa5-4948-b9d5-9839a7440836'.",
    },
  }
  const accessToken = clientCredentials({ tokenUrl, clientId: 'tea', clientSecret: 'secret' })
  const mailer = new Mailer({
    transport: smtp({ host, port, auth: { user: 'tea@example.com', accessToken } }),
  })
  // snippet: failure
  try {
    await mailer.send(message)
  } catch (error) {
    if (!MailError.is(error)) throw error
    console.log(error.code, error.permanence)
    console.log(error.hint)
  }
  // end
  await mailer.close()
}

tokenServer.close()
tokenServer.closeAllConnections()
