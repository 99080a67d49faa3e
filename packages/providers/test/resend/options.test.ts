import { MailError, transportFromUrl } from '@loudmail/core'
import { playProvider, startHttpServer } from '@loudmail/server/http'
import { transportContract } from '@loudmail/testing'
import { describe, expect, it } from 'vitest'
import { providerSchemes } from '../../src/index.ts'
import { resend } from '../../src/resend/index.ts'
import { KEY, message } from '../engine/scene.ts'

describe.each([false, true])('resend(), batch: %s', (batch) => {
  const create = async () => {
    const provider = playProvider('resend')
    const server = await startHttpServer(provider)
    return {
      transport: resend({ key: KEY, url: server.url, batch }),
      arrived: () => provider.taken,
      release: () => server.close(),
    }
  }
  for (const { title, run } of transportContract({
    create,
    converses: 'http',
    composes: true,
    secrets: [KEY],
  }))
    it(title, run)
})

it('a URL holds the key and options', async () => {
  const provider = playProvider('resend')
  await using server = await startHttpServer(provider)
  const transport = transportFromUrl(`resend://re%2F1@?batch=50&url=${server.url}`, providerSchemes)
  await Promise.all(Array.from({ length: 60 }, () => transport.send(message())))
  expect(server.requests.map(({ json }) => (json as unknown[]).length)).toEqual([50, 10])
  expect(server.requests[0]!.headers.authorization).toBe('Bearer re/1')
  expect(server.requests[0]!.headers['x-batch-validation']).toBe('permissive')
})

it.each([
  ['resend://re_S3cr3t:x@', 'only an API key'],
  ['resend://re_S3cr3t@host.example', 'only an API key'],
  ['resend://re_S3cr3t@?stream=a', 'not known'],
  ['resend://re_S3cr3t@?batch=101', 'at most 100'],
  ['resend://', 'key'],
])('%s is refused, and not repeated', (url, words) => {
  const error = thrown(() => transportFromUrl(url, providerSchemes))
  expect(error.stage).toBe('config')
  expect(error.message).toContain(words)
  expect(error.message).not.toContain('S3cr3t')
})

it.each([
  [{}, 'config/missing-credentials', 'key'],
  [{ key: '' }, 'config/missing-credentials', 'key'],
  [{ key: 're_1\n' }, 'config/invalid-config', 'key'],
  [{ key: 're_1', token: 'x' }, 'config/invalid-config', 'token'],
  [{ key: 're_1', url: 'http://api.example' }, 'config/invalid-config', 'url'],
  [{ key: 're_1', timeouts: { read: 1 } }, 'config/invalid-config', 'timeouts'],
  [{ key: 're_1', fetch: 'x' }, 'config/invalid-config', 'fetch'],
])('options %j are refused', (options, code, words) => {
  const error = thrown(() => resend(options as never))
  expect(error.code).toBe(code)
  expect(error.message).toContain(words)
})

function thrown(make: () => unknown): MailError {
  try {
    make()
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new TypeError('this was to fail')
}
