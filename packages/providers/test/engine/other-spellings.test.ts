import type { Kind, MessageInput } from '@loudmail/core'
import { startHttpServer, type ProviderName } from '@loudmail/server/http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TRANSPORTS } from '../every-provider.ts'
import { failure, message, statuses } from './scene.ts'

type Server = Awaited<ReturnType<typeof startHttpServer>>
let server: Server
beforeAll(async () => {
  server = await startHttpServer()
})
afterAll(() => server.close())

const play = async (
  name: ProviderName,
  status: number,
  body: unknown,
  changes: Partial<MessageInput> = {},
): ReturnType<typeof failure> => {
  server.play({ status, body })
  return failure(TRANSPORTS[name](server.url).send(message(changes)))
}

describe('the name of an error of SES is known with and without its suffix', () => {
  it.each<[string, Kind]>([
    ['AccountSuspended', 'account-blocked'],
    ['SendingPaused', 'account-blocked'],
    ['MailFromDomainNotVerified', 'sender-not-owned'],
    ['MessageRejected', 'content-rejected'],
    ['TooManyRequests', 'rate-limited'],
    ['LimitExceeded', 'rate-limited'],
    ['Throttling', 'rate-limited'],
    ['NotFound', 'invalid-config'],
    ['UnrecognizedClient', 'bad-credentials'],
    ['InvalidSignature', 'bad-credentials'],
    ['AccessDenied', 'policy'],
  ])('%s', async (name, kind) => {
    for (const type of [name, `${name}Exception`, `com.amazonaws.sesv2#${name}Exception`])
      expect(await play('ses', 400, { __type: type, message: 'no' })).toMatchObject({
        kind,
        delivered: 'none',
        reply: { text: expect.stringContaining(name) as string },
      })
  })

  it('is in the body if its header field is empty', async () => {
    server.play({ status: 400, headers: { 'x-amzn-ErrorType': '' }, body: { __type: 'SendingPaused' } })
    const error = await failure(TRANSPORTS.ses(server.url).send(message()))
    expect(error.kind).toBe('account-blocked')
  })
})

describe('an ErrorCode of Postmark', () => {
  it.each([
    [10, 'bad-credentials'],
    ['10', 'bad-credentials'],
    ['300', 'invalid-message'],
    ['406', 'suppressed'],
    ['412', 'policy'],
  ])('%j is known as a number and as a text', async (ErrorCode, kind) => {
    expect(await play('postmark', 422, { ErrorCode, Message: 'no' })).toMatchObject({ kind })
  })

  it('"0" with an id is a success', async () => {
    server.play({ status: 200, body: { ErrorCode: '0', Message: 'OK', MessageID: 'id-1' } })
    const delivery = await TRANSPORTS.postmark(server.url).send(message())
    expect(delivery.providerId).toBe('id-1')
  })

  it.each([
    'Message OK, but will not deliver to these inactive addresses: bob@rcpt.example. Inactive recipients are ones that bounced.',
    'Message OK, but will not deliver to this inactive address: BOB@rcpt.example',
    "Message OK, but will not deliver to these inactive recipients: 'bob@rcpt.example'.",
    'Message OK, but will not deliver to these inactive addresses: [bob@rcpt.example]',
    'Message OK, but it will not be delivered to: "Bob" <bob@rcpt.example>',
  ])('0 refuses somebody all the same: %s', async (Message) => {
    const error = await play('postmark', 200, { ErrorCode: 0, Message, MessageID: 'id-1' })
    expect(error).toMatchObject({ kind: 'suppressed', delivered: 'some' })
    expect(statuses(error)).toEqual(['rejected', 'accepted'])
  })

  it.each([
    ['You tried to send to a recipient that has been marked as inactive: bob@rcpt.example', 'not-attempted'],
    ['Found inactive addresses: bob@rcpt.example, carol@rcpt.example.', 'rejected'],
    ['The recipient is inactive.', 'rejected'],
  ])('406 names them: %s', async (Message, second) => {
    const error = await play('postmark', 422, { ErrorCode: 406, Message })
    expect(error).toMatchObject({ kind: 'suppressed', delivered: 'none' })
    expect(error.recipients[1]).toMatchObject({ address: 'carol@rcpt.example', status: second })
  })

  it('0 that names somebody else leaves a doubt, and says where to look', async () => {
    const Message = 'Message OK, but will not deliver to these inactive addresses: dan@other.example'
    const error = await play('postmark', 200, { ErrorCode: 0, Message, MessageID: 'id-1' })
    expect(error.delivered).toBe('unknown')
    expect(error.hint).toMatch(/Look it up at Postmark/)
  })

  it('0 names a domain that is not ASCII in one of its forms', async () => {
    const Message = 'Message OK, but will not deliver to these inactive addresses: bob@bücher.example'
    const error = await play(
      'postmark',
      200,
      { ErrorCode: 0, Message, MessageID: 'id-1' },
      {
        to: ['bob@xn--bcher-kva.example', 'carol@rcpt.example'],
      },
    )
    expect(statuses(error)).toEqual(['rejected', 'accepted'])
  })
})

