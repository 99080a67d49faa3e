import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { closedPort } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { httpProxy } from '../../../smtp/test/tiny-proxies.ts'
import type { Step } from '../../src/doctor/report.ts'
import { auth, AUTH_CAPS, expectToWork, fixesFor, logIns, optionsFor, start, users } from './fix-scene.ts'
import { lookupOf } from './lookup-of.ts'

describe('a host name that does not exist', () => {
  it.each([
    ['a slip in a known name', 'smpt.gmail.com', 'smtp.gmail.com'],
    ['only the domain', 'sender.example', 'smtp.sender.example'],
    ['the name of the web site', 'www.mail.example', 'mail.example'],
    ['a dot too many', 'smtp..sender.example', 'smtp.sender.example'],
  ])('%s', async (_, host, right) => {
    await using server = await start()
    const options = optionsFor(server, { host, lookup: lookupOf({ [right]: '127.0.0.1' }), tls: 'none' })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('dns/host-not-found')
    expect(fixes[0]!.options).toEqual({ host: right })
    await expectToWork(fixes[0], options)
  })

  it('nothing like it exists: says what to check', async () => {
    const options = optionsFor({ port: 25 }, { host: 'nowhere.example', lookup: lookupOf({}), tls: 'none' })
    const { failure, fixes, tried } = await fixesFor(options)
    expect(fixes).toEqual([{ change: failure.hint, verified: false }])
    expect(tried).toEqual([])
  })
})

describe('a server that is slow', () => {
  it('after the greeting: more time', async () => {
    await using server = await start({
      caps: AUTH_CAPS,
      users,
      on: { EHLO: { delay: 400, then: { pass: true } } },
    })
    const options = optionsFor(server, { auth, timeoutMs: 100 })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('ehlo/timeout')
    expect(fixes[0]).toMatchObject({ options: { timeoutMs: 5_000 } })
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it('at one stage with its own time-out: more time for that', async () => {
    await using server = await start({ on: { RCPT: { delay: 400, then: { pass: true } } } })
    const options = optionsFor(server, { timeouts: { 'rcpt-to': 100 }, pipelining: false })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]).toMatchObject({ options: { timeouts: { 'rcpt-to': 5_000 } } })
    await expectToWork(fixes[0], options)
  })

  it('in the words of nodemailer', async () => {
    await using server = await start({ on: { CONNECT: { delay: 400, then: { pass: true } } } })
    const options = optionsFor(server, { timeouts: { greeting: 100 } })
    const { fixes } = await fixesFor(options, { words: 'nodemailer' })
    expect(fixes[0]).toMatchObject({ options: { greetingTimeout: 5_000 }, verified: true })
  })
})

describe('IPv6 that does not work', () => {
  it('IPv4 alone', async () => {
    await using server = await start()
    const sockets = new Set<Socket>()
    const silent = createServer((socket) => sockets.add(socket.on('error', () => {}))).listen(
      server.port,
      '::1',
    )
    await once(silent, 'listening')
    const options = optionsFor(server, {
      host: 'mail.example.test',
      lookup: lookupOf({ 'mail.example.test': ['::1', '127.0.0.1'] }),
      tls: 'none',
    })
    const step: Step = {
      stage: 'connect',
      name: `TCP to [::1]:${server.port}`,
      verdict: 'pass',
      durationMs: 1,
      detail: '',
    }
    const { failure, fixes } = await fixesFor(options, { steps: [step] })
    expect(failure.code).toBe('greeting/timeout')
    expect(fixes[0]).toMatchObject({ options: { localAddress: '0.0.0.0' } })
    await expectToWork(fixes[0], options)
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
})

describe('a proxy that is wrong', () => {
  it('is not needed', async () => {
    await using server = await start({ caps: AUTH_CAPS, users })
    const options = optionsFor(server, {
      auth,
      tls: 'none',
      allowInsecureAuth: true,
      proxy: `http://user:s3cret@127.0.0.1:${await closedPort()}`,
    })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('connect/proxy')
    expect(fixes[0]).toMatchObject({ options: { proxy: undefined } })
    expect(JSON.stringify(fixes)).not.toContain('s3cret')
    await expectToWork(fixes[0], options)
  })

  it('speaks HTTP and not SOCKS', async () => {
    await using server = await start()
    await using proxy = await httpProxy(() => undefined)
    const options = optionsFor(server, {
      tls: 'none',
      proxy: `socks5://127.0.0.1:${proxy.port}`,
      timeoutMs: 300,
    })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]).toMatchObject({ options: { proxy: `http://127.0.0.1:${proxy.port}` } })
    await expectToWork(fixes[0], options)
  })
})

it('a target that shows no options gets the words of the failure', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  silent.close()
  const { failure, fixes } = await fixesFor(optionsFor({ port }), { target: { options: undefined } })
  expect(fixes).toEqual([{ change: failure.hint, verified: false }])
})
