import { Controller, Get, type INestApplication } from '@nestjs/common'
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus'
import { Test } from '@nestjs/testing'
import { failover, Mailer, memory, MailError, type Transport } from '@loudmail/core'
import { afterEach, describe, expect, it } from 'vitest'
import { MailHealthIndicator, type MailHealthOptions } from '../src/health.ts'
import { MailerModule } from '../src/index.ts'

let app: INestApplication | undefined
afterEach(() => app?.close())

/** An application with a health check over HTTP. */
async function health(
  transport: Transport,
  options?: MailHealthOptions,
): Promise<() => Promise<[number, object]>> {
  @Controller('health')
  class HealthController {
    constructor(
      readonly service: HealthCheckService,
      readonly mail: MailHealthIndicator,
    ) {}

    @Get()
    @HealthCheck()
    check(): unknown {
      return this.service.check([() => this.mail.isHealthy('mail', options)])
    }
  }
  const module = await Test.createTestingModule({
    imports: [
      MailerModule.forRoot({ transport, failure: 'silent' }),
      TerminusModule.forRoot({ logger: false }),
    ],
    controllers: [HealthController],
    providers: [MailHealthIndicator],
  }).compile()
  app = module.createNestApplication({ logger: false })
  await app.listen(0, '127.0.0.1')
  const url = `${await app.getUrl()}/health`
  return async () => {
    const response = await fetch(url)
    const { info, error } = (await response.json()) as { info: { mail?: object }; error: { mail?: object } }
    return [response.status, { ...info.mail, ...error.mail }]
  }
}

const refusing = (): Transport => ({
  ...memory(),
  verify: () =>
    Promise.reject(
      new MailError({
        stage: 'auth',
        kind: 'bad-credentials',
        reply: { protocol: 'smtp', code: 535, text: 'words of the server' },
      }),
    ),
})

/** Fails each send and each check while `state.works` is false, and counts the checks. */
function flaky(state: { works: boolean; checks: number }): Transport {
  const failure = (): MailError => new MailError({ stage: 'connect', kind: 'connection-refused' })
  const working = memory()
  return {
    ...working,
    async send(message, context) {
      if (!state.works) throw failure()
      return working.send(message, context)
    },
    async verify() {
      state.checks++
      if (!state.works) throw failure()
    },
  }
}

const hello = { from: 'a@example.com', to: 'b@example.com', text: 'Hi' }
const counts = { sent: 0, failed: 0, silenced: 0, sending: 0, waiting: 0 }

describe('MailHealthIndicator', () => {
  it('is up if the transport works, with counts', async () => {
    const ask = await health(memory())
    const mailer = app!.get(Mailer)
    expect(await ask()).toEqual([200, { status: 'up', state: 'up', ...counts }])
    await mailer.send({ ...hello, to: 'nobody at all' })
    await mailer.send(hello)
    expect((await ask())[1]).toEqual({
      status: 'up',
      state: 'up',
      ...counts,
      sent: 1,
      failed: 1,
      silenced: 1,
    })
  })

  it('shows what waits in an outbox', async () => {
    const queue = { waiting: 1, scheduled: 2, inFlight: 3, inDoubt: 4, dead: 5, oldestWaitingMs: 6 }
    const outbox: Transport = { ...memory(), health: () => ({ transport: 'memory()', state: 'up', queue }) }
    expect(await (await health(outbox))()).toMatchObject([200, { status: 'up', queue }])
  })

  it('is down before the first send if the server does not accept the credentials, and says what to do, not what the server said', async () => {
    const [status, answer] = await (await health(refusing()))()
    expect(status).toBe(503)
    const reason = { code: 'auth/bad-credentials', hint: expect.stringContaining('Check the user name') }
    expect(answer).toMatchObject({
      status: 'down',
      state: 'down',
      ...reason,
      lastFailure: { ...reason, at: expect.stringMatching(/^\d{4}-/) },
    })
    expect(JSON.stringify(answer)).not.toContain('words of the server')
  })

  it('does not connect where the last sends show that the mailer works, and shows that it is degraded', async () => {
    const state = { works: true, checks: 0 }
    const ask = await health(flaky(state), { maxAgeMs: 0 })
    const mailer = app!.get(Mailer)
    await mailer.send(hello)
    for (let n = 0; n < 3; n++) expect((await ask())[0]).toBe(200)
    state.works = false
    await mailer.send(hello)
    expect(await ask()).toMatchObject([
      200,
      { status: 'up', state: 'degraded', code: 'connect/connection-refused', hint: expect.any(String) },
    ])
    expect(state.checks).toBe(0)
  })

  it('is down after an outage, and connects to see when it is over', async () => {
    const state = { works: false, checks: 0 }
    const ask = await health(flaky(state), { maxAgeMs: 0 })
    await app!.get(Mailer).send(hello)
    expect(await ask()).toMatchObject([
      503,
      { status: 'down', code: 'connect/connection-refused', failed: 1 },
    ])
    state.works = true
    expect(await ask()).toMatchObject([200, { status: 'up', state: 'degraded' }])
    expect(state.checks).toBe(2)
    await ask()
    expect(state.checks).toBe(2)
  })

  it.each([
    [{}, 1],
    [{ connect: true }, 1],
    [{ maxAgeMs: 0 }, 1],
    [{ connect: true, maxAgeMs: 0 }, 3],
  ])('connects no more often than asked: %o', async (options, times) => {
    const state = { works: true, checks: 0 }
    const ask = await health(flaky(state), options)
    for (let n = 0; n < 3; n++) await ask()
    expect(state.checks).toBe(times)
  })

  it('does not connect again and again while it is down', async () => {
    const state = { works: false, checks: 0 }
    const ask = await health(flaky(state))
    for (let n = 0; n < 3; n++) expect((await ask())[0]).toBe(503)
    expect(state.checks).toBe(1)
  })

  it('with `connect` is down where it cannot connect, although the last sends succeeded', async () => {
    const state = { works: true, checks: 0 }
    const ask = await health(flaky(state), { connect: true })
    await app!.get(Mailer).send(hello)
    state.works = false
    expect(await ask()).toMatchObject([
      503,
      { status: 'down', state: 'down', code: 'connect/connection-refused' },
    ])
  })

  it('with `connect` is up while one of two servers works', async () => {
    const ways = failover(flaky({ works: false, checks: 0 }), flaky({ works: true, checks: 0 }))
    const ask = await health(ways, { connect: true })
    expect(await ask()).toMatchObject([
      200,
      { status: 'up', state: 'degraded', code: 'connect/connection-refused' },
    ])
  })

  it('checks another mailer if it gets one', async () => {
    const marketing = new Mailer({ transport: refusing() })
    expect((await (await health(memory(), { mailer: marketing }))())[0]).toBe(503)
  })

  it('refuses options that do not exist', async () => {
    const mailer = new Mailer({ transport: memory() })
    const indicator = new MailHealthIndicator(mailer)
    await expect(indicator.isHealthy('mail', { maxAge: 1 } as object)).rejects.toThrow('maxAge')
    await expect(indicator.isHealthy('mail', { connect: 1 as never })).rejects.toThrow('connect must be')
  })
})