describe('a refusal of Resend', () => {
  it.each(['<html>Conflict</html>', '', {}])(
    'of a key whose reason is missing leaves a doubt, %j',
    async (body) => {
      const error = await play('resend', 409, body, { idempotencyKey: 'k-1' })
      expect(error.delivered).toBe('unknown')
      expect(error.hint).toMatch(/same `idempotencyKey` is under way/)
    },
  )

  it('of a key is in doubt also if it is cut off', async () => {
    const answer = {
      status: 409,
      body: { statusCode: 409, name: 'concurrent_idempotent_requests', message: 'Under way.' },
    }
    server.play({ cutAt: 140, answer })
    const error = await failure(TRANSPORTS.resend(server.url).send(message({ idempotencyKey: 'k-1' })))
    expect([error.reply?.code, error.delivered]).toEqual([409, 'unknown'])
  })

  it('without a key is one', async () => {
    expect(await play('resend', 409, '<html>Conflict</html>')).toMatchObject({ delivered: 'none' })
  })

  it('of the address in from with the status 403 is about its owner', async () => {
    const body = { statusCode: 403, name: 'invalid_from_address', message: 'no' }
    expect(await play('resend', 403, body)).toMatchObject({ kind: 'sender-not-owned', scope: 'sender' })
  })
})

describe('an error of Google', () => {
  it.each<[string, number, unknown, Kind]>([
    ['in a list', 403, [{ error: { message: 'x', status: 'RESOURCE_EXHAUSTED' } }], 'rate-limited'],
    ['without words', 403, { error: { errors: [{ reason: 'rateLimitExceeded' }] } }, 'rate-limited'],
    [
      'in the new form',
      403,
      { error: { message: 'x', details: [{ reason: 'SERVICE_DISABLED' }] } },
      'invalid-config',
    ],
    ['in the old form', 403, { error: { message: 'x', errors: [{ reason: 'domainPolicy' }] } }, 'policy'],
    ['as a text', 401, { error: 'invalid_token' }, 'oauth-token'],
  ])('is known %s', async (_form, status, body, kind) => {
    expect(await play('gmail', status, body)).toMatchObject({ kind, delivered: 'none' })
  })
})

describe('an error of SendGrid', () => {
  const words = 'The from address does not match a verified Sender Identity.'
  it.each([[{ errors: [words] }], [{ error: words }], [{ errors: [{ message: words }] }]])(
    'is known by its words, %j',
    async (body) => {
      expect(await play('sendgrid', 403, body)).toMatchObject({ kind: 'sender-not-owned' })
    },
  )
})

describe('an answer of Microsoft Graph', () => {
  it('has the same code in small letters', async () => {
    const body = { error: { code: 'errorSendAsDenied', message: 'no' } }
    expect(await play('microsoftGraph', 403, body)).toMatchObject({ kind: 'sender-not-owned' })
  })

  it('202 has no body: another one says nothing', async () => {
    expect(await play('microsoftGraph', 202, '<html>Log in</html>')).toMatchObject({
      kind: 'protocol',
      delivered: 'unknown',
    })
  })
})
