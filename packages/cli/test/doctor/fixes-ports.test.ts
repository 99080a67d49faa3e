import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { MailError } from '@loudmail/core'
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
  start,
  STARTTLS,
  users,
} from './fix-scene.ts'
import { lookupOf } from './lookup-of.ts'

describe('the wrong port or the wrong beginning of TLS', () => {
  it('smtp:// on a port that expects TLS from the start', async () => {
    await using server = await start(IMPLICIT)
    const options = optionsFor(server, { auth, tls: 'starttls' })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('greeting/timeout')
    expect(fixes[0]).toMatchObject({
      change: expect.stringContaining('expects TLS from the start'),
      options: { tls: 'implicit' },
    })
    expect(fixes[0]!.url).toBe(
      `smtps://ann%40sender.example:PASSWORD@127.0.0.1:${server.port}?timeoutMs=1000`,
    )
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it('smtps:// on a port for STARTTLS', async () => {
    await using server = await start(STARTTLS)
    const options = optionsFor(server, { auth, tls: 'implicit' })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('tls/not-tls')
    expect(fixes[0]!.change).toContain('begins without TLS')
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it.each([
    ['465 with TLS from the start', 'implicit', IMPLICIT],
    ['587', 'submission', STARTTLS],
    ['25', 'relay', STARTTLS],
    ['2525', 'alternative', STARTTLS],
  ] as const)('a port on which nothing listens, where %s works', async (_, name, script) => {
    await using server = await start(script)
    const options = optionsFor({ port: await closedPort() }, { auth })
    const { failure, fixes, tried } = await fixesFor(options, { ports: { [name]: server.port } })
    expect(failure.code).toBe('connect/connection-refused')
    expect(fixes[0]!.options).toMatchObject({ port: server.port })
    expect(tried.length).toBeLessThanOrEqual(5)
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it('a port of another service', async () => {
    await using server = await start(STARTTLS)
    const other = createServer((socket) =>
      socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const options = optionsFor({ port }, { auth })
    const { failure, fixes } = await fixesFor(options, { ports: { submission: server.port } })
    expect(failure.code).toBe('greeting/not-smtp')
    await expectToWork(fixes[0], options)
    other.close()
  })

  it('a firewall that takes STARTTLS away, where 465 works', async () => {
    await using stripped = await start({ caps: AUTH_CAPS })
    await using server = await start(IMPLICIT)
    const options = optionsFor(stripped, { auth, tls: 'starttls' })
    const { failure, fixes } = await fixesFor(options, { ports: { implicit: server.port } })
    expect(failure.code).toBe('tls/starttls-not-offered')
    expect(logIns(stripped)).toBe(0)
    await expectToWork(fixes[0], options)
  })

  it('STARTTLS that is offered and broken, where 465 works', async () => {
    await using broken = await start({
      ...STARTTLS,
      on: { STARTTLS: { starttls: { garbage: 'What?\r\n' } } },
    })
    await using server = await start(IMPLICIT)
    const options = optionsFor(broken, { auth, tls: 'starttls' })
    const { failure, fixes } = await fixesFor(options, { ports: { implicit: server.port } })
    expect(failure.stage).toBe('tls')
    await expectToWork(fixes[0], options)
  })

  it('a server on this machine without any TLS does without it', async () => {
    await using server = await start({ caps: AUTH_CAPS, users })
    const options = optionsFor(server, { auth, tls: 'starttls' })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]!.change).toContain('on this machine')
    await expectToWork(fixes[0], options)
  })

  it('a password never goes unencrypted to another machine', async () => {
    await using server = await start({ caps: AUTH_CAPS, users })
    const lookup = lookupOf({ 'mail.example.test': '127.0.0.1' })
    const options = optionsFor(server, { host: 'mail.example.test', lookup, auth, tls: 'starttls' })
    const { fixes } = await fixesFor(options, { ports: { relay: server.port, alternative: server.port } })
    expect(JSON.stringify(fixes)).not.toMatch(/tls\W+none/)
    expect(fixes.every(({ verified }) => !verified)).toBe(true)
    expect(fixes.length).toBeGreaterThan(0)
    expect(logIns(server)).toBe(0)
  })

  it('mail without a password may go unencrypted, on a network that is trusted', async () => {
    await using server = await start()
    const lookup = lookupOf({ 'relay.example.test': '127.0.0.1' })
    const options = optionsFor(server, { host: 'relay.example.test', lookup, tls: 'starttls' })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]!.change).toContain('Only on a network that you trust')
    await expectToWork(fixes[0], options)
  })

  it('a password goes unencrypted to no other machine, even if the application would send it', async () => {
    await using server = await start({ caps: AUTH_CAPS, users })
    const lookup = lookupOf({ 'mail.example.test': '127.0.0.1' })
    const insecure = { tls: 'opportunistic', allowInsecureAuth: true } as const
    const closed = { port: await closedPort() }
    const options = optionsFor(closed, { host: 'mail.example.test', lookup, auth, ...insecure })
    await fixesFor(options, { ports: { relay: server.port } })
    expect(server.connections).toHaveLength(1)
    expect(logIns(server)).toBe(0)
  })

  it.each([
    ['no log-in', ['PIPELINING']],
    ['no log-in with a password', ['AUTH XOAUTH2']],
  ])('a port that offers %s is left alone for one that does', async (_, caps) => {
    await using other = await start({ tls: 'implicit', caps })
    await using server = await start(STARTTLS)
    const options = optionsFor({ port: await closedPort() }, { auth })
    const ports = { implicit: other.port, submission: server.port }
    const { fixes } = await fixesFor(options, { ports })
    await expectToWork(fixes[0], options)
    // Every connection is closed, also those that led nowhere.
    await other.waitFor('close')
    expect(other.connections[0]!.commands.at(-1)).toBe('QUIT')
  })

  it('two mistakes at once: the port, and a log-in that the server does not want', async () => {
    await using server = await start({ tls: 'implicit' })
    const options = optionsFor({ port: await closedPort() }, { auth })
    const { fixes } = await fixesFor(options, { ports: { implicit: server.port } })
    expect(fixes[0]!.change).toMatch(/Use port \d+ with TLS.*leave out `auth`/)
    await expectToWork(fixes[0], options)
  })

  it('more time is not asked for where nothing answers at all', async () => {
    const failure = new MailError({ stage: 'connect', kind: 'timeout' })
    const { tried } = await fixesFor(optionsFor({ port: await closedPort() }), { failure })
    expect(tried.join(' ')).not.toContain('wait longer')
    expect(tried).toHaveLength(4)
  })

  it('prefers the encrypted one of two that work', async () => {
    await using plain = await start({ caps: AUTH_CAPS, users })
    await using encrypted = await start(STARTTLS)
    const options = optionsFor({ port: await closedPort() }, { auth })
    const { fixes } = await fixesFor(options, {
      ports: { submission: plain.port, alternative: encrypted.port },
    })
    expect(fixes[0]!.options).toMatchObject({ port: encrypted.port })
    expect(logIns(plain)).toBe(0)
    await expectToWork(fixes[0], options)
  })

  it('two mistakes at once: the port and the certificate', async () => {
    await using server = await start({ ...IMPLICIT, cert: 'selfsigned' })
    const options = optionsFor({ port: await closedPort() }, { auth, tls: 'starttls' })
    const { fixes } = await fixesFor(options, { ports: { implicit: server.port } })
    expect(fixes[0]!.change).toMatch(/port \d+.*fingerprint/)
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it('where nothing works, it says what to do, after at most six connections', async () => {
    await using server = await start({ on: { CONNECT: { stall: true } } })
    const { port } = server
    const options = optionsFor(server, { auth, timeoutMs: 100 })
    const before = server.connections.length
    const { failure, fixes, tried } = await fixesFor(options, {
      ports: { implicit: port, submission: port, relay: port, alternative: port },
      wishes: { timeoutMs: 100 },
    })
    expect(fixes).toEqual([{ change: failure.hint, verified: false }])
    expect(server.connections.length - before).toBeLessThanOrEqual(7)
    expect(tried.length).toBeLessThanOrEqual(6)
  })

  it('stops at Ctrl-C', async () => {
    const options = optionsFor({ port: await closedPort() }, { auth })
    const { fixes, tried } = await fixesFor(options, { wishes: { signal: AbortSignal.abort() } })
    expect(tried).toEqual([])
    expect(fixes.every(({ verified }) => !verified)).toBe(true)
  })

  it('says it in the words of nodemailer', async () => {
    await using server = await start(IMPLICIT)
    const options = optionsFor({ port: await closedPort() }, { auth })
    const { fixes } = await fixesFor(options, { words: 'nodemailer', ports: { implicit: server.port } })
    expect(fixes[0]).toMatchObject({ options: { port: server.port, secure: true }, verified: true })
    expect(fixes[0]!.url).toBeUndefined()
  })
})
