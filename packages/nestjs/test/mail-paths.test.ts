import { UnsubscribeLinks, type Unsubscribing } from '@loudmail/content/unsubscribe'
import { postmarkWebhook, type MailNews } from '@loudmail/webhooks'
import {
  Controller,
  Get,
  Module,
  VersioningType,
  type DynamicModule,
  type INestApplication,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { UnsubscribeModule } from '../src/unsubscribe.ts'
import { MailWebhookModule } from '../src/webhooks.ts'

const secret = 'a secret of the tests, which has enough characters'
const linksAt = (path: string): UnsubscribeLinks =>
  new UnsubscribeLinks({ url: `https://example.com${path}`, secret })

@Controller()
class ShopController {
  @Get(['orders', 'x/orders'])
  orders(): string {
    return 'orders'
  }
}

let app: INestApplication | undefined
afterEach(async () => {
  await app?.close()
  app = undefined
})

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('under %s', (_platform, adapter) => {
  async function start(
    module: DynamicModule,
    set: (made: INestApplication) => void = () => {},
  ): Promise<string> {
    @Module({ imports: [module], controllers: [ShopController] })
    class AppModule {}
    app = await NestFactory.create(AppModule, adapter(), { logger: false, abortOnError: false })
    set(app)
    await app.listen(0, '127.0.0.1')
    return app.getUrl()
  }

  const plain = (): void => {}
  const prefixed = (made: INestApplication): void => {
    made.setGlobalPrefix('/api')
    made.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' })
  }
  const CASES: [string, string[]][] = [
    ['/', ['', '/']],
    ['/x', ['/x', '/x/']],
    ['/x/', ['/x', '/x/']],
    ['x', ['/x', '/x/']],
    ['x/', ['/x', '/x/']],
    ['/x/y/', ['/x/y', '/x/y/']],
  ]
  const SETTINGS = [
    ['in a plain application', plain, ''],
    ['with a global prefix and versions', prefixed, '/api/v1'],
  ] as const

  describe.each(SETTINGS)('%s', (_what, set, prefix) => {
    it.each(CASES)('UnsubscribeModule answers at the path %j, and only there', async (path, answered) => {
      const told: Unsubscribing[] = []
      const links = linksAt('/leave')
      const { search } = new URL(links.link({ address: 'ann@rcpt.example', list: 'news' }).url)
      const module = UnsubscribeModule.forRoot({ links, path, onUnsubscribe: (each) => void told.push(each) })
      const url = await start(module, set)
      for (const at of answered) {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' }
        const body = 'List-Unsubscribe=One-Click'
        expect((await fetch(url + at + search, { method: 'POST', headers, body })).status).toBe(200)
      }
      expect(told).toHaveLength(answered.length)
      for (const at of ['/orders', '/x/orders']) {
        const answer = await fetch(url + prefix + at + search)
        expect([answer.status, await answer.text()]).toEqual([200, 'orders'])
      }
      expect((await fetch(`${url}/nowhere${search}`)).status).toBe(404)
    })

    it.each(CASES)('MailWebhookModule answers at the path %j, and only there', async (path, answered) => {
      const told: MailNews[] = []
      const source = postmarkWebhook({ user: 'postmark', password: 'a password of the tests' })
      const module = MailWebhookModule.forRoot({ path, source, onNews: (news) => void told.push(news) })
      const url = await start(module, set)
      for (const [index, at] of answered.entries()) {
        const headers = {
          'content-type': 'application/json',
          authorization: `Basic ${btoa('postmark:a password of the tests')}`,
        }
        const body = JSON.stringify({
          RecordType: 'Delivery',
          MessageID: `message-${index}`,
          Recipient: 'ann@rcpt.example',
          DeliveredAt: '2026-01-01T00:00:00Z',
        })
        expect((await fetch(url + at, { method: 'POST', headers, body })).status).toBe(200)
      }
      expect(told).toHaveLength(answered.length)
      expect(await (await fetch(`${url}${prefix}/orders`)).text()).toBe('orders')
      expect((await fetch(`${url}/nowhere`, { method: 'POST' })).status).toBe(404)
    })
  })

  it.each(['/', '/leave/'])('UnsubscribeModule answers the links of %s without a path', async (path) => {
    const links = linksAt(path)
    const { search } = new URL(links.link({ address: 'ann@rcpt.example', list: 'news' }).url)
    const url = await start(UnsubscribeModule.forRoot({ links, onUnsubscribe: () => {} }), prefixed)
    expect((await fetch(url + path + search)).status).toBe(200)
  })
})
