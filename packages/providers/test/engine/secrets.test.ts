import { inspect } from 'node:util'
import { startHttpServer } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { NAMES, SECRET, TRANSPORTS } from '../every-provider.ts'
import { api, everything, failure, KEY, message } from './scene.ts'

const FORMS: [string, (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['percent-encoded', encodeURIComponent],
  ['in JSON', (secret) => JSON.stringify(secret)],
  ['in base64', (secret) => Buffer.from(secret).toString('base64')],
  ['in a header', (secret) => `authorization: Bearer ${secret}`],
]

describe.each(FORMS)('a key that the provider repeats, %s', (_form, encode) => {
  it.each([
    [400, (text: string): unknown => ({ name: 'validation_error', message: text })],
    [401, (text: string): unknown => ({ name: text, message: text })],
    [500, (text: string): unknown => `<html>${text}</html>`],
    [200, (text: string): unknown => ({ message: text })],
  ])('in an answer with the status %d, is nowhere', async (status, body) => {
    await using server = await startHttpServer({
      status,
      headers: { 'x-request-id': encode(KEY).replaceAll(/[^\x20-\x7E]/g, '') },
      body: body(`before ${encode(KEY)} after`),
    })
    const transport = api(server.url)
    const error = await failure(transport.send(message()))
    for (const text of [everything(error), transport.name, JSON.stringify(transport.health!())]) {
      expect(text).not.toContain(KEY)
      expect(text).not.toContain(encode(KEY))
    }
    expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${KEY}`)
  })

  it('in what verify() is told, is nowhere', async () => {
    await using server = await startHttpServer({
      status: 400,
      body: { name: 'validation_error', message: `the API key ${encode(KEY)} is invalid` },
    })
    const error = await failure(api(server.url).verify!())
    expect(error.kind).toBe('bad-credentials')
    expect(everything(error)).not.toContain(encode(KEY))
  })
})

it('a key that the provider repeats as the id of a message is not in the delivery', async () => {
  await using server = await startHttpServer({ status: 200, body: { id: KEY } })
  const delivery = await api(server.url).send(message())
  expect(JSON.stringify(delivery)).not.toContain(KEY)
})

it('a transcript shows the request line, sizes and the status, and no header or body', async () => {
  await using server = await startHttpServer({
    status: 429,
    headers: { 'x-request-id': 'r-17' },
    body: { name: 'rate_limit_exceeded', message: 'Slow down.' },
  })
  const error = await failure(api(server.url).send(message({ text: 'the-content' })))
  expect(error.transcript!.entries.map(({ from, text }) => `${from}: ${text}`)).toEqual([
    'client: POST /emails',
    expect.stringMatching(/^client: <\d+ octets>$/),
    'server: 429 Too Many Requests (request r-17)',
    'server: {"name":"rate_limit_exceeded","message":"Slow down."}',
  ])
  expect(everything(error)).not.toContain('the-content')
})

it.each(NAMES)('a key that %s repeats in a header field is nowhere', async (name) => {
  const headers = {
    'x-request-id': SECRET,
    'x-message-id': SECRET,
    'x-amzn-ErrorType': SECRET,
    'retry-after': SECRET,
  }
  await using server = await startHttpServer()
  const transport = TRANSPORTS[name](server.url)
  for (const status of [400, 401, 403, 429, 500]) {
    server.play({ status, headers, body: { message: 'no' } })
    expect(everything(await failure(transport.send(message())))).not.toContain(SECRET)
  }
  server.play({ status: 202, headers, body: '' })
  const outcome: unknown = await transport.send(message()).catch((error: unknown) => error)
  expect(inspect([outcome, transport, transport.health!()], { depth: 12, showHidden: true })).not.toContain(
    SECRET,
  )
})
