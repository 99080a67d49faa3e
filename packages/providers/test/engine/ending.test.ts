import { startHttpServer, type HttpAction } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { ACCEPTED, api, failure, largeMessage, message, statuses } from './scene.ts'

const NOBODY = { delivered: 'none', permanence: 'transient', retryable: true } as const
const NOBODY_KNOWS = { delivered: 'unknown', permanence: 'unknown', retryable: false } as const

describe('a connection that ends before all of the request was written has delivered nothing', () => {
  it.each<[string, HttpAction]>([
    ['reset in the middle of the body', { close: 'reset', after: 10_000_000 }],
    ['closed in the middle of the body', { close: 'fin', after: 10_000_000 }],
    ['reset after the head', { close: 'reset', after: 'head' }],
  ])('%s', async (_what, action) => {
    await using server = await startHttpServer(action)
    const error = await failure(api(server.url).send(largeMessage()))
    expect(error).toMatchObject({ stage: 'submit', ...NOBODY })
    expect(statuses(error)).toEqual(['not-attempted', 'not-attempted'])
    expect(server.requests.every(({ complete }) => !complete)).toBe(true)
  })

  it('silence in the middle of the body', async () => {
    await using server = await startHttpServer({ stall: 'request' })
    const error = await failure(api(server.url, { timeoutMs: 200 }).send(largeMessage()))
    expect(error).toMatchObject({ code: 'submit/timeout', ...NOBODY })
  })
})

describe('a connection that ends after all of the request was written leaves it open', () => {
  it.each<[string, HttpAction]>([
    ['reset', { close: 'reset' }],
    ['closed', { close: 'fin' }],
    ['closed after half a status line', { raw: 'HTTP/1.1 2' }],
    ['closed within the head', { cutAt: 30, answer: ACCEPTED }],
  ])('%s', async (_what, action) => {
    await using server = await startHttpServer(action)
    const error = await failure(api(server.url).send(message()))
    expect(error).toMatchObject({ stage: 'submit', ...NOBODY_KNOWS })
    expect(statuses(error)).toEqual(['unknown', 'unknown'])
    expect(error.hint).toContain('Look it up at Resend')
  })

  it('silence', async () => {
    await using server = await startHttpServer({ stall: true })
    const error = await failure(api(server.url, { timeoutMs: 80 }).send(message()))
    expect(error).toMatchObject({ code: 'submit/timeout', ...NOBODY_KNOWS })
  })

  it('and the hint says what the key is good for', async () => {
    await using server = await startHttpServer({ close: 'reset' })
    const error = await failure(api(server.url).send(message({ idempotencyKey: 'order-1' })))
    expect(error).toMatchObject(NOBODY_KNOWS)
    expect(error.hint).toContain('the same `idempotencyKey` within 24 hours')
  })

  it('a large one, too', async () => {
    await using server = await startHttpServer({ close: 'reset' })
    const error = await failure(api(server.url).send(largeMessage()))
    expect(error).toMatchObject(NOBODY_KNOWS)
    expect(server.requests[0]!.complete).toBe(true)
  })
})

describe('an answer that comes while the body is being written', () => {
  it.each([
    [401, 'bad-credentials'],
    [413, 'message-too-large'],
    [429, 'rate-limited'],
  ])('%d is the failure, if the server reads on', async (status, kind) => {
    await using server = await startHttpServer({ early: { status, body: {} } })
    const error = await failure(api(server.url).send(largeMessage()))
    expect(error).toMatchObject({ stage: 'submit', kind, delivered: 'none' })
    expect(statuses(error)).toEqual(['rejected', 'rejected'])
  })

  it.each(['fin', 'reset', 'stall'] as const)(
    '413 with an end of the connection behind it has delivered nothing: %s',
    async (then) => {
      const early = { status: 413, headers: { connection: 'close' }, body: {} }
      await using server = await startHttpServer({ early, then })
      const error = await failure(api(server.url, { timeoutMs: 1_000 }).send(largeMessage()))
      expect(error).toMatchObject({ stage: 'submit', delivered: 'none' })
    },
  )
})

it('a connection that was used before, and ended meanwhile, is not used again', async () => {
  await using server = await startHttpServer({ ...ACCEPTED, headers: { connection: 'close' } })
  const transport = api(server.url)
  for (let n = 0; n < 3; n++) await transport.send(message())
  expect(server.requests).toHaveLength(3)
})
