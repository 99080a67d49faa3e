import { inspect } from 'node:util'
import { formatTranscript } from '@loudmail/core'
import type { ActionContext, SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { AUTH, failure, message, scene, type Scene } from './setup.ts'

const USER = AUTH.user
const GOOGLE = { status: '401', schemes: 'bearer mac', scope: 'https://mail.google.com/' }
const challenge = (said: unknown): string => `334 ${Buffer.from(JSON.stringify(said)).toString('base64')}`

/** nodemailer's own function for access tokens, from one that smtp() takes. */
function provisionCallback(accessToken: (ask: { renew: boolean }) => Promise<string>) {
  return (_user: string, renew: boolean, done: (error: Error | null, token?: string) => void): void =>
    void accessToken({ renew }).then(
      (token) => done(null, token),
      (error: Error) => done(error),
    )
}

const NOT_SUPPORTED = '504 5.7.4 Unrecognized authentication type'
const OFFER = ['AUTH PLAIN LOGIN CRAM-MD5']
const users = { [USER]: AUTH.pass }

/** The mechanism of every AUTH command that the server got, over all connections. */
function asked({ connections }: SmtpServer): string[] {
  return connections.flatMap(({ lines }) =>
    lines.filter((line) => line.startsWith('AUTH ')).map((line) => line.split(' ')[1]!),
  )
}

function refusing(replies: Readonly<Record<string, string>>, more: object = {}): Promise<Scene> {
  const on = { AUTHCMD: ({ line }: ActionContext) => replies[line.split(' ')[1]!] }
  return scene({ caps: OFFER, users, requireAuth: true, on }, { auth: AUTH, ...more })
}

describe.concurrent.each([{ pool: false }, { pool: true, maxMessages: 1 }])(
  'a mechanism that the server refuses as such, with %j',
  (more) => {
    it('is followed by the next one, and is not asked for again', async () => {
      await using s = await refusing({ PLAIN: NOT_SUPPORTED, LOGIN: NOT_SUPPORTED }, more)
      const failed: string[] = []
      const { failures } = await s.transport.send(message(), { failed: ({ code }) => void failed.push(code) })
      await s.transport.send(message())
      expect(s.server.messages.map(({ authenticatedAs }) => authenticatedAs)).toEqual([USER, USER])
      expect(asked(s.server)).toEqual(['PLAIN', 'LOGIN', 'CRAM-MD5', 'CRAM-MD5'])
      expect(failures.map(({ code }) => code)).toEqual(['auth/auth-mechanism', 'auth/auth-mechanism'])
      expect(failed).toEqual(['auth/auth-mechanism', 'auth/auth-mechanism'])
    })

    it('is the failure if it was the last one', async () => {
      const [PLAIN, LOGIN, CRAM] = [NOT_SUPPORTED, NOT_SUPPORTED, '535 5.7.8 CRAM-MD5 auth not supported']
      await using s = await refusing({ PLAIN, LOGIN, 'CRAM-MD5': CRAM }, more)
      const error = await failure(s.transport)
      expect(error).toMatchObject({ code: 'auth/auth-mechanism', reply: { command: 'AUTH CRAM-MD5' } })
      expect(error.failures).toHaveLength(2)
      expect(asked(s.server)).toEqual(['PLAIN', 'LOGIN', 'CRAM-MD5'])
    })

    it('stays the only one if authMethod requires it', async () => {
      await using s = await refusing({ LOGIN: NOT_SUPPORTED }, { ...more, authMethod: 'LOGIN' })
      expect((await failure(s.transport)).code).toBe('auth/auth-mechanism')
      expect(asked(s.server)).toEqual(['LOGIN'])
    })

    it('is followed in verify()', async () => {
      await using s = await refusing({ PLAIN: NOT_SUPPORTED }, more)
      await s.transport.verify!()
      expect(asked(s.server)).toEqual(['PLAIN', 'LOGIN'])
    })

    it.each(['535 5.7.8 Authentication credentials invalid', '454 4.7.0 Temporary authentication failure'])(
      'is something else than: %s',
      async (reply) => {
        await using s = await refusing({ PLAIN: reply }, more)
        expect((await failure(s.transport)).stage).toBe('auth')
        expect(asked(s.server)).toEqual(['PLAIN'])
      },
    )
  },
)

describe.concurrent('an access token that the server refuses', () => {
  it.each([
    ['at once', { AUTHCMD: '535 5.7.8 Username and Password not accepted' }, false],
    ['behind a challenge', { AUTHCMD: challenge(GOOGLE), AUTH: '535 5.7.8 Not accepted' }, true],
    ['behind a challenge that says nothing', { AUTHCMD: '334 ', AUTH: '535 5.7.8 Not accepted' }, false],
  ])('is auth/oauth-token: %s', async (_when, on, isExplained) => {
    const auth = { type: 'OAuth2', user: USER, accessToken: 'ya29.old' }
    await using s = await scene({ caps: ['AUTH XOAUTH2'], on }, { auth })
    const error = await failure(s.transport)
    expect(error).toMatchObject({
      code: 'auth/oauth-token',
      permanence: 'permanent',
      reply: { code: 535, command: 'AUTH XOAUTH2' },
    })
    const explanation = 'the server says: status 401, scope https://mail.google.com/, schemes bearer mac'
    expect(error.summary.includes(explanation)).toBe(isExplained)
  })

  it('is replaced by nodemailer, on the same connection', async () => {
    const asks: boolean[] = []
    const accessToken = ({ renew }: { renew: boolean }): Promise<string> => {
      asks.push(renew)
      return Promise.resolve(renew ? 'ya29.new' : 'ya29.old')
    }
    const auth = { type: 'OAuth2', user: USER, provisionCallback: provisionCallback(accessToken) }
    await using s = await scene({ caps: ['AUTH XOAUTH2'], tokens: { [USER]: 'ya29.new' } }, { auth })
    await s.transport.send(message())
    expect(asks).toEqual([false, true])
    expect(s.server.messages[0]!.authenticatedAs).toBe(USER)
    expect(s.server.connections).toHaveLength(1)
  })
})

describe.concurrent('what was made from the password', () => {
  it.each(['PLAIN', 'CRAM-MD5'])(
    'is in no failure, also where the server repeats it: %s',
    async (mechanism) => {
      let telling = ''
      await using s = await scene(
        {
          caps: [`AUTH ${mechanism}`],
          on: {
            AUTH: ({ connection }) => {
              const last = connection.lines.at(-1)!.split(' ').at(-1)!
              telling = mechanism === 'PLAIN' ? last : Buffer.from(last, 'base64').toString().split(' ')[1]!
              return `535 5.7.8 No to ${last} and to ${telling}`
            },
          },
        },
        { auth: AUTH },
      )
      const error = await failure(s.transport)
      const shown = inspect(error, { depth: 9 }) + formatTranscript(error.transcript)
      expect(telling.length).toBeGreaterThan(20)
      expect(shown).not.toContain(telling)
      expect(error.reply!.command).toBe(`AUTH ${mechanism}`)
      expect(s.server.messages).toEqual([])
    },
  )
})
