import { failover, retry, type Message, type Transport } from '@loudmail/core'
import { playProvider, startHttpServer, type HttpAnswer } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { describeDocumentedAnswers } from '../documented-answers.ts'
import { everything, failure, message, statuses } from '../engine/scene.ts'
import { postmark } from '../../src/postmark/index.ts'

const TOKEN = '7b4c5d6e-S3cr3t-4f5a'
const at = (url: string, batch = false): Transport => postmark({ token: TOKEN, url, batch })

describeDocumentedAnswers('postmark', at)

async function sendTo(answer: HttpAnswer, sent: Message = message()): Promise<ReturnType<typeof failure>> {
  await using server = await startHttpServer(answer)
  return await failure(at(server.url).send(sent))
}

const code = (ErrorCode: number, Message: string, status = 422): HttpAnswer => ({
  status,
  body: { ErrorCode, Message },
})
const some = (Message: string): HttpAnswer => ({
  status: 200,
  body: { To: '', SubmittedAt: '', MessageID: 'id-1', ErrorCode: 0, Message },
})

describe('a message that is OK, but not for everybody', () => {
  it.each([
    'Message OK, but will not deliver to these inactive addresses: bob@rcpt.example.',
    'Message OK, but will not deliver to these inactive addresses: bob@rcpt.example',
    'Message OK, but will not deliver to these inactive addresses: BOB@rcpt.example. Inactive recipients are ones that bounced.',
    'Message OK, but will not deliver to these inactive addresses: bob@rcpt.example,dave@rcpt.example.',
  ])('%s', async (text) => {
    const error = await sendTo(some(text))
    expect(error).toMatchObject({
      code: 'submit/suppressed',
      delivered: 'some',
      permanence: 'permanent',
      retryable: false,
      reply: { code: 200, text },
    })
    expect(statuses(error)).toEqual(['rejected', 'accepted'])
    expect(error.recipients[0]).toMatchObject({ kind: 'suppressed', reply: { text } })
  })

  it('if that is all of them, nobody gets it', async () => {
    const error = await sendTo(
      some(
        'Message OK, but will not deliver to these inactive addresses: bob@rcpt.example, carol@rcpt.example',
      ),
    )
    expect(error).toMatchObject({ code: 'submit/suppressed', delivered: 'none' })
  })

  it.each([
    ['somebody else', 'Message OK, but will not deliver to these inactive addresses: eve@rcpt.example'],
    ['nobody', 'Message OK, but will not deliver to these inactive addresses: '],
  ])('if it names %s, nobody knows who gets it', async (_whom, text) => {
    const error = await sendTo(some(text))
    expect(error).toMatchObject({ delivered: 'unknown', permanence: 'unknown' })
  })

  it('a copy goes to nobody: retry() does not try again, and failover() does not go on', async () => {
    const answer = some('Message OK, but will not deliver to these inactive addresses: bob@rcpt.example')
    await using first = await startHttpServer(answer)
    const provider = playProvider('postmark')
    await using second = await startHttpServer(provider)
    const error = await failure(
      failover(retry(at(first.url), { delayMs: 1 }), at(second.url)).send(message()),
    )
    expect(statuses(error)).toEqual(['rejected', 'accepted'])
    expect(first.requests).toHaveLength(1)
    expect(provider.taken).toEqual([])
  })
})

describe('ErrorCode 406', () => {
  it('that names some was for nobody, and only those are suppressed', async () => {
    const error = await sendTo(
      code(
        406,
        'You tried to send to an inactive recipient. Found inactive addresses: bob@rcpt.example. Inactive recipients are ones that bounced. ',
      ),
    )
    expect(error).toMatchObject({ code: 'submit/suppressed', delivered: 'none', retryable: false })
    expect(statuses(error)).toEqual(['rejected', 'not-attempted'])
    expect(error.hint).toContain('Suppressions')
  })

  it('without addresses is about all', async () => {
    expect(statuses(await sendTo(code(406, 'Inactive.')))).toEqual(['rejected', 'rejected'])
  })
})

