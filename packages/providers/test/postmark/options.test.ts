import { MailError, transportFromUrl } from '@loudmail/core'
import { playProvider, startHttpServer } from '@loudmail/server/http'
import { transportContract } from '@loudmail/testing'
import { describe, expect, it } from 'vitest'
import { providerSchemes } from '../../src/index.ts'
import { postmark } from '../../src/postmark/index.ts'
import { message } from '../engine/scene.ts'

const TOKEN = 's3cr3t-t0ken'

describe.each([false, true])('postmark(), batch: %s', (batch) => {
  const create = async () => {
    const provider = playProvider('postmark')
    const server = await startHttpServer(provider)
    return {
      transport: postmark({ token: TOKEN, url: server.url, batch }),
      arrived: () => provider.taken,
      release: () => server.close(),
    }
  }
  for (const { title, run } of transportContract({
    create,
    converses: 'http',
    composes: true,
    secrets: [TOKEN],
  }))
    it(title, run)
})

describe('a URL', () => {
  it('holds the token and options', async () => {
    const provider = playProvider('postmark')
    await using server = await startHttpServer(provider)
    const query = `messageStream=broadcast&trackOpens=true&trackLinks=None&batch=true&url=${server.url}`
    const transport = transportFromUrl(`postmark://a%2Fb@?${query}`, providerSchemes)
    await Promise.all([transport.send(message()), transport.send(message())])
    expect(server.requests.map(({ path }) => path)).toEqual(['/email/batch'])
    expect(server.requests[0]!.headers['x-postmark-server-token']).toBe('a/b')
    expect(server.requests[0]!.json).toMatchObject([
      { MessageStream: 'broadcast', TrackOpens: true, TrackLinks: 'None' },
      {},
    ])
  })

  it.each([
    ['postmark://s3cr3t-t0ken:x@', 'only the token'],
    ['postmark://s3cr3t-t0ken@host.example', 'only the token'],
    ['postmark://s3cr3t-t0ken@?stream=a', 'not known'],
    ['postmark://s3cr3t-t0ken@?trackOpens=yes', 'trackOpens'],
    ['postmark://s3cr3t-t0ken@?trackLinks=yes', 'trackLinks'],
    ['postmark://s3cr3t-t0ken@?batch=many', 'batch'],
    ['postmark://s3cr3t-t0ken@?batch=501', 'at most 500'],
    ['postmark://', 'token'],
  ])('%s is refused, and not repeated', (url, words) => {
    const error = thrown(() => transportFromUrl(url, providerSchemes))
    expect(error.stage).toBe('config')
    expect(error.message).toContain(words)
    expect(error.message).not.toContain(TOKEN)
  })
})

it.each([
  [{}, 'config/missing-credentials', 'token'],
  [{ token: '' }, 'config/missing-credentials', 'token'],
  [{ token: ' x' }, 'config/invalid-config', 'token'],
  [{ token: 't', stream: 'x' }, 'config/invalid-config', 'stream'],
  [{ token: 't', messageStream: '' }, 'config/invalid-config', 'messageStream'],
  [{ token: 't', trackLinks: 'x' }, 'config/invalid-config', 'trackLinks'],
  [{ token: 't', url: 'http://api.example' }, 'config/invalid-config', 'url'],
])('options %j are refused', (options, code, words) => {
  const error = thrown(() => postmark(options as never))
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
