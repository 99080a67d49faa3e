import { UnsubscribeLinks, type Unsubscribing } from '@loudmail/content/unsubscribe'
import { Mailer, memory } from '@loudmail/core'
import type { ComposedMessage } from '@loudmail/core/transport'
import {
  Body,
  Controller,
  Injectable,
  Module,
  Post,
  type INestApplication,
  type Provider,
} from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { MailerModule } from '../src/index.ts'
import {
  UnsubscribeModule,
  type UnsubscribeModuleOptions,
  type UnsubscribeOptionsFactory,
  type UnsubscribeTaker,
} from '../src/unsubscribe.ts'

const SECRET = 'a secret of the tests, which has enough characters'
const links = new UnsubscribeLinks({ url: 'https://example.com/unsubscribe', secret: SECRET })
const link = new URL(links.link({ address: 'ann@rcpt.example', list: 'newsletter' }).url)
const path = link.pathname + link.search
const ANN = { address: 'ann@rcpt.example', list: 'newsletter' }

const FORM = 'application/x-www-form-urlencoded'
const ONE_CLICK = 'List-Unsubscribe=One-Click'
const post = (url: string, type = FORM, body = ONE_CLICK): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': type }, body })

@Controller()
class OrdersController {
  @Post(['orders', 'unsubscribe/all'])
  order(@Body() body: unknown): unknown {
    return body
  }
}

let app: INestApplication | undefined
afterEach(async () => {
  await app?.close()
  app = undefined
})

const told: Unsubscribing[] = []
const onUnsubscribe = (each: Unsubscribing): void => void told.push(each)
afterEach(() => void (told.length = 0))

describe.each([
  ['Express', false, () => new ExpressAdapter()],
  ['Express', true, () => new ExpressAdapter()],
  ['Fastify', false, () => new FastifyAdapter()],
  ['Fastify', true, () => new FastifyAdapter()],
])('unsubscribing under %s, with rawBody: %s', (_platform, rawBody, adapter) => {
  async function start(
    options: Partial<UnsubscribeModuleOptions> = {},
    guards: Provider[] = [],
  ): Promise<string> {
    @Module({
      imports: [UnsubscribeModule.forRoot({ links, onUnsubscribe, onProblem: () => {}, ...options })],
      controllers: [OrdersController],
      providers: guards,
    })
    class AppModule {}
    app = await NestFactory.create(AppModule, adapter(), { rawBody, logger: false })
    app.setGlobalPrefix('api')
    await app.listen(0, '127.0.0.1')
    return app.getUrl()
  }

  it('GET asks and POST unsubscribes, and other routes still have forms and JSON', async () => {
    const url = await start()
    const asked = await fetch(url + path)
    expect([asked.status, (await asked.text()).includes('<form method="post">')]).toEqual([200, true])
    expect(told).toEqual([])
    const parts = `--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n`
    expect((await post(url + path)).status).toBe(200)
    expect((await post(url + path, 'multipart/form-data; boundary=x', parts)).status).toBe(200)
    expect((await post(url + path, FORM, 'unsubscribe=confirm')).status).toBe(200)
    expect(told.map(({ oneClick }) => oneClick)).toEqual([true, true, false])
    expect(told[0]).toEqual({ ...ANN, oneClick: true })
    expect(await (await post(`${url}/api/orders`, 'application/json', '{"a":1}')).json()).toEqual({ a: 1 })
  })

  it('refuses what is no request to unsubscribe', async () => {
    const url = await start()
    expect((await post(`${url}/unsubscribe?token=forged`)).status).toBe(400)
    expect((await post(url + path, FORM, 'a=b')).status).toBe(400)
    expect((await fetch(url + path, { method: 'PUT' })).status).toBe(405)
    expect((await post(`${url}/unsubscribe/all${link.search}`)).status).toBe(404)
    expect(told).toEqual([])
  })

  it('needs no log-in, as a mail program has none', async () => {
    const url = await start({}, [{ provide: APP_GUARD, useValue: { canActivate: () => false } }])
    expect((await post(`${url}/api/orders`)).status).toBe(403)
    expect((await post(url + path)).status).toBe(200)
    expect(told).toHaveLength(1)
  })

  it('may be at another path than the links say', async () => {
    const url = await start({ path: '/mail/leave' })
    expect((await post(url + path)).status).toBe(404)
    expect((await post(`${url}/mail/leave${link.search}`)).status).toBe(200)
    expect(told).toHaveLength(1)
  })
})

