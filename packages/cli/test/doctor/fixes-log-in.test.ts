import { closedPort } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import {
  auth,
  AUTH_CAPS,
  expectToWork,
  fixesFor,
  IMPLICIT,
  logIns,
  optionsFor,
  PASSWORD,
  send,
  start,
  STARTTLS,
  USER,
  users,
} from './fix-scene.ts'

const OPEN = { caps: AUTH_CAPS, users, requireAuth: true } as const

describe('a log-in that fails', () => {
  it('offered only over TLS: use STARTTLS', async () => {
    await using server = await start(STARTTLS)
    const options = optionsFor(server, { auth, tls: 'none' })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('auth/auth-not-offered')
    expect(fixes[0]!.options).toEqual({ tls: 'starttls' })
    expect(fixes).toHaveLength(1)
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it('offered only on another port', async () => {
    await using relay = await start({ requireAuth: true })
    await using server = await start(IMPLICIT)
    const options = optionsFor(relay, { auth })
    const { fixes } = await fixesFor(options, { ports: { relay: relay.port, implicit: server.port } })
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it('not needed at all: leave it out', async () => {
    await using server = await start()
    const options = optionsFor(server, { auth })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]).toMatchObject({
      options: { auth: undefined },
      url: `smtp://127.0.0.1:${server.port}?timeoutMs=1000`,
    })
    await expectToWork(fixes[0], options)
  })

  it('is not said to be needless without a recipient that was accepted', async () => {
    await using server = await start()
    const { fixes } = await fixesFor(optionsFor(server, { auth }), { wishes: { to: [] } })
    expect(fixes[0]).toMatchObject({ verified: false, change: expect.stringContaining('--to') })
  })

  it('with a mechanism that the server does not have', async () => {
    await using server = await start(OPEN)
    const options = optionsFor(server, { auth: { ...auth, method: 'CRAM-MD5' } })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('auth/auth-mechanism')
    expect(fixes[0]).toMatchObject({ options: { auth: { user: USER, pass: 'PASSWORD' } } })
    await expectToWork(fixes[0], options)
  })

  it('where only tokens are taken: says where they come from', async () => {
    await using server = await start({ caps: ['AUTH XOAUTH2 OAUTHBEARER'], requireAuth: true })
    const { fixes } = await fixesFor(optionsFor(server, { auth }))
    expect(fixes[0]).toMatchObject({
      verified: false,
      change: expect.stringMatching(/only access tokens.*@loudmail\/oauth2/),
    })
    expect(fixes).toHaveLength(1)
    expect(logIns(server)).toBe(0)
  })
})

describe('credentials that are refused', () => {
  it('without the domain of the sender', async () => {
    await using server = await start(OPEN)
    const options = optionsFor(server, { auth: { ...auth, user: 'ann' } })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('auth/bad-credentials')
    expect(fixes[0]!.change).toContain(`\`${USER}\``)
    expect(logIns(server)).toBe(2)
    await expectToWork(fixes[0], options)
  })

  it('with a domain that does not belong there', async () => {
    await using server = await start({ ...OPEN, users: { ann: PASSWORD } })
    const options = optionsFor(server, { auth })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]).toMatchObject({ options: { auth: { user: 'ann' } } })
    await expectToWork(fixes[0], options)
  })

  it.each([' ', '\t', '\u00A0'])('with white space at the end of the password', async (space) => {
    await using server = await start(OPEN)
    const options = optionsFor(server, { auth: { ...auth, pass: `${PASSWORD}${space}` } })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]!.change).toBe('Remove the white space at the end of the password.')
    await expectToWork(fixes[0], options)
  })

  it('with a line break at the end of both, before anything connects', async () => {
    await using server = await start(OPEN)
    const options = optionsFor(server, { auth: { user: `${USER}\n`, pass: `${PASSWORD}\r\n` } })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('config/invalid-config')
    expect(fixes[0]!.change).toMatch(/line break at the end of the password.*of the user name/)
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it('that are encoded twice', async () => {
    await using server = await start(OPEN)
    const options = optionsFor(server, { auth: { ...auth, pass: encodeURIComponent(PASSWORD) } })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]!.change).toContain('once too often')
    await expectToWork(fixes[0], options)
  })

  it('are tried only once more, and the other forms are listed', async () => {
    await using server = await start(OPEN)
    const options = optionsFor(server, { host: '127.0.0.1', auth: { user: 'ann', pass: 'wrong%41' } })
    const { failure, fixes, tried } = await fixesFor(options)
    expect(logIns(server)).toBe(2)
    expect(tried).toHaveLength(1)
    expect(fixes.every(({ verified }) => !verified)).toBe(true)
    expect(fixes.map(({ change }) => change)).toEqual([
      expect.stringMatching(/whole address.*This is not tried: a log-in/),
      failure.hint,
    ])
  })

  it.each([
    ['an app password', '534 5.7.9 Application-specific password required'],
    ['a log-in in a browser', '534 5.7.14 Please log in via your web browser and then try again'],
    ['time', '454 4.7.0 Temporary authentication failure'],
    ['patience', '435 4.7.8 Authentication credentials invalid'],
    ['basic authentication', '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.'],
  ])('are not tried again where the server asks for %s', async (_, reply) => {
    await using server = await start({ ...OPEN, on: { AUTH: reply } })
    const { fixes } = await fixesFor(optionsFor(server, { auth }))
    expect(fixes).toHaveLength(1)
    expect(fixes[0]!.verified).toBe(false)
    expect(logIns(server)).toBe(1)
  })

  it("repeats a provider's steps with their numbers", async () => {
    await using server = await start({
      ...OPEN,
      on: {
        CONNECT: '220 mx.google.com ESMTP gsmtp',
        AUTH: '535-5.7.8 Username and Password not accepted.\n535 5.7.8 gsmtp',
      },
    })
    const { fixes } = await fixesFor(optionsFor(server, { auth }))
    expect(fixes.at(-1)!.change).toMatch(/^Google accepts .*:\n1\. Switch on .*apppasswords\.\n2\. Or set/)
  })

  it('the other port works, but the password is wrong as well', async () => {
    await using server = await start(IMPLICIT)
    const options = optionsFor(server, { auth: { ...auth, pass: 'wrong' }, tls: 'starttls' })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]).toMatchObject({
      verified: false,
      change: expect.stringMatching(/TLS from the start.*auth\/bad-credentials/),
    })
    expect(logIns(server)).toBe(1)
  })
})

