import { MailError, Mailer, retry, type MessageInput, type Transport } from '@loudmail/core'
import { startServer, type Action, type ActionContext, type SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtp, smtpSchemes, type SmtpOptions } from '../src/index.ts'

const HEADER = 'X-Idempotency-Key'
const MAIL: MessageInput = {
  from: 'tea@example.com',
  to: 'ann@example.com',
  subject: 'Tea',
  text: 'It is ready.',
  idempotencyKey: 'order/7',
}

const keyOf = (content: Uint8Array): string | undefined =>
  /^X-Idempotency-Key: (.*)\r$/m.exec(Buffer.from(content).toString())?.[1]

/** A server that delivers one message for each key, and loses the connection instead of its first replies to the content. */
async function dedupingServer(losses: number, script: { RCPT?: Action } = {}) {
  const seen: (string | undefined)[] = []
  const delivered: { readonly to: readonly string[]; readonly content: string }[] = []
  const server = await startServer({
    on: {
      ...script,
      DOT: ({ message, envelope }: ActionContext): Action => {
        const key = keyOf(message!.content)
        if (key === undefined || !seen.includes(key))
          delivered.push({ to: envelope!.to, content: message!.content.toString() })
        seen.push(key)
        return seen.length <= losses ? { close: 'rst' } : '250 2.0.0 Ok'
      },
    },
  })
  return Object.assign(server, { seen, delivered })
}

const to = ({ host, port }: SmtpServer, options: Partial<SmtpOptions> = {}): Transport =>
  smtp({ host, port, tls: 'none', ...options })

async function failureOf(sending: Promise<unknown>): Promise<MailError> {
  const error: unknown = await sending.catch((thrown: unknown) => thrown)
  if (MailError.is(error)) return error
  throw new TypeError('this was to fail')
}

describe('a message that was lost after its final dot', () => {
  it('is sent again with the same key and Message-ID, and the server delivers one', async () => {
    await using server = await dedupingServer(2)
    const transport = retry(to(server, { idempotencyHeader: HEADER }), { delayMs: 0 })
    await using mailer = new Mailer({ transport, observe: ({ error }) => void error?.code })
    const receipt = await mailer.send(MAIL)
    expect(receipt).toMatchObject({
      ok: true,
      failures: [{ delivered: 'unknown' }, { delivered: 'unknown' }],
    })
    expect(server.seen).toEqual(['order/7', 'order/7', 'order/7'])
    expect(server.delivered).toHaveLength(1)
    expect(server.delivered[0]!.content).toContain(`Message-ID: ${receipt.messageId}`)
  })

  it.each<[why: string, input: MessageInput, options: Partial<SmtpOptions>]>([
    ['the server does not honour keys', MAIL, {}],
    ['that is switched off', MAIL, { idempotencyHeader: false }],
    ['it has no key', { ...MAIL, idempotencyKey: undefined }, { idempotencyHeader: HEADER }],
  ])('is never sent again if %s', async (_why, input, options) => {
    await using server = await dedupingServer(1)
    await using mailer = new Mailer({ transport: retry(to(server, options), { delayMs: 0 }) })
    expect(await failureOf(mailer.send(input))).toMatchObject({ delivered: 'unknown' })
    expect(server.seen).toEqual([undefined])
  })

  it('stays in doubt if no attempt is confirmed', async () => {
    await using server = await dedupingServer(9)
    const transport = retry(to(server, { idempotencyHeader: HEADER }), { delayMs: 0, attempts: 4 })
    await using mailer = new Mailer({ transport, observe: ({ error }) => void error?.code })
    expect(await failureOf(mailer.send(MAIL))).toMatchObject({ delivered: 'unknown', retryable: false })
    expect(server.seen).toHaveLength(4)
    expect(server.delivered).toHaveLength(1)
  })
})

it('a recipient who was refused for now gets the message with another key, because the server has seen the first', async () => {
  const RCPT: Action = {
    byRcpt: { 'bob@example.com': { nthGlobal: ['450 4.2.0 Greylisted', { pass: true }] } },
  }
  await using server = await dedupingServer(0, { RCPT })
  const transport = retry(to(server, { idempotencyHeader: HEADER }), { delayMs: 0 })
  await using mailer = new Mailer({ transport, observe: ({ error }) => void error?.code })
  await mailer.send({ ...MAIL, to: ['ann@example.com', 'bob@example.com'] })
  expect(server.seen).toEqual(['order/7', 'order/7;retry=2'])
  expect(server.delivered.map((each) => each.to)).toEqual([['ann@example.com'], ['bob@example.com']])
})

describe('idempotencyHeader', () => {
  it.each<[string, SmtpOptions | string, boolean]>([
    ['Resend', { host: 'smtp.resend.com' }, true],
    ['Resend, by URL', 'smtps://resend:key@smtp.resend.com', true],
    ['Resend, switched off', { host: 'smtp.resend.com', idempotencyHeader: false }, false],
    ['Resend, switched off by URL', 'smtps://resend:key@smtp.resend.com?idempotencyHeader=false', false],
    ['a server with a similar name', { host: 'smtp.notresend.com' }, false],
    ['any other', { host: 'mail.example.com' }, false],
    ['any other that honours one', { host: 'mail.example.com', idempotencyHeader: HEADER }, true],
    ['by URL', `smtp://mail.example.com?idempotencyHeader=${HEADER}`, true],
  ])('%s', async (_title, options, isHonoured) => {
    const transport = smtp(options)
    expect(transport.honoursIdempotencyKey).toBe(isHonoured)
    expect(retry(transport).honoursIdempotencyKey).toBe(false)
    await transport.close!()
  })

  it('is written by the name in the URL', async () => {
    await using server = await dedupingServer(0)
    const url = new URL(`smtp://127.0.0.1:${server.port}?tls=none&idempotencyHeader=${HEADER}`)
    await using mailer = new Mailer({ transport: smtpSchemes.smtp!(url) })
    await mailer.send(MAIL)
    expect(server.seen).toEqual(['order/7'])
  })

  it.each([
    '',
    'X Key',
    'X-Key:',
    'Ä',
    'Subject',
    'message-ID',
    'Content-Type',
    'k'.repeat(77),
    true,
    null,
    7,
  ])('%j is a mistake', (idempotencyHeader) => {
    expect(() => smtp({ host: 'mail.example.com', idempotencyHeader: idempotencyHeader as never })).toThrow(
      expect.objectContaining({
        code: 'config/invalid-config',
        message: expect.stringContaining('smtp() idempotencyHeader'),
      }),
    )
  })
})