describe('who takes addresses off lists', () => {
  // snippet: handler
  @Injectable()
  class Subscribers implements UnsubscribeTaker {
    readonly addresses = new Set(['ann@rcpt.example', 'bob@rcpt.example'])

    onUnsubscribe({ address }: Unsubscribing): void {
      this.addresses.delete(address)
    }
  }

  @Injectable()
  class Newsletter {
    constructor(
      private readonly mailer: Mailer,
      private readonly unsubscribeLinks: UnsubscribeLinks,
    ) {}

    async send(address: string): Promise<void> {
      const listUnsubscribe = this.unsubscribeLinks.link({ address, list: 'newsletter' })
      const text = `New tea has come.\n\nUnsubscribe: ${listUnsubscribe.url}`
      await this.mailer.send({ to: address, subject: 'Tea', text, listUnsubscribe })
    }
  }
  // end

  let transport = memory()
  const mails = MailerModule.forRootAsync({
    useFactory: () => ({ transport: (transport = memory()), defaults: { from: 'tea@sender.example' } }),
  })

  async function unsubscribed(): Promise<void> {
    await app!.listen(0, '127.0.0.1')
    await app!.get(Newsletter).send('ann@rcpt.example')
    const { headers } = transport.messages.at(-1) as ComposedMessage
    const [, value] = headers.find(([name]) => name === 'List-Unsubscribe')!
    const { pathname, search } = new URL(value.slice(1, -1))
    expect((await post((await app!.getUrl()) + pathname + search)).status).toBe(200)
    expect([...app!.get(Subscribers).addresses]).toEqual(['bob@rcpt.example'])
  }

  it('may be a provider, and a service injects the links', async () => {
    const module = await Test.createTestingModule({
      imports: [
        mails,
        // snippet: module
        UnsubscribeModule.forRoot({ links, handler: Subscribers }),
        // end
      ],
      providers: [Subscribers, Newsletter],
    }).compile()
    app = module.createNestApplication()
    await unsubscribed()
  })

  it('may come from a factory', async () => {
    @Module({ providers: [Subscribers], exports: [Subscribers] })
    class SubscribersModule {}
    const module = await Test.createTestingModule({
      imports: [
        mails,
        SubscribersModule,
        UnsubscribeModule.forRootAsync({
          imports: [SubscribersModule],
          inject: [Subscribers],
          useFactory: (subscribers: Subscribers) => ({
            links,
            onUnsubscribe: (each: Unsubscribing) => subscribers.onUnsubscribe(each),
          }),
        }),
      ],
      providers: [Newsletter],
    }).compile()
    app = module.createNestApplication()
    await unsubscribed()
  })

  it('may come from a class that makes the options', async () => {
    @Injectable()
    class Options implements UnsubscribeOptionsFactory {
      createUnsubscribeOptions(): UnsubscribeModuleOptions {
        return { links, handler: Subscribers }
      }
    }
    const module = await Test.createTestingModule({
      imports: [mails, UnsubscribeModule.forRootAsync({ useClass: Options })],
      providers: [Subscribers, Newsletter],
    }).compile()
    app = module.createNestApplication()
    await unsubscribed()
  })

  it('must have a method onUnsubscribe, or the application does not start', async () => {
    const module = await Test.createTestingModule({
      imports: [mails, UnsubscribeModule.forRoot({ links, handler: Newsletter })],
      providers: [Newsletter],
    }).compile()
    await expect(module.createNestApplication().init()).rejects.toThrow('a method onUnsubscribe')
  })

  it('must be a provider', async () => {
    const module = await Test.createTestingModule({
      imports: [UnsubscribeModule.forRoot({ links, handler: Subscribers })],
    }).compile()
    await expect(module.createNestApplication().init()).rejects.toThrow('Subscribers')
  })
})

it('does nothing in an application without HTTP', async () => {
  @Module({ imports: [UnsubscribeModule.forRoot({ links, onUnsubscribe })] })
  class AppModule {}
  const context = await NestFactory.createApplicationContext(AppModule, { logger: false })
  expect(context.get(UnsubscribeLinks)).toBe(links)
  await context.close()
})

it.each([
  [{ links: undefined as never }, 'needs links'],
  [{ links: {} as never }, 'needs links'],
  [{ path: '' }, 'path must look like'],
  [{ path: '/unsubscribe//' }, 'path must look like'],
  [{ path: '//' }, 'path must look like'],
  [{ path: '/lists/:list' }, 'path must look like'],
  [{ onUnsubscribe: undefined }, 'exactly one of'],
  [{ handler: Object }, 'exactly one of'],
  [{ maxBytes: 0 }, 'maxBytes'],
  [{ onunsubscribe: onUnsubscribe } as never, 'onUnsubscribe'],
])('%o stops the application from starting', async (options, words) => {
  const starting = Test.createTestingModule({
    imports: [UnsubscribeModule.forRoot({ links, onUnsubscribe, ...options })],
  }).compile()
  await expect(starting).rejects.toThrow(words)
})