describe('secrets', () => {
  it('a token that is user name and password, as at some providers, is in no fix', async () => {
    const token = '0f7c2a-token-of-a-server'
    await using server = await start({ ...IMPLICIT, users: { [token]: token } })
    const options = optionsFor(server, { auth: { user: token, pass: token }, tls: 'starttls' })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]).toMatchObject({ verified: true, url: expect.stringContaining('//PASSWORD:PASSWORD@') })
  })

  it('a server that repeats the password before the log-in does not get it into a fix', async () => {
    const base64 = Buffer.from(PASSWORD).toString('base64')
    await using server = await start({ ...IMPLICIT, on: { CONNECT: `554 Not you: ${PASSWORD} ${base64}` } })
    const options = optionsFor({ port: await closedPort() }, { auth })
    const { fixes } = await fixesFor(options, { ports: { implicit: server.port } })
    expect(fixes[0]!.change).toContain('Not you: <redacted>')
    expect(JSON.stringify(fixes)).not.toContain(base64)
  })
})

describe('no log-in, where one is needed', () => {
  it('says that a user name and a password are needed, and how to write them', async () => {
    await using server = await start(OPEN)
    const options = optionsFor(server)
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('mail-from/auth-required')
    expect(fixes[0]).toMatchObject({
      url: `smtp://USER:PASSWORD@127.0.0.1:${server.port}?timeoutMs=1000`,
      options: { auth: { user: 'USER', pass: 'PASSWORD' } },
      verified: false,
    })
    expect(await send({ ...options, auth })).toBeUndefined()
  })
})
