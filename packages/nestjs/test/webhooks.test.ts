import { createHmac } from 'node:crypto'
import { resendWebhook, type MailNews } from '@loudmail/webhooks'
import { Body, Controller, Injectable, Module, Post, type INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { MailWebhookModule, type MailNewsHandler, type MailWebhookModuleOptions } from '../src/webhooks.ts'

const KEY = 'a key of the webhook'
const source = resendWebhook({ secret: `whsec_${Buffer.from(KEY).toString('base64')}` })
let count = 0

/** A request as Resend sends it. */
function signed(type = 'email.delivered'): RequestInit {
  const data = { email_id: '5676', to: ['ann@example.com'] }
  const body = JSON.stringify({ type, created_at: '2026-11-22T23:41:12.126Z', data })
  const time = String(Math.floor(Date.now() / 1_000))
  count += 1
  const id = `msg_${count}`
  const signature = createHmac('sha256', KEY).update(`${id}.${time}.${body}`).digest('base64')
  const headers = {
    'content-type': 'application/json',
    'svix-id': id,
    'svix-timestamp': time,
    'svix-signature': `v1,${signature}`,
  }
  return { method: 'POST', headers, body }
}

@Controller()
class OrdersController {
  @Post(['orders', 'hooks/resend/other'])
  order(@Body() body: unknown): unknown {
    return body
  }
}

let app: INestApplication | undefined
afterEach(async () => {
  await app?.close()
  app = undefined
})

const told: MailNews[] = []
const onNews = (news: MailNews): void => void told.push(news)
afterEach(() => void (told.length = 0))

describe.each([
  ['Express', false, () => new ExpressAdapter()],
  ['Express', true, () => new ExpressAdapter()],
  ['Fastify', false, () => new FastifyAdapter()],
  ['Fastify', true, () => new FastifyAdapter()],
])('a webhook under %s, with rawBody: %s', (_platform, rawBody, adapter) => {
  async function start(options: Partial<MailWebhookModuleOptions>): Promise<string> {
    @Module({
      imports: [MailWebhookModule.forRoot({ path: '/hooks/resend', source, ...options })],
      controllers: [OrdersController],
    })
    class AppModule {}
    app = await NestFactory.create(AppModule, adapter(), { rawBody, logger: false })
    app.setGlobalPrefix('api')
    await app.listen(0, '127.0.0.1')
    return app.getUrl()
  }

  it('is answered, and other routes still have JSON', async () => {
    const url = await start({ onNews })
    const answer = await fetch(`${url}/hooks/resend`, signed())
    expect([answer.status, await answer.text()]).toEqual([200, 'OK\n'])
    expect(told).toMatchObject([{ type: 'delivered', recipient: 'ann@example.com' }])
    const order = { ...signed(), body: '{"a":1}' }
    expect(await (await fetch(`${url}/api/orders`, order)).json()).toEqual({ a: 1 })
  })

  it('refuses what is not signed, and other methods', async () => {
    const url = await start({ onNews, onProblem: () => {} })
    expect((await fetch(`${url}/hooks/resend`, { ...signed(), body: '{}' })).status).toBe(401)
    expect((await fetch(`${url}/hooks/resend?a=b`)).status).toBe(405)
    expect(told).toEqual([])
  })

  it('leaves paths below its own alone', async () => {
    const url = await start({ onNews })
    expect((await fetch(`${url}/hooks/resend/other`, signed())).status).toBe(404)
    expect((await fetch(`${url}/hooks/resend/?a=b`, signed())).status).toBe(200)
    expect(told).toHaveLength(1)
  })

  it('works in an application of @nestjs/testing', async () => {
    const module = await Test.createTestingModule({
      imports: [MailWebhookModule.forRoot({ path: '/hooks/resend', source, onNews })],
    }).compile()
    app = module.createNestApplication(adapter(), { rawBody })
    await app.listen(0, '127.0.0.1')
    expect((await fetch(`${await app.getUrl()}/hooks/resend`, signed())).status).toBe(200)
    expect(told).toHaveLength(1)
  })
})

describe('who takes the news', () => {
  @Injectable()
  class Suppressions {
    readonly addresses: string[] = []
  }

  // snippet: handler
  @Injectable()
  class BounceHandler implements MailNewsHandler {
    constructor(private readonly suppressions: Suppressions) {}

    onNews({ type, recipient }: MailNews): void {
      if (type === 'bounced') this.suppressions.addresses.push(recipient)
    }
  }
  // end

  it('may be a provider, with what it injects', async () => {
    const module = await Test.createTestingModule({
      imports: [
        // snippet: module
        MailWebhookModule.forRoot({ path: '/hooks/resend', source, handler: BounceHandler }),
        // end
      ],
      providers: [BounceHandler, Suppressions],
    }).compile()
    app = module.createNestApplication()
    await app.listen(0, '127.0.0.1')
    expect((await fetch(`${await app.getUrl()}/hooks/resend`, signed('email.bounced'))).status).toBe(200)
    expect(app.get(Suppressions).addresses).toEqual(['ann@example.com'])
  })

  it('may come from a factory, and there may be several webhooks', async () => {
    @Module({ providers: [Suppressions], exports: [Suppressions] })
    class SuppressionsModule {}
    const module = await Test.createTestingModule({
      imports: [
        MailWebhookModule.forRoot({ path: '/hooks/one', source, onNews }),
        MailWebhookModule.forRootAsync({
          imports: [SuppressionsModule],
          inject: [Suppressions],
          useFactory: (suppressions: Suppressions) => ({
            path: '/hooks/two',
            source,
            onNews: (news: MailNews) => suppressions.addresses.push(news.recipient),
          }),
        }),
        SuppressionsModule,
      ],
    }).compile()
    app = module.createNestApplication()
    await app.listen(0, '127.0.0.1')
    const url = await app.getUrl()
    expect((await fetch(`${url}/hooks/one`, signed())).status).toBe(200)
    expect((await fetch(`${url}/hooks/two`, signed())).status).toBe(200)
    expect(told).toHaveLength(1)
    expect(app.get(Suppressions).addresses).toEqual(['ann@example.com'])
  })

  it('must have a method onNews, or the application does not start', async () => {
    const module = await Test.createTestingModule({
      imports: [MailWebhookModule.forRoot({ path: '/a', source, handler: Suppressions })],
      providers: [Suppressions],
    }).compile()
    await expect(module.createNestApplication().init()).rejects.toThrow('a method onNews')
  })

  it('must be a provider', async () => {
    const module = await Test.createTestingModule({
      imports: [MailWebhookModule.forRoot({ path: '/a', source, handler: BounceHandler })],
    }).compile()
    await expect(module.createNestApplication().init()).rejects.toThrow('BounceHandler')
  })
})

it('does nothing in an application without HTTP', async () => {
  @Module({ imports: [MailWebhookModule.forRoot({ path: '/a', source, onNews })] })
  class AppModule {}
  const context = await NestFactory.createApplicationContext(AppModule, { logger: false })
  await context.close()
})

it.each([
  [{ path: '' }, 'path must look like'],
  [{ path: '/hooks/*' }, 'path must look like'],
  [{ path: undefined as never }, 'path must look like'],
  [{ source: undefined as never }, 'needs a source'],
  [{ onNews: undefined }, 'exactly one of'],
  [{ handler: Object }, 'exactly one of'],
  [{ maxBytes: 0 }, 'maxBytes'],
  [{ onnews: onNews } as never, 'onNews'],
])('%o stops the application from starting', async (options, words) => {
  const starting = Test.createTestingModule({
    imports: [MailWebhookModule.forRoot({ path: '/hooks', source, onNews, ...options })],
  }).compile()
  await expect(starting).rejects.toThrow(words)
})
