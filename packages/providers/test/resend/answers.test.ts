import { failover, retry, type Message, type Transport } from '@loudmail/core'
import { playProvider, startHttpServer, type HttpAnswer } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { describeDocumentedAnswers } from '../documented-answers.ts'
import { everything, failure, KEY, message, statuses } from '../engine/scene.ts'
import { resend } from '../../src/resend/index.ts'

const at = (url: string, batch = false): Transport => resend({ key: KEY, url, batch })

describeDocumentedAnswers('resend', at)

async function sendTo(answer: HttpAnswer, sent: Message = message()): Promise<ReturnType<typeof failure>> {
  await using server = await startHttpServer(answer)
  return await failure(at(server.url).send(sent))
}

const error = (status: number, name: string, text = 'No.'): HttpAnswer => ({
  status,
  body: { statusCode: status, name, message: text },
})

it.each([
  [403, 'suspended_api_key', 'No.', 'bad-credentials'],
  [403, 'invalid_permission', 'No.', 'policy'],
  [403, 'invalid_api_Key', 'API key is invalid', 'bad-credentials'],
  [
    403,
    'invalid_to_address',
    'You can only send testing emails to your own email address.',
    'sender-not-owned',
  ],
  [422, 'validation_error', 'The `scheduled_at` field is too far away.', 'invalid-message'],
  [422, 'missing_required_parameter', 'No.', 'invalid-message'],
  [422, 'something_new', 'No.', 'invalid-message'],
  [403, 'something_new', 'No.', 'policy'],
])('%d %s (%s) is %s', async (status, name, text, kind) => {
  expect(await sendTo(error(status, name, text))).toMatchObject({
    code: `submit/${kind}`,
    delivered: 'none',
    permanence: 'permanent',
    reply: { code: status, text, command: 'POST /emails' },
  })
})

describe('a key', () => {
  const keyed = (): Message => message({ idempotencyKey: 'order-1' })

  it('goes with the message, and a second try after an unknown outcome sends one message', async () => {
    const provider = playProvider('resend')
    let first = true
    await using server = await startHttpServer(async (request) => {
      const answer = await provider(request)
      if (!first) return answer
      first = false
      return { cutAt: 40, answer, then: 'reset' }
    })
    const transport = at(server.url)
    expect(transport).toMatchObject({ honoursIdempotencyKey: true, idempotencyKeyMs: 86_400_000 })
    const delivery = await retry(transport, { delayMs: 1 }).send(keyed())
    expect(delivery.providerId).toBe(provider.taken[0]!.id)
    expect(provider.taken).toHaveLength(1)
    const [one, two] = server.requests
    expect(two!.headers['idempotency-key']).toBe(one!.headers['idempotency-key'])
    expect(two!.body.equals(one!.body)).toBe(true)
  })

  it('that is being used is tried again later with the same key', async () => {
    const provider = playProvider('resend', { answers: [error(409, 'concurrent_idempotent_requests')] })
    await using server = await startHttpServer(provider)
    const delivery = await retry(at(server.url), { delayMs: 1 }).send(keyed())
    expect(delivery.failures[0]).toMatchObject({ kind: 'rejected', delivered: 'unknown' })
    expect(new Set(server.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(provider.taken).toHaveLength(1)
  })

  it('of another message is never tried again', async () => {
    await using server = await startHttpServer(error(409, 'invalid_idempotent_request'))
    const failed = await failure(retry(at(server.url), { delayMs: 1 }).send(keyed()))
    expect(failed).toMatchObject({ delivered: 'none', permanence: 'permanent', retryable: false })
    expect(server.requests).toHaveLength(1)
  })

  it('that nobody gave is not made up: then an unknown outcome stays one', async () => {
    await using server = await startHttpServer({ close: 'reset' })
    expect(await failure(retry(at(server.url), { delayMs: 1 }).send(message()))).toMatchObject({
      delivered: 'unknown',
    })
    expect(server.requests).toHaveLength(1)
    expect(server.requests[0]!.headers).not.toHaveProperty('idempotency-key')
  })
})

it('failover() goes on to the next provider with those who were refused', async () => {
  await using first = await startHttpServer(error(403, 'suspended_api_key'))
  const provider = playProvider('resend')
  await using second = await startHttpServer(provider)
  const delivery = await failover(at(first.url), at(second.url)).send(message())
  expect(delivery.failures[0]).toMatchObject({ code: 'submit/bad-credentials' })
  expect(provider.taken.map(({ to }) => to)).toEqual([['bob@rcpt.example', 'carol@rcpt.example']])
})

describe('verify()', () => {
  it('asks for the domains', async () => {
    await using server = await startHttpServer({ status: 200, body: { data: [] } })
    await at(server.url).verify!()
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/domains' })
    expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${KEY}`)
  })

  it('takes a key that may only send', async () => {
    await using server = await startHttpServer(error(401, 'restricted_api_key'))
    await at(server.url).verify!()
  })

  it.each([
    [error(400, 'validation_error', 'API key is invalid'), 'bad-credentials', 'permanent'],
    [error(401, 'missing_api_key'), 'missing-credentials', 'permanent'],
    [error(403, 'suspended_api_key'), 'bad-credentials', 'permanent'],
    [error(429, 'rate_limit_exceeded'), 'rate-limited', 'transient'],
    [{ status: 500, body: '' }, 'server-error', 'transient'],
    [{ status: 404, body: '' }, 'invalid-config', 'permanent'],
  ])('%j', async (answer, kind, permanence) => {
    await using server = await startHttpServer(answer)
    expect(await failure(at(server.url).verify!())).toMatchObject({ stage: 'submit', kind, permanence })
  })
})

it('a key that Resend repeats is nowhere, and everybody is refused', async () => {
  const failed = await sendTo(error(403, 'invalid_api_key', `The key ${KEY} is invalid`))
  expect(everything(failed)).not.toContain(KEY)
  expect(statuses(failed)).toEqual(['rejected', 'rejected'])
})
