import { closedPort } from '@loudmail/server'
import { startHttpServer, type HttpAction } from '@loudmail/server/http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACCEPTED, api, failure, message, statuses } from './scene.ts'

// In Bun and Deno, nothing tells how far a request came: consumers/bundled runs there.
const undici = Object.getOwnPropertyDescriptor(process.versions, 'undici')!
beforeAll(() => void Object.defineProperty(process.versions, 'undici', { ...undici, value: undefined }))
afterAll(() => void Object.defineProperty(process.versions, 'undici', undici))

describe('in a runtime that does not tell how far a request came', () => {
  it('sends the body with its length', async () => {
    await using server = await startHttpServer(ACCEPTED)
    await api(server.url).send(message())
    const [{ headers, body } = {}] = server.requests
    expect(headers?.['content-length']).toBe(String(body?.length))
  })

  it.each<[string, HttpAction]>([
    ['a reset after the body', { close: 'reset', after: 'body' }],
    ['an end after the body', { close: 'fin', after: 'body' }],
    ['an answer that is cut off', { cutAt: 10, answer: ACCEPTED }],
  ])('leaves the outcome open after %s', async (_what, action) => {
    await using server = await startHttpServer(action)
    const error = await failure(api(server.url).send(message()))
    expect(error).toMatchObject({ stage: 'submit', delivered: 'unknown' })
    expect(statuses(error)).toEqual(['unknown', 'unknown'])
  })

  it('leaves it open after a time-out', async () => {
    // One whose sockets nobody sees.
    const fetch = (_url: unknown, { signal }: RequestInit): Promise<Response> =>
      new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason as Error)),
      )
    const transport = api('https://api.provider.example', {
      fetch: fetch as typeof globalThis.fetch,
      timeouts: { submit: 100 },
    })
    const error = await failure(transport.send(message()))
    expect(error).toMatchObject({ code: 'submit/timeout', delivered: 'unknown' })
  })

  it('knows that nobody has the message if nobody listens', async () => {
    const error = await failure(api(`http://127.0.0.1:${await closedPort()}`).send(message()))
    expect(error).toMatchObject({ code: 'connect/connection-refused', delivered: 'none' })
  })

  it('knows it if the certificate is not trusted', async () => {
    await using server = await startHttpServer(ACCEPTED, { tls: true })
    const error = await failure(api(server.url).send(message()))
    expect(error).toMatchObject({ code: 'tls/certificate-untrusted', delivered: 'none' })
  })

  it('writes nothing if the caller may not send any more', async () => {
    await using server = await startHttpServer(ACCEPTED)
    const beforeTransmission = (): Promise<void> => Promise.reject(new Error('the lease was lost'))
    await expect(api(server.url).send(message(), { beforeTransmission })).rejects.toThrow(
      'the lease was lost',
    )
    expect(server.requests).toEqual([])
  })

  // What Bun 1.4 and Deno 2.9 say.
  it.each<[string, Error, string]>([
    ['Bun, closed', Object.assign(new TypeError('closed'), { code: 'ECONNRESET' }), 'submit/connection-lost'],
    [
      'Bun, unreachable',
      Object.assign(new TypeError('no'), { code: 'EHOSTUNREACH' }),
      'submit/connection-lost',
    ],
    [
      'Bun, TLS',
      Object.assign(new TypeError('no'), { code: 'ERR_SSL_TLSV1_ALERT' }),
      'submit/connection-lost',
    ],
    ['Bun, no name', Object.assign(new TypeError('no'), { code: 'ENOTFOUND' }), 'dns/host-not-found'],
    ['Deno, reset', deno('Connection reset by peer (os error 104)'), 'submit/connection-lost'],
    [
      'Deno, ended',
      deno('client error (SendRequest): connection closed before message completed'),
      'submit/connection-lost',
    ],
    [
      'Deno, refused',
      deno('client error (Connect): tcp connect error: Connection refused (os error 111)'),
      'connect/connection-refused',
    ],
    [
      'Deno, no name',
      deno('client error (Connect): dns error: failed to lookup address information'),
      'dns/host-not-found',
    ],
    [
      'Deno, certificate',
      deno('client error (Connect): invalid peer certificate: UnknownIssuer'),
      'tls/certificate-untrusted',
    ],
    [
      'Deno, no connection',
      deno('client error (Connect): tcp connect error: Connection reset by peer'),
      'connect/connection-lost',
    ],
  ])('reads the error of %s', async (_what, error, code) => {
    const fetch = (): Promise<Response> => Promise.reject(error)
    const delivered = code.startsWith('submit') ? 'unknown' : 'none'
    const failed = await failure(api('https://api.provider.example', { fetch }).send(message()))
    expect(failed).toMatchObject({ code, delivered })
  })
})

function deno(words: string): Error {
  const url = 'error sending request for url (https://api.provider.example/emails)'
  return new TypeError('fetch failed', { cause: new Error(`${url}: ${words}`) })
}
