import { formatTranscript } from '@loudmail/core'
import type { Action, SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import type { SmtpAuth, SmtpOptions } from '../src/index.ts'
import { everything, failure, message, scene, type Scene } from './scene.ts'

const USER = 'ann@sender.example'
const PASSWORD = 'open sesame 7'
const TOKEN = 'ya29.a-token-of-ann'
const users = { [USER]: PASSWORD }
const tokens = { [USER]: TOKEN }
const withPassword = { user: USER, pass: PASSWORD }

/** The mechanism of every AUTH command that the server got, over all connections. */
function asked({ connections }: SmtpServer): string[] {
  return connections.flatMap(({ lines }) =>
    lines.filter((line) => line.startsWith('AUTH ')).map((line) => line.split(' ')[1]!),
  )
}

interface Script {
  readonly offered: readonly string[]
  readonly auth?: SmtpAuth
  readonly options?: Partial<SmtpOptions>
  readonly lmtp?: boolean
  readonly startTls?: boolean
}

/** A server that answers some mechanisms in its own way, and the others correctly. */
function refusing(replies: Readonly<Record<string, Action>>, script: Script): Promise<Scene> {
  const { offered, auth = withPassword, options, lmtp = false, startTls = false } = script
  const caps = [`AUTH ${offered.join(' ')}`, 'PIPELINING', 'ENHANCEDSTATUSCODES']
  return scene(
    {
      ...(startTls ? { caps: ['STARTTLS'], capsTls: caps } : { caps }),
      lmtp,
      users,
      tokens,
      requireAuth: true,
      on: { AUTHCMD: ({ line }) => replies[line.split(' ')[1]!] },
    },
    { auth, lmtp, ...(startTls && { tls: 'starttls' }), ...options },
  )
}

const OF_PASSWORDS = ['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'CRAM-MD5']
const OF_TOKENS = ['XOAUTH2', 'OAUTHBEARER']
const NOT_SUPPORTED = '504 5.5.4 Unrecognized authentication type'

/** What servers say if they do not do a mechanism that they offer. */
const REFUSALS = [
  NOT_SUPPORTED,
  '504 5.7.4 Unrecognized authentication type [AM0PR01CA0001.example 2026-01-01T00:00:00.000Z]',
  '504 Unknown mechanism <PLAIN>',
  '504 PLAIN authentication is not permitted by this server.',
  '504-5.7.4 Security features\n504 5.7.4 not supported',
  '534 5.7.9 Authentication mechanism is too weak',
  '534 Authentication mechanism is too weak',
  '538-5.5.4 No\n538 5.5.4 Not this one',
  '535 5.7.8 Error: authentication failed: Invalid authentication mechanism',
  '535 5.7.8 Error: authentication failed: no mechanism available',
  '535 5.7.8 Error: authentication failed: user exists, but no verifier for user',
  '535 authentication mechanism not supported',
  '535 Authentication method PLAIN disabled',
  '535 5.7.4 No',
  '535 AUTH PLAIN is not enabled',
  '535 5.7.0 Unsupported SASL mechanism',
  '550 unrecognised auth type',
  '502 Command "AUTH PLAIN AGFubg==" not implemented',
  '500 5.5.1 Command unrecognized',
  '501 5.5.4 Syntax: AUTH mechanism',
  '501 Syntax error in parameters or arguments',
  '432 4.7.12 A password transition is needed',
]

/** What servers say about a password, an account or themselves: another attempt would only count as one. */
const NOT_THE_MECHANISM = [
  '535 5.7.8 Error: authentication failed',
  '535 5.7.8 Authentication credentials invalid',
  '535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6',
  '535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8 https://support.example/?p=BadCredentials',
  '535 5.7.3 Authentication unsuccessful',
  '535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.',
  '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
  '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
  '535 Incorrect authentication data',
  '535 Login disabled for this account',
  '535 auth failed: unknown user or invalid password',
  '535 5.7.8 Invalid login or password',
  '534 5.7.9 Application-specific password required',
  '534 5.7.9 This authentication method is not allowed: application-specific password required',
  '534 5.7.14 Please log in via your web browser and then try again.',
  '530 5.7.0 Must issue a STARTTLS command first',
  '538 5.7.11 Encryption required for requested authentication mechanism',
  '501 5.7.0 Cancelled',
  '501 Authentication failed',
  '500 Login incorrect',
  '503 5.5.1 AUTH command used when not advertised',
  '550 User has no permission',
  '553 5.3.0 Auth failure',
  '454 4.7.0 Temporary authentication failure',
  '454 4.7.0 Authentication mechanism temporarily not available',
  '421 4.7.0 Too many failed logins, try again later',
]

describe.concurrent('a mechanism that the server refuses as such', () => {
  it.each(REFUSALS)('is followed by the next one: %s', async (reply) => {
    await using here = await refusing({ PLAIN: reply }, { offered: ['PLAIN', 'LOGIN'] })
    await here.transport.send(message())
    expect(here.server.messages[0]!.authenticatedAs).toBe(USER)
    expect(asked(here.server)).toEqual(['PLAIN', 'LOGIN'])
    expect(here.server.connections).toHaveLength(1)
  })

  it.each(OF_PASSWORDS.map((last) => [last, OF_PASSWORDS.filter((name) => name !== last)] as const))(
    'is followed by each other one, once, up to %s',
    async (last, others) => {
      const offered = OF_PASSWORDS.toReversed()
      const replies = Object.fromEntries(others.map((name) => [name, NOT_SUPPORTED]))
      await using here = await refusing(replies, { offered })
      await here.transport.send(message())
      expect(asked(here.server)).toEqual(OF_PASSWORDS.slice(0, OF_PASSWORDS.indexOf(last) + 1))
    },
  )

  it.each([
    ['XOAUTH2', 'OAUTHBEARER'],
    ['OAUTHBEARER', 'XOAUTH2'],
  ])('for a token, %s, is followed by %s, and never by one for passwords', async (refused, other) => {
    const auth = { user: USER, accessToken: TOKEN }
    await using here = await refusing(
      { [refused]: NOT_SUPPORTED },
      { offered: [...OF_PASSWORDS, ...OF_TOKENS], auth },
    )
    await here.transport.send(message())
    expect(asked(here.server).at(-1)).toBe(refused === 'XOAUTH2' ? other : 'XOAUTH2')
    expect(asked(here.server).filter((name) => OF_PASSWORDS.includes(name))).toEqual([])
  })

  it.each([
    ['after the first challenge', { seq: ['334 '] }, { nth: [NOT_SUPPORTED, { pass: true }] }],
    ['after several lines', '504-5.5.4 This server\n504-5.5.4 does not\n504 5.5.4 know it', { pass: true }],
  ] as [string, Action, Action][])('%s is followed too', async (_when, command, decision) => {
    await using here = await scene(
      {
        caps: ['AUTH PLAIN LOGIN'],
        users,
        requireAuth: true,
        on: { AUTHCMD: ({ line }) => (line.includes('PLAIN') ? command : undefined), AUTH: decision },
      },
      { auth: withPassword },
    )
    await here.transport.send(message())
    expect(asked(here.server)).toEqual(['PLAIN', 'LOGIN'])
  })

  it('is followed behind STARTTLS, and over LMTP', async () => {
    for (const script of [{ startTls: true }, { lmtp: true }]) {
      await using here = await refusing({ PLAIN: NOT_SUPPORTED }, { offered: ['PLAIN', 'LOGIN'], ...script })
      await here.transport.send(message())
      expect(asked(here.server)).toEqual(['PLAIN', 'LOGIN'])
    }
  })

  it('is followed in verify()', async () => {
    await using here = await refusing({ PLAIN: NOT_SUPPORTED }, { offered: ['PLAIN', 'LOGIN'] })
    await here.transport.verify!()
    expect(asked(here.server)).toEqual(['PLAIN', 'LOGIN'])
  })

  it('is not asked for again on later connections', async () => {
    const pool = { connections: 1, messagesPerConnection: 1 }
    await using here = await refusing(
      { 'SCRAM-SHA-256': NOT_SUPPORTED, PLAIN: NOT_SUPPORTED },
      { offered: ['SCRAM-SHA-256', 'PLAIN', 'LOGIN'], options: { pool } },
    )
    for (let n = 0; n < 3; n++) await here.transport.send(message())
    expect(asked(here.server)).toEqual(['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'LOGIN', 'LOGIN'])
  })

  it('is asked for again where nothing else is left', async () => {
    let isMended = false
    await using here = await scene(
      {
        caps: ['AUTH PLAIN LOGIN'],
        users,
        on: { AUTHCMD: () => (isMended ? undefined : NOT_SUPPORTED) },
      },
      { auth: withPassword },
    )
    await failure(here.transport)
    isMended = true
    await here.transport.send(message())
    expect(asked(here.server)).toEqual(['PLAIN', 'LOGIN', 'PLAIN'])
  })

  it('is left alone again as soon as another one works again', async () => {
    let isMended = false
    const pool = { connections: 1, messagesPerConnection: 1 }
    await using here = await scene(
      {
        caps: ['AUTH SCRAM-SHA-256 PLAIN LOGIN'],
        users,
        on: { AUTHCMD: ({ line }) => (isMended && line.includes('PLAIN') ? undefined : NOT_SUPPORTED) },
      },
      { auth: withPassword, pool },
    )
    await failure(here.transport)
    isMended = true
    await here.transport.send(message())
    await here.transport.send(message())
    expect(asked(here.server).slice(3)).toEqual(['SCRAM-SHA-256', 'PLAIN', 'PLAIN'])
  })

  it('costs no second password after a wrong one', async () => {
    await using here = await refusing(
      { PLAIN: NOT_SUPPORTED },
      { offered: ['PLAIN', 'LOGIN', 'CRAM-MD5'], auth: { user: USER, pass: 'wrong' } },
    )
    expect(await failure(here.transport)).toMatchObject({
      code: 'auth/bad-credentials',
      reply: { code: 535 },
    })
    expect(asked(here.server)).toEqual(['PLAIN', 'LOGIN'])
  })
})

describe.concurrent('a server that refuses every mechanism', () => {
  it('is auth/auth-mechanism, and the failure names what was tried and what is offered', async () => {
    await using here = await refusing(
      { PLAIN: NOT_SUPPORTED, LOGIN: '535 5.7.8 authentication mechanism LOGIN is not supported' },
      { offered: ['GSSAPI', 'LOGIN', 'PLAIN'] },
    )
    const error = await failure(here.transport)
    expect(error).toMatchObject({
      code: 'auth/auth-mechanism',
      permanence: 'permanent',
      delivered: 'none',
      reply: { code: 535, command: 'AUTH LOGIN' },
    })
    expect(error.summary).toContain('(PLAIN LOGIN)')
    expect(error.summary).toContain('it offers GSSAPI LOGIN PLAIN')
    expect(error.summary).toContain('is not supported')
    expect(asked(here.server)).toEqual(['PLAIN', 'LOGIN'])
    expect(here.server.connections[0]!.commands).not.toContain('MAIL')
  })

  it.each([...OF_PASSWORDS, ...OF_TOKENS])('is left alone if auth.method is %s', async (method) => {
    const auth = (
      OF_TOKENS.includes(method) ? { user: USER, accessToken: TOKEN, method } : { ...withPassword, method }
    ) as SmtpAuth
    await using here = await refusing(
      { [method]: NOT_SUPPORTED },
      { offered: [...OF_PASSWORDS, ...OF_TOKENS], auth },
    )
    const error = await failure(here.transport)
    expect(error).toMatchObject({ code: 'auth/auth-mechanism', reply: { code: 504 } })
    expect(error.summary).toContain(`(${method})`)
    expect(asked(here.server)).toEqual([method])
  })
})

describe.concurrent('a refusal that is not about the mechanism', () => {
  it.each(NOT_THE_MECHANISM)('stays one attempt: %s', async (reply) => {
    await using here = await refusing({ PLAIN: reply }, { offered: ['PLAIN', 'LOGIN', 'CRAM-MD5'] })
    expect(await failure(here.transport)).toMatchObject({ stage: 'auth', delivered: 'none' })
    expect(asked(here.server)).toEqual(['PLAIN'])
  })

  it.each(OF_PASSWORDS)('stays one attempt with a wrong password by %s', async (mechanism) => {
    const others = OF_PASSWORDS.slice(OF_PASSWORDS.indexOf(mechanism))
    await using here = await refusing({}, { offered: others, auth: { user: USER, pass: 'wrong' } })
    expect((await failure(here.transport)).code).toBe('auth/bad-credentials')
    expect(asked(here.server)).toEqual([mechanism])
  })
})

describe.concurrent('a server that closes the connection after it refused a mechanism', () => {
  const end = (reply: string): Action => ({ seq: [reply, { close: 'fin' }] })

  it.each([
    ['with FIN', end(NOT_SUPPORTED)],
    ['with a reset', { seq: [NOT_SUPPORTED, { close: 'rst' }] }],
    ['after 421', { seq: [NOT_SUPPORTED, '421 4.7.0 Too many errors', { close: 'fin' }] }],
  ] as [string, Action][])('gets the next one on a fresh connection: %s', async (_how, reply) => {
    await using here = await refusing({ PLAIN: reply }, { offered: ['PLAIN', 'LOGIN'] })
    await here.transport.send(message())
    expect(asked(here.server)).toEqual(['PLAIN', 'LOGIN'])
    expect(here.server.connections).toHaveLength(2)
  })

  it('gets the next one on a fresh connection: with 421 in answer to it', async () => {
    const busy: Action = { nthGlobal: ['421 4.7.0 Too many errors', { pass: true }] }
    await using here = await refusing({ PLAIN: NOT_SUPPORTED, LOGIN: busy }, { offered: ['PLAIN', 'LOGIN'] })
    await here.transport.send(message())
    expect(asked(here.server)).toEqual(['PLAIN', 'LOGIN', 'LOGIN'])
    expect(here.server.connections).toHaveLength(2)
  })

  it('gets no password before the fresh connection is encrypted, too', async () => {
    const offered = ['PLAIN', 'LOGIN']
    await using here = await refusing({ PLAIN: end(NOT_SUPPORTED) }, { offered, startTls: true })
    await here.transport.send(message())
    expect(here.server.connections.map(({ commands }) => commands.slice(0, 4))).toEqual([
      ['EHLO', 'STARTTLS', 'EHLO', 'AUTH'],
      ['EHLO', 'STARTTLS', 'EHLO', 'AUTH'],
    ])
    const auth = here.server.connections.flatMap(({ entries }) =>
      entries.filter(({ command }) => command === 'AUTH'),
    )
    expect(auth.map(({ tls }) => tls)).toEqual([true, true])
  })

  it('gets each one once, and the transcript has all connections', async () => {
    const replies = Object.fromEntries(OF_PASSWORDS.map((name) => [name, end(NOT_SUPPORTED)]))
    await using here = await refusing(replies, { offered: OF_PASSWORDS })
    const error = await failure(here.transport)
    expect(error).toMatchObject({ code: 'auth/auth-mechanism', reply: { command: 'AUTH CRAM-MD5' } })
    expect(here.server.connections).toHaveLength(OF_PASSWORDS.length)
    const transcript = formatTranscript(error.transcript)
    for (const name of OF_PASSWORDS) expect(transcript).toContain(`C: AUTH ${name}`)
    expect(new Set(error.transcript!.entries.map(({ connection }) => connection)).size).toBe(4)
  })

  it('without a word is a lost connection, and nothing is tried again', async () => {
    await using here = await refusing({ PLAIN: { close: 'fin' } }, { offered: ['PLAIN', 'LOGIN'] })
    expect((await failure(here.transport)).code).toBe('auth/connection-lost')
    expect(asked(here.server)).toEqual(['PLAIN'])
  })

  it('and then does so without a word is a lost connection', async () => {
    await using here = await refusing(
      { PLAIN: end(NOT_SUPPORTED), LOGIN: { close: 'fin' } },
      { offered: ['PLAIN', 'LOGIN', 'CRAM-MD5'] },
    )
    expect((await failure(here.transport)).code).toBe('auth/connection-lost')
    expect(here.server.connections).toHaveLength(2)
  })
})

describe.concurrent('a server that says that the client is logged in already', () => {
  it.each(['503 5.5.1 Already authenticated', '503 Error: you are already logged in'])(
    'gets the message: %s',
    async (reply) => {
      await using here = await scene({ caps: ['AUTH PLAIN'], on: { AUTHCMD: reply } }, { auth: withPassword })
      await here.transport.send(message())
      expect(here.server.messages).toHaveLength(1)
    },
  )

  it('is not believed where it has to prove that it knows the password', async () => {
    const on = { AUTHCMD: '503 5.5.1 Already authenticated' }
    await using here = await scene({ caps: ['AUTH SCRAM-SHA-256'], on }, { auth: withPassword })
    expect((await failure(here.transport)).code).toBe('auth/protocol')
  })
})

describe.concurrent('an initial response', () => {
  it.each(['PLAIN', 'XOAUTH2', 'OAUTHBEARER', 'SCRAM-SHA-256'])(
    'that the server ignores is sent again when it asks for it: %s',
    async (mechanism) => {
      const auth = OF_TOKENS.includes(mechanism) ? { user: USER, accessToken: TOKEN } : withPassword
      await using here = await scene(
        { caps: [`AUTH ${mechanism}`], on: { AUTHCMD: '334 ', AUTH: '535 5.7.8 No' } },
        { auth },
      )
      await failure(here.transport)
      const [, command, answer] = here.server.connections[0]!.lines
      expect(command).toBe(`AUTH ${mechanism} ${answer}`)
      expect(answer).not.toBe('')
    },
  )

  it.each([
    ['PLAIN', '501 5.5.4 Syntax error in parameters'],
    ['PLAIN', '501 Syntax error'],
    ['XOAUTH2', '500 5.5.2 Line too long'],
    ['OAUTHBEARER', '500 5.5.6 Line too long'],
  ])('of %s that the server does not understand is left out: %s', async (mechanism, reply) => {
    const auth = OF_TOKENS.includes(mechanism) ? { user: USER, accessToken: TOKEN } : withPassword
    await using here = await scene(
      {
        caps: [`AUTH ${mechanism}`],
        users,
        tokens,
        requireAuth: true,
        on: { AUTHCMD: ({ line }) => (line.split(' ').length > 2 ? reply : undefined) },
      },
      { auth, pool: { connections: 1, messagesPerConnection: 1 } },
    )
    await here.transport.send(message())
    await here.transport.send(message())
    expect(here.server.messages.map(({ authenticatedAs }) => authenticatedAs)).toEqual([USER, USER])
    // It is remembered: the second connection begins without it.
    expect(asked(here.server)).toHaveLength(3)
  })

  it('is left out once only', async () => {
    await using here = await refusing({ PLAIN: '501 5.5.4 Syntax error' }, { offered: ['PLAIN'] })
    expect((await failure(here.transport)).code).toBe('auth/auth-mechanism')
    expect(asked(here.server)).toEqual(['PLAIN', 'PLAIN'])
  })
})

/** The parts of a log-in that could tell the password, from the lines that the client sent. */
const TELLING: Readonly<Record<string, (answers: readonly string[]) => string[]>> = {
  PLAIN: ([command]) => [command!.split(' ')[2]!],
  LOGIN: (answers) => [answers.at(-1)!],
  'CRAM-MD5': ([, answer]) => [answer!, decoded(answer!).split(' ')[1]!],
  'SCRAM-SHA-256': ([, answer]) => [answer!, decoded(answer!).split(',p=')[1]!],
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString()
}

describe.concurrent('what was made from the password', () => {
  it.each(OF_PASSWORDS)('is in no failure, also where the server repeats it: %s', async (mechanism) => {
    let telling: string[] = []
    await using here = await scene(
      {
        caps: [`AUTH ${mechanism}`],
        users,
        on: {
          AUTH: ({ connection }) => {
            telling = TELLING[mechanism]!(connection.lines.slice(1))
            return `535 5.7.8 No to ${telling.join(' and to ')}`
          },
        },
      },
      { auth: withPassword },
    )
    const shown = everything(await failure(here.transport))
    expect(telling.length).toBeGreaterThan(0)
    for (const secret of telling) expect(shown).not.toContain(secret)
    expect(shown).toContain('No to <redacted>')
  })

  it("is not in the server's signature either", async () => {
    await using here = await scene(
      { caps: ['AUTH SCRAM-SHA-256'], users, on: { MAIL: '550 5.7.1 No' } },
      { auth: withPassword },
    )
    const shown = formatTranscript((await failure(here.transport)).transcript)
    const challenges = [...shown.matchAll(/S: 334 (\S+)/g)].map(([, text]) => text!)
    expect(challenges).toHaveLength(2)
    expect(challenges.map(decoded).join()).not.toContain('v=')
  })
})
