import { MailError, retry } from '@loudmail/core'
import type { Action, ActionContext } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import type { AccessTokenFunction, SmtpOptions } from '../src/index.ts'
import { everything, failure, message, scene, type Scene } from './scene.ts'

const USER = 'ann@sender.example'
const GOOD = 'ya29.good-token-of-ann'
const OLD = 'ya29.old-token-of-ann'
const GOOGLE = { status: '401', schemes: 'bearer mac', scope: 'https://mail.google.com/' }
const MECHANISMS = ['XOAUTH2', 'OAUTHBEARER']

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const challenge = (said: unknown): string => `334 ${base64(JSON.stringify(said))}`

/** A function for access tokens, and what it was asked for. */
interface Tokens {
  readonly accessToken: AccessTokenFunction
  readonly asks: boolean[]
}

function asking(give: (renew: boolean, n: number) => Promise<string> | string): Tokens {
  const asks: boolean[] = []
  return { asks, accessToken: ({ renew }) => give(renew, asks.push(renew) - 1) }
}

/** It gives these tokens one after the other, and then the last one again. */
function giving(...tokens: readonly string[]): Tokens {
  return asking((_renew, n) => Promise.resolve(tokens[Math.min(n, tokens.length - 1)]!))
}

function tokenScene(
  accessToken: string | AccessTokenFunction,
  on: Readonly<Record<string, Action>> = {},
  options: Partial<SmtpOptions> = {},
  mechanism = 'XOAUTH2',
): Promise<Scene> {
  return scene(
    { caps: [`AUTH ${mechanism}`], tokens: { [USER]: GOOD }, requireAuth: true, on },
    { auth: { user: USER, accessToken }, ...options },
  )
}

const commands = ({ server }: Scene): number =>
  server.connections.flatMap(({ commands: all }) => all).filter((command) => command === 'AUTH').length

describe.concurrent.each(MECHANISMS)('a refused access token with %s', (mechanism) => {
  it('is auth/oauth-token, and shows what the server says about it', async () => {
    await using here = await scene(
      { caps: [`AUTH ${mechanism}`], on: { AUTHCMD: challenge(GOOGLE), AUTH: '535 5.7.8 Not accepted' } },
      { auth: { user: USER, accessToken: OLD } },
    )
    const error = await failure(here.transport)
    expect(error).toMatchObject({
      code: 'auth/oauth-token',
      permanence: 'permanent',
      reply: { code: 535, command: `AUTH ${mechanism}` },
    })
    expect(error.summary).toContain('535 5.7.8 Not accepted')
    expect(error.summary).toContain('status 401, scope https://mail.google.com/, schemes bearer mac')
    // The client ends the exchange in the way of the mechanism.
    expect(here.server.connections[0]!.lines[2]).toBe(mechanism === 'XOAUTH2' ? '' : 'AQ==')
  })

  it('is replaced once, on the same connection', async () => {
    const { accessToken, asks } = giving(OLD, GOOD)
    await using here = await tokenScene(accessToken, {}, {}, mechanism)
    await here.transport.send(message())
    expect(asks).toEqual([false, true])
    expect(here.server.messages[0]!.authenticatedAs).toBe(USER)
    expect(here.server.connections).toHaveLength(1)
  })
})