describe('the code decides, whatever the status is', () => {
  it.each([200, 401, 403, 500, 502])('%d', async (status) => {
    const error = await sendTo(code(412, 'Your account is pending approval.', status))
    expect(error).toMatchObject({ code: 'submit/policy', delivered: 'none', permanence: 'permanent' })
    expect(error.reply!.text).toBe('ErrorCode 412: Your account is pending approval.')
  })

  it('and one that nobody knows is read by the status', async () => {
    expect(await sendTo(code(4711, 'New.'))).toMatchObject({
      code: 'submit/invalid-message',
      delivered: 'none',
    })
    expect(await sendTo(code(4711, 'New.', 200))).toMatchObject({ code: 'submit/invalid-message' })
    expect(await sendTo(code(4711, 'New.', 500))).toMatchObject({ delivered: 'unknown' })
  })
})

it.each([
  [300, "Invalid 'From' address: 'tea@example.com' is not a verified sender signature.", 'sender-not-owned'],
  [300, 'The Tag field is too long.', 'invalid-message'],
  [401, 'The Sender Signature is not confirmed.', 'sender-not-owned'],
])('ErrorCode %d: %s', async (number, text, kind) => {
  expect(await sendTo(code(number, text))).toMatchObject({ kind, permanence: 'permanent' })
})

it.each([
  ['2', 2_000],
  [' 120 ', 120_000],
  [new Date(Date.now() + 3_600_000).toUTCString(), expect.closeTo(3_600_000, -5) as number],
  ['soon', undefined],
  ['0', undefined],
])('429 with Retry-After %j', async (value, ms) => {
  const error = await sendTo({ ...code(429, 'Slow down', 429), headers: { 'retry-after': value } })
  expect(error).toMatchObject({ code: 'submit/rate-limited', permanence: 'transient', retryable: true })
  expect(error.retryAfterMs).toEqual(ms)
})

it('retry() goes on with those who were refused for now', async () => {
  const provider = playProvider('postmark', { answers: [code(429, 'Slow down', 429)] })
  await using server = await startHttpServer(provider)
  const delivery = await retry(at(server.url), { delayMs: 1 }).send(message())
  expect(delivery.failures).toHaveLength(1)
  expect(provider.taken.map(({ to }) => to)).toEqual([['bob@rcpt.example', 'carol@rcpt.example']])
})

it('a message whose outcome is unknown is not tried again, since Postmark honours no keys', async () => {
  await using server = await startHttpServer({ close: 'reset' })
  const transport = at(server.url)
  expect(transport).toMatchObject({ honoursIdempotencyKey: false })
  const error = await failure(retry(transport, { delayMs: 1 }).send(message({ idempotencyKey: 'order-1' })))
  expect(error.delivered).toBe('unknown')
  expect(server.requests).toHaveLength(1)
})

describe('verify()', () => {
  it('asks for the server of the token', async () => {
    await using server = await startHttpServer({ status: 200, body: { ID: 1, Name: 'Tea' } })
    await at(server.url).verify!()
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/server' })
    expect(server.requests[0]!.headers).toMatchObject({
      'x-postmark-server-token': TOKEN,
      accept: 'application/json',
    })
  })

  it.each([
    [code(10, 'No', 401), 'bad-credentials'],
    [{ status: 401, body: '' }, 'bad-credentials'],
    [code(100, 'Down', 503), 'service-unavailable'],
    [{ status: 500, body: '' }, 'server-error'],
  ])('%j', async (answer, kind) => {
    await using server = await startHttpServer(answer)
    expect(await failure(at(server.url).verify!())).toMatchObject({ stage: 'submit', kind })
  })
})

it('a token that Postmark repeats is nowhere', async () => {
  const error = await sendTo(code(10, `The token ${TOKEN} is wrong.`, 401))
  expect(everything(error)).not.toContain(TOKEN)
})
