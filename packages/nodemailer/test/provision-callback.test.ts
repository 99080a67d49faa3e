import { MailError } from '@loudmail/core'
import { createTransport } from 'nodemailer'
import { describe, expect, it } from 'vitest'
import { nodemailer, provisionCallback } from '../src/index.ts'
import { failure, message, scene, type Scene } from './setup.ts'

const USER = 'ann@sender.example'

type Ask = { readonly renew: boolean }

function withTokens(accessToken: (ask: Ask) => Promise<string>, more: object = {}): Promise<Scene> {
  return scene(
    { caps: ['AUTH XOAUTH2'], tokens: { [USER]: 'good' }, requireAuth: true },
    { auth: { type: 'OAuth2', user: USER, provisionCallback: provisionCallback(accessToken) }, ...more },
  )
}

describe.each([{ pool: false }, { pool: true }])('provisionCallback() with %j', (more) => {
  it('logs in with the token, and asks for each connection', async () => {
    const asks: Ask[] = []
    await using here = await withTokens(async (ask) => {
      asks.push(ask)
      return 'good'
    }, more)
    await here.transport.send(message())
    await here.transport.send(message())
    expect(here.server.messages.map(({ authenticatedAs }) => authenticatedAs)).toEqual([USER, USER])
    expect(asks).toEqual(here.server.connections.map(() => ({ renew: false })))
  })

  it('asks for a new token after a refusal', async () => {
    const asks: Ask[] = []
    await using here = await withTokens(async (ask) => {
      asks.push(ask)
      return ask.renew ? 'good' : 'revoked'
    }, more)
    await here.transport.send(message())
    expect(asks).toEqual([{ renew: false }, { renew: true }])
  })

  it('fails with what the MailError of the function says', async () => {
    await using here = await withTokens(async () => {
      throw new MailError({
        stage: 'auth',
        kind: 'oauth-token',
        summary: 'the vault is sealed',
        hint: 'Unseal it.',
        permanence: 'transient',
      })
    }, more)
    expect(await failure(here.transport)).toMatchObject({
      code: 'auth/oauth-token',
      summary: 'the vault is sealed',
      hint: 'Unseal it.',
      permanence: 'transient',
      delivered: 'none',
    })
    await expect(here.transport.verify!()).rejects.toMatchObject({ summary: 'the vault is sealed' })
  })

  it.each([
    ['rejects', async (): Promise<string> => Promise.reject(new Error('no key'))],
    [
      'throws',
      (): Promise<string> => {
        throw new Error('no key')
      },
    ],
  ])('fails with the error of a function that %s', async (_how, accessToken) => {
    await using here = await withTokens(accessToken, more)
    expect(await failure(here.transport)).toMatchObject({
      code: 'auth/oauth-token',
      permanence: 'permanent',
      cause: { cause: { message: 'no key' } },
    })
  })
})

it('an existing transporter can have it, too', async () => {
  await using here = await withTokens(async () => 'good')
  const transporter = createTransport({
    host: 'localhost',
    port: here.server.port,
    auth: { type: 'OAuth2', user: USER },
  })
  transporter.set(
    'oauth2_provision_cb',
    provisionCallback(async () => 'good'),
  )
  await nodemailer(transporter).send(message())
  expect(here.server.messages[0]!.authenticatedAs).toBe(USER)
})
