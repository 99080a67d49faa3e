import { Controller, Get, type INestApplication } from '@nestjs/common'
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus'
import { Test } from '@nestjs/testing'
import { Mailer, memory, MailError, type Transport } from '@loudmail/core'
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

describe('MailHealthIndicator', () => {
  it('is up if the transport works, with counts and the last failure', async () => {
    const ask = await health(memory())
    const mailer = app!.get(Mailer)
    expect(await ask()).toEqual([200, { status: 'up', sent: 0, failed: 0, silenced: 0 }])
    await mailer.send({ from: 'a@example.com', to: 'nobody at all', text: 'Hi' })
    await mailer.send({ from: 'a@example.com', to: 'b@example.com', text: 'Hi' })
    expect((await ask())[1]).toEqual({
      status: 'up',
      sent: 1,
      failed: 1,
      silenced: 1,
      lastFailure: { code: 'compose/invalid-address', hint: expect.stringContaining('addresses') },
    })
  })

  it('is down if the server does not accept the credentials, and says what to do, not what the server said', async () => {
    const [status, answer] = await (await health(refusing()))()
    expect(status).toBe(503)
    expect(answer).toMatchObject({
      status: 'down',
      code: 'auth/bad-credentials',
      hint: expect.stringContaining('Check the user name'),
    })
    expect(JSON.stringify(answer)).not.toContain('words of the server')
  })

  it.each([
    [{}, 1],
    [{ maxAgeMs: 0 }, 3],
  ])('connects no more often than asked: %o', async (options, times) => {
    let verified = 0
    const ask = await health({ ...memory(), verify: async () => void verified++ }, options)
    for (let n = 0; n < 3; n++) await ask()
    expect(verified).toBe(times)
  })

  it('checks another mailer if it gets one', async () => {
    const marketing = new Mailer({ transport: refusing() })
    expect((await (await health(memory(), { mailer: marketing }))())[0]).toBe(503)
  })
})
