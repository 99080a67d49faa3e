import { certificates } from '@loudmail/server'
import { startHttpServer } from '@loudmail/server/http'
import { Agent, fetch as undiciFetch, type RequestInit as UndiciInit } from 'undici'
import { describe, expect, it } from 'vitest'
import { ACCEPTED, api, failure, largeMessage, message } from './scene.ts'

/** The `fetch` of the package `undici`, with a dispatcher of its own. */
function fetchWith(options: Agent.Options = {}): typeof fetch {
  const dispatcher = new Agent(options)
  const send = (url: string, init: object): unknown =>
    undiciFetch(url, { ...(init as UndiciInit), dispatcher })
  return send as typeof fetch
}

describe('the fetch of the package undici', () => {
  it('sends the body with its length, in one piece or in several', async () => {
    await using server = await startHttpServer(ACCEPTED)
    const transport = api(server.url, { fetch: fetchWith() })
    await transport.send(message())
    await transport.send(largeMessage(3_000_000))
    for (const { headers, body } of server.requests) {
      expect(headers['content-length']).toBe(String(body.length))
      expect(headers).not.toHaveProperty('transfer-encoding')
    }
    expect(server.requests).toHaveLength(2)
  })

  it('trusts whom its dispatcher trusts', async () => {
    await using server = await startHttpServer(ACCEPTED, { tls: true })
    const trusting = api(server.url, { fetch: fetchWith({ connect: { ca: certificates.ca } }) })
    expect(await trusting.send(message())).toMatchObject({ state: 'sent' })
    expect(await failure(api(server.url, { fetch: fetchWith() }).send(message()))).toMatchObject({
      code: 'tls/certificate-untrusted',
      delivered: 'none',
    })
  })

  it('tells how far the body came', async () => {
    await using middle = await startHttpServer({ close: 'reset', after: 1_000_000 })
    const fetch = fetchWith()
    expect(await failure(api(middle.url, { fetch }).send(largeMessage()))).toMatchObject({
      delivered: 'none',
    })
    await using end = await startHttpServer({ close: 'reset' })
    expect(await failure(api(end.url, { fetch }).send(largeMessage()))).toMatchObject({
      delivered: 'unknown',
    })
  })

  it('waits for beforeTransmission', async () => {
    await using server = await startHttpServer(ACCEPTED)
    const transport = api(server.url, { fetch: fetchWith() })
    const error = await failure(
      transport.send(message(), {
        beforeTransmission: () => Promise.reject(new Error('the lease was lost')),
      }),
    ).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ message: 'the lease was lost' })
    expect(server.requests.every(({ body }) => body.length === 0)).toBe(true)
  })

  it('has time-outs of its own, which are time-outs here', async () => {
    await using server = await startHttpServer({ stall: true })
    const fetch = fetchWith({ headersTimeout: 100 })
    expect(await failure(api(server.url, { fetch }).send(message()))).toMatchObject({
      code: 'submit/timeout',
      delivered: 'unknown',
    })
  })
})

describe('a fetch that fails in its own way', () => {
  it.each<[string, () => Promise<Response>]>([
    ['an error without a code', () => Promise.reject(new Error('no'))],
    ['nothing', () => Promise.reject(undefined)],
    ['a text', () => Promise.reject('no')],
    [
      'at once',
      () => {
        throw new TypeError('no')
      },
    ],
  ])('with %s, before it read the body, has delivered nothing', async (_what, fetch) => {
    const error = await failure(api('https://api.provider.example', { fetch }).send(message()))
    expect(error).toMatchObject({ kind: 'connection-lost', delivered: 'none' })
  })

  it('after it read the body, leaves it open', async () => {
    const fetch = async (_: unknown, { body }: { body: ReadableStream }): Promise<never> => {
      await new Response(body).arrayBuffer()
      throw new Error('no')
    }
    const error = await failure(
      api('https://api.provider.example', { fetch: fetch as never }).send(message()),
    )
    expect(error).toMatchObject({ stage: 'submit', delivered: 'unknown' })
  })
})

it('one that answers from elsewhere is believed', async () => {
  const fetch = async (_: unknown, { body }: { body: ReadableStream }): Promise<Response> => {
    const { to } = (await new Response(body).json()) as { to: string[] }
    return Response.json({ id: to.join() })
  }
  const delivery = await api('https://api.provider.example', { fetch: fetch as never }).send(message())
  expect(delivery.providerId).toBe('bob@rcpt.example,carol@rcpt.example')
})