describe.concurrent('a refused access token', () => {
  it.each([
    ['with 535 at once', '535 5.7.3 Authentication unsuccessful'],
    ['with several lines', '535-5.7.8 Username and Password not accepted\n535 5.7.8 https://support.example'],
    ['with 535 and a close', { seq: ['535 5.7.8 No', { close: 'fin' }] }],
    ['with 535 and a reset', { seq: ['535 5.7.8 No', { close: 'rst' }] }],
    ['with 535 and 421', { seq: ['535 5.7.8 No', '421 4.7.0 Bye', { close: 'fin' }] }],
  ] as [string, Action][])('is replaced once: %s', async (_how, refusal) => {
    const { accessToken, asks } = giving(OLD, GOOD)
    const told = ({ credentials }: ActionContext): Action | undefined =>
      credentials?.token === OLD ? refusal : undefined
    await using here = await tokenScene(accessToken, { AUTH: told })
    await here.transport.send(message())
    expect(asks).toEqual([false, true])
    expect(here.server.messages).toHaveLength(1)
    expect(commands(here)).toBe(2)
  })

  it('that the server explains before it closes the connection is replaced too', async () => {
    const { accessToken } = giving(OLD, GOOD)
    let isFirst = true
    await using here = await tokenScene(accessToken, {
      AUTHCMD: () => (isFirst ? challenge(GOOGLE) : undefined),
      AUTH: () => {
        const action: Action | undefined = isFirst ? { close: 'fin' } : undefined
        isFirst = false
        return action
      },
    })
    await here.transport.send(message())
    expect(here.server.connections).toHaveLength(2)
    await using other = await tokenScene(OLD, { AUTHCMD: challenge(GOOGLE), AUTH: { close: 'fin' } })
    const error = await failure(other.transport)
    expect(error.code).toBe('auth/oauth-token')
    expect(error.summary).toContain('it closed the connection (the server says: status 401')
  })

  it('is replaced in verify() and behind STARTTLS too', async () => {
    const { accessToken, asks } = giving(OLD, GOOD)
    await using here = await scene(
      { caps: ['STARTTLS'], capsTls: ['AUTH XOAUTH2'], tokens: { [USER]: GOOD } },
      { tls: 'starttls', auth: { user: USER, accessToken } },
    )
    await here.transport.verify!()
    expect(asks).toEqual([false, true])
  })

  it.each([
    ['a string', OLD, 1],
    ['the same token again', giving(OLD).accessToken, 1],
    ['another one that is refused', giving(OLD, 'ya29.another', GOOD).accessToken, 2],
  ])('is not tried for ever: %s', async (_what, accessToken, attempts) => {
    await using here = await tokenScene(accessToken)
    expect((await failure(here.transport)).code).toBe('auth/oauth-token')
    expect(commands(here)).toBe(attempts)
  })

  it('is asked for twice at most in each opening, also if the server closes each time', async () => {
    const { accessToken, asks } = asking((_renew, n) => `ya29.token-${n}`)
    await using here = await tokenScene(accessToken, { AUTH: { seq: ['535 5.7.8 No', { close: 'fin' }] } })
    expect((await failure(here.transport)).code).toBe('auth/oauth-token')
    expect(asks).toEqual([false, true])
    expect(here.server.connections).toHaveLength(2)
    await failure(retry(here.transport, { attempts: 3, delayMs: 1 }))
    expect(asks).toEqual([false, true, false, true])
  })

  it.each([
    ['454 4.7.0 Temporary authentication failure'],
    ['504 5.7.4 Unrecognized authentication type'],
    ['535 5.7.8 authentication mechanism not supported'],
    ['421 4.7.0 Try again later'],
  ])('is not replaced if that is not what the server says: %s', async (reply) => {
    const { accessToken, asks } = giving(OLD, GOOD)
    await using here = await tokenScene(accessToken, { AUTH: reply })
    expect((await failure(here.transport)).kind).not.toBe('oauth-token')
    expect(asks).toEqual([false])
  })

  it('whose replacement cannot be fetched says both', async () => {
    const { accessToken } = asking((renew) =>
      renew ? Promise.reject(new Error('the vault is sealed')) : OLD,
    )
    await using here = await tokenScene(accessToken)
    const error = await failure(here.transport)
    expect(error).toMatchObject({ code: 'auth/oauth-token', reply: { code: 535 } })
    expect(error.summary).toBe(
      'the server does not accept the access token, and a new one could not be fetched',
    )
    expect((error.cause as Error).message).toBe('the vault is sealed')
  })

  it.each([false, true])('that a MailError explains has what it says (renew: %s)', async (isRenewed) => {
    const explained = new MailError({
      stage: 'auth',
      kind: 'oauth-token',
      summary: 'the token server refused: invalid_grant',
      hint: 'Sign in again.',
      permanence: 'transient',
    })
    const { accessToken } = asking((renew) => (renew === isRenewed ? Promise.reject(explained) : OLD))
    await using here = await tokenScene(accessToken)
    const error = await failure(here.transport)
    expect(error).toMatchObject({ code: 'auth/oauth-token', permanence: 'transient', hint: 'Sign in again.' })
    expect(error.summary).toContain('could not be fetched: the token server refused: invalid_grant')
    expect(error.cause).toBe(explained)
  })

  it('ends with its message while the new one is fetched', async () => {
    const { accessToken } = asking((renew) => (renew ? new Promise(() => {}) : OLD))
    await using here = await tokenScene(accessToken)
    const error = await failure(here.transport, message(), { signal: AbortSignal.timeout(100) })
    expect(error).toMatchObject({ stage: 'auth', kind: 'timeout' })
    await here.transport.close!()
    expect((await here.server.waitFor('close')).commands).not.toContain('MAIL')
  })

  it('is in no failure, nor are those before it, wherever a server repeats them', async () => {
    const heard: string[] = []
    const all = ['ya29.first-token', 'ya29.second-token', 'ya29.third-token', 'ya29.fourth-token']
    await using here = await tokenScene(giving(...all).accessToken, {
      AUTH: ({ credentials }) => {
        heard.push(credentials!.token!)
        return `535 5.7.8 No to ${heard.join(', ')} ${heard.map(base64).join(' ')}`
      },
    })
    await failure(here.transport)
    const shown = everything(await failure(here.transport))
    expect(heard).toEqual(all)
    for (const token of all) {
      expect(shown).not.toContain(token)
      expect(shown).not.toContain(base64(token).slice(0, -3))
    }
  })
})

