import { MailError, Mailer, retry, type Transport } from '@loudmail/core'
import { nodemailer, provisionCallback } from '@loudmail/nodemailer'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { describe, expect, it } from 'vitest'
import { microsoft, type AccessToken } from '../src/index.ts'
import { everything, failureOf } from './failure-of.ts'
import { grant, startTokenServer, type TokenServer } from './token-server.ts'

const USER = 'ann@tea.example'
const MAIL = { from: USER, to: 'bob@rcpt.example', subject: 'Tea', text: 'It is ready.' }
const SECRET = 'S3cret~Value.x'

function tokens({ url }: TokenServer, options: object = {}): AccessToken {
  return microsoft({
    tenant: 'tea.example',
    clientId: 'app',
    clientSecret: SECRET,
    authority: url,
    ...options,
  })
}

function mailServer(token: string): Promise<SmtpServer> {
  return startServer({ caps: ['PIPELINING', 'AUTH XOAUTH2'], tokens: { [USER]: token }, requireAuth: true })
}

const WAYS: [string, (server: SmtpServer, accessToken: AccessToken) => Transport][] = [
  ['smtp()', ({ host, port }, accessToken) => smtp({ host, port, auth: { user: USER, accessToken } })],
  [
    'nodemailer()',
    ({ host, port }, accessToken) =>
      nodemailer({
        host,
        port,
        auth: {
          type: 'OAuth2',
          user: USER,
          provisionCallback: provisionCallback(accessToken),
        },
      }),
  ],
]

describe.each(WAYS)('%s', (_way, transportOf) => {
  it('logs in with a token that is fetched once', async () => {
    await using provider = await startTokenServer()
    await using server = await mailServer('token-1')
    await using mailer = new Mailer({ transport: transportOf(server, tokens(provider)) })
    await mailer.verify()
    await Promise.all(Array.from({ length: 5 }, () => mailer.send(MAIL)))
    expect(server.messages.map(({ authenticatedAs }) => authenticatedAs)).toEqual(Array(5).fill(USER))
    expect(provider.requests).toHaveLength(1)
  })

  it('logs in with the next token when the first has run out', async () => {
    await using provider = await startTokenServer(
      { body: grant('old', { expires_in: 0 }) },
      { body: grant('new') },
    )
    const accessToken = tokens(provider)
    await accessToken()
    await using server = await mailServer('new')
    await using mailer = new Mailer({ transport: transportOf(server, accessToken) })
    await mailer.send(MAIL)
    expect(server.messages).toHaveLength(1)
  })

  it('logs in with a new token if the server refuses the first', async () => {
    await using provider = await startTokenServer()
    await using server = await mailServer('token-2')
    await using mailer = new Mailer({ transport: transportOf(server, tokens(provider)) })
    const receipt = await mailer.send(MAIL)
    expect(receipt.failures).toEqual([])
    expect(provider.requests).toHaveLength(2)
    expect(server.messages).toHaveLength(1)
  })

  it('fails if the server refuses the new token, too, and asks for no third', async () => {
    await using provider = await startTokenServer()
    await using server = await mailServer('token-9')
    await using mailer = new Mailer({ transport: transportOf(server, tokens(provider)) })
    const error = await failureOf(mailer.send(MAIL))
    expect(error).toMatchObject({
      stage: 'auth',
      permanence: 'permanent',
      delivered: 'none',
      reply: { code: 535 },
    })
    expect(provider.requests).toHaveLength(2)
    expect(everything(error)).not.toMatch(/token-\d/)
  })

  it('fails with what the provider said and what to do, and sends nothing', async () => {
    const words = `AADSTS7000222: The provided client secret keys are expired: ${SECRET}`
    await using provider = await startTokenServer({
      status: 401,
      body: { error: 'invalid_client', error_description: words },
    })
    await using server = await mailServer('token-1')
    await using mailer = new Mailer({ transport: transportOf(server, tokens(provider)) })
    for (const failing of [mailer.send(MAIL), mailer.verify()]) {
      const error = await failureOf(failing)
      expect(error).toMatchObject({ code: 'auth/oauth-token', permanence: 'permanent', delivered: 'none' })
      expect(error.summary).toContain(
        'invalid_client: AADSTS7000222: The provided client secret keys are expired',
      )
      expect(error.hint).toContain('The client secret has expired')
      expect(everything(error)).not.toContain(SECRET)
    }
    expect(server.messages).toHaveLength(0)
  })

  it('tries again after a failure that passes', async () => {
    await using provider = await startTokenServer({ status: 503, body: {} }, { body: grant('token') })
    await using server = await mailServer('token')
    const transport = retry(transportOf(server, tokens(provider)), { delayMs: 1 })
    await using mailer = new Mailer({ transport, observe: ({ error }) => void error?.code })
    const receipt = await mailer.send(MAIL)
    expect(receipt.failures).toMatchObject([{ code: 'auth/oauth-token', permanence: 'transient' }])
  })

  it('says how long the provider asks to wait', async () => {
    const headers = { 'retry-after': '90' }
    await using provider = await startTokenServer({ status: 429, headers, body: {} })
    await using server = await mailServer('token')
    await using mailer = new Mailer({ transport: transportOf(server, tokens(provider)) })
    expect(await failureOf(mailer.send(MAIL))).toMatchObject({
      code: 'auth/oauth-token',
      retryAfterMs: 90_000,
      recipients: [{ status: 'not-attempted', retryAfterMs: 90_000 }],
    })
  })

  it('says that the provider does not answer in time', async () => {
    await using provider = await startTokenServer(() => {})
    await using server = await mailServer('token')
    const transport = transportOf(server, tokens(provider, { timeoutMs: 60 }))
    await using mailer = new Mailer({ transport })
    const error = await failureOf(mailer.send(MAIL))
    expect(error).toMatchObject({ code: 'auth/oauth-token', permanence: 'transient', delivered: 'none' })
    expect(error.summary).toContain('did not answer within 60 ms')
  })
})

it('smtp() renews a token once for all connections that had it', async () => {
  await using provider = await startTokenServer()
  await using server = await mailServer('token-2')
  const { host, port } = server
  const accessToken = tokens(provider)
  const transport = smtp({ host, port, auth: { user: USER, accessToken }, pool: { connections: 5 } })
  await using mailer = new Mailer({ transport })
  await Promise.all(Array.from({ length: 40 }, () => mailer.send(MAIL)))
  expect(server.messages).toHaveLength(40)
  expect(provider.requests).toHaveLength(2)
})

it('smtp() keeps what a token function of your own says in a MailError', async () => {
  await using server = await mailServer('token')
  const accessToken = async (): Promise<string> => {
    throw new MailError({
      stage: 'auth',
      kind: 'oauth-token',
      summary: 'the vault is sealed',
      hint: 'Unseal it.',
      permanence: 'transient',
    })
  }
  const { host, port } = server
  await using mailer = new Mailer({ transport: smtp({ host, port, auth: { user: USER, accessToken } }) })
  const error = await failureOf(mailer.send(MAIL))
  expect(error).toMatchObject({
    code: 'auth/oauth-token',
    summary: expect.stringContaining('the vault is sealed'),
    hint: 'Unseal it.',
    permanence: 'transient',
    recipients: [{ address: 'bob@rcpt.example', status: 'not-attempted' }],
  })
})
