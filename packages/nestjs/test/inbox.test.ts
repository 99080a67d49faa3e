import { Mailer } from '@loudmail/core'
import { debug, inbox, memoryStore } from '@loudmail/debug'
import { Controller, Get, type INestApplication } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { MailerModule, type NestMailerOptions } from '../src/index.ts'

@Controller()
class EverythingController {
  @Get(['mail', 'anything'])
  everything(): string {
    return 'the app'
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
])('the inbox under %s', (_platform, adapter) => {
  async function start(options: NestMailerOptions, prefix?: string): Promise<string> {
    const module = await Test.createTestingModule({
      imports: [MailerModule.forRoot(options)],
      controllers: [EverythingController],
    }).compile()
    app = module.createNestApplication(adapter())
    if (prefix) app.setGlobalPrefix(prefix)
    await app.listen(0, '127.0.0.1')
    return app.getUrl()
  }

  it('is one option of the module, before the routes and without their prefix', async () => {
    const transport = debug()
    const url = await start({ transport, inbox: inbox(transport.store) }, 'api')
    await app!.get(Mailer).send({ from: 'a@example.com', to: 'b@example.com', subject: 'Hello' })
    const page = await fetch(`${url}/mail`)
    expect(page.url).toBe(`${url}/mail/`)
    expect(await page.text()).toContain('1 mail')
    expect((await fetch(`${url}/mail/inbox.css`)).headers.get('content-type')).toContain('text/css')
    const cleared = await fetch(`${url}/mail/clear`, {
      method: 'POST',
      body: new URLSearchParams({ a: 'b' }),
    })
    expect(cleared.url).toBe(`${url}/mail/`)
    expect(transport.store.mails).toEqual([])
    expect(await (await fetch(`${url}/api/anything`)).text()).toBe('the app')
  })

  it('is at inboxPath', async () => {
    const transport = debug()
    const url = await start({ transport, inbox: inbox(transport.store), inboxPath: '/dev/mails' })
    expect(await (await fetch(`${url}/dev/mails/`)).text()).toContain('0 mails')
    expect(await (await fetch(`${url}/mail`)).text()).toBe('the app')
  })

  it.each([undefined, false] as const)('is not there with %s', async (none) => {
    const url = await start({ transport: debug(), inbox: none })
    expect(await (await fetch(`${url}/mail`)).text()).toBe('the app')
  })

  it('does not keep the application from closing while a page is open', async () => {
    const transport = debug()
    const url = await start({ transport, inbox: inbox(transport.store) })
    const events = await fetch(`${url}/mail/events`, { headers: { connection: 'close' } })
    await app!.close()
    app = undefined
    expect(await events.text()).toContain('retry')
  })
})

describe('an inbox', () => {
  it('does nothing in an application without HTTP', async () => {
    const module = await Test.createTestingModule({
      imports: [MailerModule.forRoot({ transport: debug(), inbox: inbox(memoryStore()) })],
    }).compile()
    await module.init()
    await module.close()
  })

  it.each([
    [{ inbox: memoryStore() as never }, 'inbox must be inbox(store)'],
    [{ inboxPath: 'mail' }, 'inboxPath must look like'],
    [{ inboxPath: '/mail/' }, 'inboxPath must look like'],
    [{ log: 'yes' as never }, 'log must be true or false'],
  ])('%o stops the application from starting', async (options, words) => {
    const starting = Test.createTestingModule({
      imports: [MailerModule.forRoot({ transport: debug(), ...options })],
    }).compile()
    await expect(starting).rejects.toThrow(words)
  })
})
