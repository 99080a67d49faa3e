import { describe, expect, it } from 'vitest'
import { smtp, type SmtpAuth, type SmtpOptions } from '../src/index.ts'
import { everything, failure, message, scene } from './scene.ts'

const USER = 'ann@sender.example'
const PASSWORD = 'Pässwörd 密码 €'
const TOKEN = 'ya29.A-t0ken_with~every/kind+of=character'

const withPassword = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256'] as const
const withToken = ['XOAUTH2', 'OAUTHBEARER'] as const
const mechanisms = [...withPassword, ...withToken]

const isToken = (mechanism: string): boolean => withToken.some((name) => name === mechanism)

function credentials(mechanism: string, secret?: string, method?: string): SmtpAuth {
  const who = { user: USER, ...(method !== undefined && { method }) }
  return (
    isToken(mechanism) ? { ...who, accessToken: secret ?? TOKEN } : { ...who, pass: secret ?? PASSWORD }
  ) as SmtpAuth
}

const accounts = { users: { [USER]: PASSWORD }, tokens: { [USER]: TOKEN } }

describe.concurrent.each(mechanisms)('%s', (mechanism) => {
  const caps = [`AUTH ${mechanism}`, 'PIPELINING']

  it('logs in with the right credentials, also beyond ASCII', async () => {
    await using here = await scene({ caps, ...accounts, requireAuth: true }, { auth: credentials(mechanism) })
    await here.transport.send(message())
    expect(here.server.messages[0]!.authenticatedAs).toBe(USER)
  })

  it('fails with the wrong ones, and nothing of the message is sent', async () => {
    const wrong = isToken(mechanism) ? 'ya29.another' : 'nót this one'
    await using here = await scene({ caps, ...accounts }, { auth: credentials(mechanism, wrong) })
    const error = await failure(here.transport)
    expect(error).toMatchObject({ stage: 'auth', delivered: 'none', permanence: 'permanent' })
    expect(['bad-credentials', ...(isToken(mechanism) ? ['oauth-token'] : [])]).toContain(error.kind)
    expect(error.reply?.code).toBe(535)
    expect(error.recipients).toMatchObject([{ status: 'not-attempted' }])
    expect(here.server.connections[0]!.commands).not.toContain('MAIL')
    for (const form of [wrong, Buffer.from(wrong).toString('base64')])
      expect(everything(error)).not.toContain(form)
  })

  it('is chosen by auth.method although others are offered', async () => {
    const offered = [`AUTH ${mechanisms.join(' ')}`]
    await using here = await scene(
      { caps: offered, ...accounts },
      { auth: credentials(mechanism, undefined, mechanism) },
    )
    await here.transport.send(message())
    const command = here.server.connections[0]!.lines.find((line) => line.startsWith('AUTH '))
    expect(command).toMatch(new RegExp(`^AUTH ${mechanism}( |$)`))
  })
})

