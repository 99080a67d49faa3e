import assert from 'node:assert/strict'
import { limit, Mailer } from '@loudmail/core'
import { microsoft } from '@loudmail/oauth2'
import { microsoftGraph } from '@loudmail/providers/microsoft-graph'
import { playProvider, startHttpServer } from '@loudmail/server/http'

const provider = playProvider('microsoftGraph')
await using api = await startHttpServer((request) =>
  request.path.endsWith('/token')
    ? { status: 200, body: { access_token: 'eyJ0.test', expires_in: 3_600, token_type: 'Bearer' } }
    : provider(request),
)
Object.assign(process.env, { MICROSOFT_TENANT: 'tea.example', MICROSOFT_CLIENT_ID: 'app' })
process.env.MICROSOFT_CLIENT_SECRET = 'secret'
const url = api.url
const authority = api.url
const message = { from: 'tea@example.com', to: 'ann@example.com', subject: 'Tea', text: 'It is ready.' }

{
  // snippet: set-up
  const accessToken = microsoft({
    tenant: process.env.MICROSOFT_TENANT,
    clientId: process.env.MICROSOFT_CLIENT_ID,
    clientSecret: process.env.MICROSOFT_CLIENT_SECRET,
    scope: 'https://graph.microsoft.com/.default',
    authority,
  })
  const graph = microsoftGraph({ accessToken, user: 'tea@example.com', url })
  // 4 requests at once and 30 messages a minute, for each mailbox.
  const transport = limit(graph, { concurrent: 4, messages: 30, intervalMs: 60_000 })
  const mailer = new Mailer({ transport })
  await mailer.verify()
  await mailer.send(message)
  // end
  await mailer.close()
}

{
  // snippet: cloud
  const accessToken = microsoft({
    tenant: process.env.MICROSOFT_TENANT,
    clientId: process.env.MICROSOFT_CLIENT_ID,
    clientSecret: process.env.MICROSOFT_CLIENT_SECRET,
    authority: 'https://login.microsoftonline.us',
    scope: 'https://graph.microsoft.us/.default',
  })
  const transport = microsoftGraph({
    accessToken,
    user: 'tea@example.com',
    url: 'https://graph.microsoft.us',
  })
  // end
  assert.equal(transport.name, 'microsoftGraph(graph.microsoft.us)')
}

assert.equal(provider.taken.length, 1)
