import { Mailer, type TransportHealth } from '@loudmail/core'
import { closedPort } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtp } from '../src/index.ts'
import { failure, message, scene } from './scene.ts'

const none = { opening: 0, busy: 0, idle: 0 }

describe('health of smtp()', () => {
  it('knows its connections, and what waits for them', async () => {
    const go = Promise.withResolvers<string>()
    await using here = await scene(
      { on: { DOT: { nthGlobal: [() => go.promise, () => go.promise, { pass: true }] } } },
      { pool: { connections: 2 } },
    )
    const health = (): TransportHealth => here.transport.health!()
    expect(health()).toEqual({
      transport: here.transport.name,
      state: 'up',
      waiting: 0,
      sending: 0,
      connections: none,
    })
    const sending = Array.from({ length: 5 }, (_, n) =>
      here.transport.send(message({ to: `u${n}@rcpt.example` })),
    )
    expect(health()).toMatchObject({ waiting: 5, sending: 0, connections: { ...none, opening: 2 } })
    await expect
      .poll(() => here.server.connections.filter(({ commands }) => commands.includes('DATA')).length)
      .toBe(2)
    const { waiting, sending: underWay, connections } = health()
    // With PIPELINING, one more is begun on each.
    expect(waiting! + underWay!).toBe(5)
    expect(underWay).toBeGreaterThanOrEqual(2)
    expect(connections).toEqual({ ...none, busy: 2 })
    go.resolve('250 2.0.0 Ok')
    await Promise.all(sending)
    await expect.poll(() => health().connections).toEqual({ ...none, idle: 2 })
    expect(health()).toMatchObject({ state: 'up', waiting: 0, sending: 0 })
    await here.transport.close!()
    expect(health().connections).toEqual(none)
  })

  it('is down where no connection opens, and says why', async () => {
    const transport = smtp({ host: '127.0.0.1', port: await closedPort(), tls: 'none' })
    await failure(transport)
    expect(transport.health!()).toMatchObject({
      state: 'down',
      lastFailure: { code: 'connect/connection-refused', hint: expect.any(String), at: expect.any(Date) },
      connections: none,
    })
    await transport.close!()
  })

  it('is degraded after one failed opening among others, and up again after ten', async () => {
    const accept = { pass: true } as const
    await using here = await scene(
      { on: { CONNECT: { nthGlobal: [accept, '421 4.3.2 Too busy', accept] } } },
      { pool: { messagesPerConnection: 1 } },
    )
    await here.transport.send(message())
    expect((await failure(here.transport)).code).toBe('greeting/service-unavailable')
    expect(here.transport.health!()).toMatchObject({
      state: 'degraded',
      lastFailure: { code: 'greeting/service-unavailable' },
    })
    for (let n = 0; n < 9; n++) await here.transport.send(message())
    expect(here.transport.health!().state).toBe('degraded')
    await here.transport.send(message())
    expect(here.transport.health!().state).toBe('up')
  })

  it('is no worse than degraded while a connection works', async () => {
    const go = Promise.withResolvers<string>()
    await using here = await scene(
      {
        on: {
          CONNECT: { nthGlobal: [{ pass: true }, '421 4.3.2 Not now'] },
          DOT: { nthGlobal: [() => go.promise, { pass: true }] },
        },
      },
      { pool: { connections: 4 } },
    )
    const first = here.transport.send(message())
    await here.server.waitFor('command', ({ command }) => command === 'DATA')
    const others = Array.from({ length: 6 }, (_, n) =>
      here.transport.send(message({ to: `u${n}@rcpt.example` })),
    )
    await expect.poll(() => here.transport.health!().lastFailure?.code).toBe('greeting/service-unavailable')
    await expect.poll(() => here.transport.health!().connections?.opening).toBe(0)
    expect(here.transport.health!()).toMatchObject({ state: 'degraded', connections: { busy: 1 } })
    go.resolve('250 2.0.0 Ok')
    await Promise.all([first, ...others])
  })

  it('of a mailer contains no password, user name or words of the server', async () => {
    await using here = await scene(
      { caps: ['AUTH PLAIN'], on: { AUTH: '535 5.7.8 no tea-user with s3cret-word here' } },
      { auth: { user: 'tea-user', pass: 's3cret-word' } },
    )
    const mailer = new Mailer({
      transport: here.transport,
      failure: 'silent',
      observe: ({ error }) => void error,
    })
    await mailer.send({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hi' })
    const health = mailer.health()
    expect(health).toMatchObject({ state: 'down', lastFailure: { code: 'auth/bad-credentials' } })
    expect(JSON.stringify(health)).not.toMatch(/tea-user|s3cret-word|535|@/)
  })
})