describe.concurrent('the mechanism', () => {
  it.each([
    ['SCRAM-SHA-256', ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256'], 'PLAIN'],
    ['PLAIN', ['CRAM-MD5', 'LOGIN', 'PLAIN'], 'PLAIN'],
    ['LOGIN', ['CRAM-MD5', 'LOGIN', 'NTLM'], 'PLAIN'],
    ['CRAM-MD5', ['GSSAPI', 'CRAM-MD5'], 'PLAIN'],
    ['XOAUTH2', ['PLAIN', 'OAUTHBEARER', 'XOAUTH2'], 'XOAUTH2'],
    ['OAUTHBEARER', ['PLAIN', 'OAUTHBEARER'], 'XOAUTH2'],
  ])('is %s of those offered: %j', async (chosen, offered, kind) => {
    await using here = await scene(
      { caps: [`AUTH ${offered.join(' ')}`], ...accounts },
      { auth: credentials(kind) },
    )
    await here.transport.send(message())
    const command = here.server.connections[0]!.lines.find((line) => line.startsWith('AUTH '))
    expect(command!.split(' ')[1]).toBe(chosen)
  })

  it('is also found where an old server writes AUTH=LOGIN', async () => {
    await using here = await scene({ caps: ['AUTH=LOGIN'], ...accounts }, { auth: credentials('LOGIN') })
    await here.transport.send(message())
    expect(here.server.messages[0]!.authenticatedAs).toBe(USER)
  })

  it('that nobody shares fails before anything secret is sent', async () => {
    await using here = await scene({ caps: ['AUTH GSSAPI NTLM'] }, { auth: credentials('PLAIN') })
    const error = await failure(here.transport)
    expect(error).toMatchObject({ code: 'auth/auth-mechanism', delivered: 'none' })
    expect(error.message).toContain('GSSAPI NTLM')
    expect(here.server.connections[0]!.commands).not.toContain('AUTH')
  })

  it('for a password is not one that wants a token', async () => {
    await using here = await scene({ caps: ['AUTH XOAUTH2'] }, { auth: credentials('PLAIN') })
    expect((await failure(here.transport)).code).toBe('auth/auth-mechanism')
  })

  it('that is named although it is not offered is tried, and refused', async () => {
    await using here = await scene(
      { caps: ['AUTH PLAIN'] },
      { auth: credentials('LOGIN', 'x1234567', 'LOGIN') },
    )
    const error = await failure(here.transport)
    expect(error).toMatchObject({ stage: 'auth', delivered: 'none', reply: { code: 504 } })
  })
})

describe.concurrent('AUTH that is not offered', () => {
  it('is auth/auth-not-offered, and nothing was sent', async () => {
    await using here = await scene({}, { auth: credentials('PLAIN') })
    const error = await failure(here.transport)
    expect(error).toMatchObject({ code: 'auth/auth-not-offered', delivered: 'none', permanence: 'permanent' })
    expect(here.server.messages).toEqual([])
    expect(here.server.connections[0]!.commands).toEqual(['EHLO'])
  })

  it('before TLS and offered behind it is used there', async () => {
    await using here = await scene(
      { caps: ['STARTTLS'], capsTls: ['AUTH PLAIN'], ...accounts },
      { tls: 'starttls', auth: credentials('PLAIN') },
    )
    await here.transport.send(message())
    expect(here.server.messages[0]).toMatchObject({ tls: true, authenticatedAs: USER })
  })

  it('by a server that knows HELO alone is auth/auth-not-offered', async () => {
    await using here = await scene({ on: { EHLO: '500 What?' } }, { auth: credentials('PLAIN') })
    expect((await failure(here.transport)).code).toBe('auth/auth-not-offered')
  })
})

describe.concurrent('a user name with a comma and an equals sign', () => {
  it.each(withPassword)('logs in by %s', async (mechanism) => {
    const user = 'ann,=@sender.example'
    await using here = await scene(
      { caps: [`AUTH ${mechanism}`], users: { [user]: PASSWORD } },
      { auth: { user, pass: PASSWORD } },
    )
    await here.transport.send(message())
    expect(here.server.messages[0]!.authenticatedAs).toBe(user)
  })
})

describe.concurrent('a log-in', () => {
  it('that the server goes on asking about is given up', async () => {
    await using here = await scene(
      { caps: ['AUTH LOGIN'], on: { AUTHCMD: '334 ', AUTH: '334 ' } },
      { auth: credentials('LOGIN') },
    )
    const error = await failure(here.transport)
    expect([error.stage, error.delivered]).toEqual(['auth', 'none'])
  })

  it.each([
    ['454 4.7.0 Temporary authentication failure', 'auth-temporary', 'transient'],
    ['534 5.7.9 Application-specific password required', 'app-password-required', 'permanent'],
    ['535 Authentication failed', 'bad-credentials', 'permanent'],
  ])('refused with %s is %s', async (reply, kind, permanence) => {
    await using here = await scene(
      { caps: ['AUTH PLAIN'], on: { AUTH: reply } },
      { auth: credentials('PLAIN') },
    )
    expect(await failure(here.transport)).toMatchObject({ code: `auth/${kind}`, permanence })
  })

  it('is made once for each connection, not for each message', async () => {
    await using here = await scene({ caps: ['AUTH PLAIN'], ...accounts }, { auth: credentials('PLAIN') })
    await here.transport.send(message())
    await here.transport.send(message())
    expect(here.server.connections).toHaveLength(1)
    expect(here.server.connections[0]!.commands.filter((command) => command === 'AUTH')).toHaveLength(1)
  })

  it('that fails fails every message that waits for it', async () => {
    await using here = await scene(
      { caps: ['AUTH PLAIN'], on: { AUTH: '535 5.7.8 No' } },
      { auth: credentials('PLAIN'), pool: { connections: 2 } },
    )
    const errors = await Promise.all([1, 2, 3, 4].map(() => failure(here.transport)))
    expect(errors.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'auth/bad-credentials'))
  })
})

