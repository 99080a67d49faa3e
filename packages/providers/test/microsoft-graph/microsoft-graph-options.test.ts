import { transportFromUrl } from '@loudmail/core'
import { playProvider, startHttpServer } from '@loudmail/server/http'
import { expect, it } from 'vitest'
import { providerSchemes } from '../../src/index.ts'
import { microsoftGraph, type MicrosoftGraphOptions } from '../../src/microsoft-graph/index.ts'
import { TOKEN } from '../mailbox-suites.ts'
import { messageTo } from '../suites.ts'

it.each([
  [{}, 'config/missing-credentials', 'microsoftGraph() accessToken is missing or empty'],
  [
    { accessToken: TOKEN, saveToSentItems: 'no' },
    'config/invalid-config',
    'microsoftGraph() saveToSentItems must be true or false',
  ],
  [
    { accessToken: TOKEN, user: '' },
    'config/invalid-config',
    'microsoftGraph() user must be the address of the mailbox that sends, or its id',
  ],
])('%j is refused', (options, code, summary) => {
  expect(() => microsoftGraph(options as MicrosoftGraphOptions)).toThrow(
    expect.objectContaining({ code, summary }) as Error,
  )
})

it.each([
  ['microsoftgraph://eyJ0.abc@', 'graph.microsoft.com'],
  ['microsoftgraph://app-id:secret@tenant.example?user=tea%40example.com', 'graph.microsoft.com'],
  ['microsoftgraph://app-id@tenant.example?refreshToken=0.AAA&saveToSentItems=false', 'graph.microsoft.com'],
  [
    'microsoftgraph://app-id:secret@t.example?user=a%40b.example&url=https%3A%2F%2Fgraph.microsoft.us&authority=https%3A%2F%2Flogin.microsoftonline.us',
    'graph.microsoft.us',
  ],
])('is made from %s', (url, host) => {
  expect(transportFromUrl(url, providerSchemes).name).toBe(`microsoftGraph(${host})`)
})

it.each([
  ['microsoftgraph://app-id:secret@', /has its tenant behind the @/],
  ['microsoftgraph://app-id@?refreshToken=0.AAA', /has its tenant behind the @/],
  ['microsoftgraph://app-id@tenant.example', /needs clientSecret, certificate or refreshToken/],
  ['microsoftgraph://eyJ0.abc@?saveToSentItems=no', /saveToSentItems of a microsoftgraph:\/\/ URL must be/],
  ['microsoftgraph://eyJ0.abc@?save=no', /has a parameter that is not known/],
])('%s is refused without being shown', (url, summary) => {
  expect(() => transportFromUrl(url, providerSchemes)).toThrow(summary)
  expect(() => transportFromUrl(url, providerSchemes)).not.toThrow(/eyJ0|secret@|AAA/)
})

it('fetches its token by the credentials in its URL, with the scope of Graph', async () => {
  const provider = playProvider('microsoftGraph')
  await using server = await startHttpServer((request) =>
    request.path.endsWith('/token')
      ? { status: 200, body: { access_token: TOKEN, expires_in: 3_600, token_type: 'Bearer' } }
      : provider(request),
  )
  const here = encodeURIComponent(server.url)
  const url = `microsoftgraph://app-id:s%2Fcret@tenant.example?user=tea%40example.com&url=${here}&authority=${here}`
  await transportFromUrl(url, providerSchemes).send(messageTo())
  const [token, send] = server.requests
  expect(token!.path).toBe('/tenant.example/oauth2/v2.0/token')
  expect(Object.fromEntries(new URLSearchParams(token!.body.toString()))).toEqual({
    grant_type: 'client_credentials',
    client_id: 'app-id',
    client_secret: 's/cret',
    scope: 'https://graph.microsoft.com/.default',
  })
  expect(send).toMatchObject({ path: '/v1.0/users/tea@example.com/sendMail' })
  expect(send!.headers.authorization).toBe(`Bearer ${TOKEN}`)
})