describe.concurrent('a challenge that says nothing useful about a token', () => {
  it.each<[string, string]>([
    ['that is not base64', '334 %%%'],
    ['that is not JSON', `334 ${base64('go away')}`],
    ['that is null', `334 ${base64('null')}`],
    ['that is a number', `334 ${base64('7')}`],
    ['that is a list', challenge(['401'])],
    ['that nests other things', challenge({ status: { toString: 'x' }, scope: [['a']] })],
    ['that is deep', `334 ${base64('['.repeat(300))}`],
    ['that plays with prototypes', `334 ${base64('{"__proto__":{"status":"polluted"}}')}`],
    ['that was cut', `334 ${base64('{"status":"4')}`],
  ])('%s is ignored', async (_what, line) => {
    await using here = await tokenScene(OLD, { AUTHCMD: line, AUTH: '535 5.7.8 No' })
    const error = await failure(here.transport)
    expect(error.code).toBe('auth/oauth-token')
    expect(error.summary).not.toContain('the server says')
  })

  it('is shown without secrets and control characters, and not at length', async () => {
    const said = { status: `401 ${OLD}\u001B[2J\r\nX: y`, scope: 'z'.repeat(900) }
    await using here = await tokenScene(OLD, { AUTHCMD: challenge(said), AUTH: '535 5.7.8 No' })
    const error = await failure(here.transport)
    expect(error.summary).toContain('status 401 <redacted>\\u001b[2J')
    expect(error.summary).not.toMatch(/[\r\n]/)
    expect(error.summary.length).toBeLessThan(500)
    expect(everything(error)).not.toContain(OLD)
  })

  it('is shown without a secret that would be cut in the middle', async () => {
    const said = { status: 'x'.repeat(200 - 10) + OLD }
    await using here = await tokenScene(OLD, { AUTHCMD: challenge(said), AUTH: '535 5.7.8 No' })
    expect((await failure(here.transport)).summary).not.toContain(OLD.slice(0, 8))
  })
})