describe.concurrent('the function for an access token', () => {
  const caps = ['AUTH XOAUTH2']
  const options = (accessToken: () => Promise<string>): Partial<SmtpOptions> => ({
    auth: { user: USER, accessToken },
    pool: { connections: 1, messagesPerConnection: 1 },
  })

  it('is asked for each connection, so that tokens may expire', async () => {
    let calls = 0
    await using here = await scene(
      { caps, ...accounts },
      options(() => {
        calls++
        return Promise.resolve(TOKEN)
      }),
    )
    await here.transport.send(message())
    await here.transport.send(message())
    expect([calls, here.server.connections.length]).toEqual([2, 2])
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('the vault is sealed'))],
    [
      'throws',
      () => {
        throw new Error('the vault is sealed')
      },
    ],
    ['gives nothing', () => Promise.resolve('')],
    ['gives undefined', () => Promise.resolve(undefined as unknown as string)],
    ['gives a number', () => Promise.resolve(7 as unknown as string)],
  ])('that %s is auth/oauth-token, before anything is connected', async (what, accessToken) => {
    await using here = await scene({ caps }, options(accessToken))
    const error = await failure(here.transport)
    expect(error).toMatchObject({ code: 'auth/oauth-token', delivered: 'none' })
    if (what === 'rejects' || what === 'throws')
      expect((error.cause as Error).message).toBe('the vault is sealed')
    expect(here.server.connections).toEqual([])
  })

  it('that never answers is auth/oauth-token in time, and keeps no transport from closing', async () => {
    const never = options(() => new Promise<never>(() => {}))
    await using here = await scene({ caps }, { ...never, timeouts: { auth: 100 } })
    expect(await failure(here.transport)).toMatchObject({
      code: 'auth/oauth-token',
      permanence: 'transient',
      summary: 'the access token did not come in time',
    })
    await using other = await scene({ caps }, never)
    const waiting = failure(other.transport, message(), { signal: AbortSignal.timeout(50) })
    expect(await waiting).toMatchObject({ stage: 'auth', kind: 'timeout' })
    await other.transport.close!()
  })

  it('may be a method that needs its object', async () => {
    class Tokens {
      readonly user = USER
      readonly #token = TOKEN
      accessToken(): Promise<string> {
        return Promise.resolve(this.#token)
      }
    }
    await using here = await scene({ caps, ...accounts }, { auth: new Tokens() })
    await here.transport.send(message())
  })

  it('may be there beside a password that is undefined, and the other way round', async () => {
    const auth = { user: USER, pass: undefined, accessToken: () => Promise.resolve(TOKEN) }
    await using here = await scene({ caps }, { auth: auth as never })
    await here.transport.send(message())
    const password = { user: USER, pass: 'sesame', accessToken: undefined }
    await using other = await scene({ caps: ['AUTH PLAIN'] }, { auth: password as never })
    await other.transport.send(message())
  })

  it('keeps the token out of everything, also where the server repeats it', async () => {
    await using here = await scene(
      { caps, on: { AUTH: ({ credentials: told }) => `535 5.7.8 No: ${told?.token}` } },
      options(() => Promise.resolve(TOKEN)),
    )
    const error = await failure(here.transport)
    expect(error.kind).toMatch(/bad-credentials|oauth-token/)
    expect(everything(error)).not.toContain(TOKEN)
  })

  it('is not asked when the transport is made', () => {
    const accessToken = (): Promise<string> => {
      throw new Error('too early')
    }
    expect(() => smtp({ host: 'mail.example.com', auth: { user: 'ann', accessToken } })).not.toThrow()
  })
})
