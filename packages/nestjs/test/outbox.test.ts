import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { redirect, type MailEvent } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { outbox, sqlite, type Outbox } from '@loudmail/outbox'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import {
  ConsoleLogger,
  Controller,
  Get,
  Injectable,
  Module,
  type DynamicModule,
  type INestApplicationContext,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Mailer, MailerModule } from '../src/index.ts'
import { getOutboxToken, InjectOutbox, MailWorkerModule, type MailWorkerOptions } from '../src/outbox.ts'
import { MailerTestingModule, MailInbox, overrideMailer } from '../src/testing.ts'

const message = { to: 'ann@example.com', subject: 'Hello', text: 'Hi' }
const defaults = { from: 'shop@example.com' }

let folder: string
let server: SmtpServer
let box: Outbox
const apps: INestApplicationContext[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nest-outbox-'))
  server = await startServer()
  box = outbox(smtp(server.url), { store: sqlite(join(folder, 'mail.db')) })
})
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
  await box.close?.()
  await server.close()
  rmSync(folder, { recursive: true })
})

@Injectable()
class Welcome {
  constructor(@InjectOutbox() readonly entries: Outbox) {}
}

@Module({})
class Whole {}

const silent = { logger: false, abortOnError: false } as const

/** An application with these modules, as in production, without HTTP. */
async function start(...imports: DynamicModule[]): Promise<INestApplicationContext> {
  const app = await NestFactory.createApplicationContext({ module: Whole, imports }, silent)
  apps.push(app)
  return app
}

const reopened = (): Outbox => outbox(smtp(server.url), { store: sqlite(join(folder, 'mail.db')) })

describe('MailWorkerModule', () => {
  it('sends what send() and enqueue() put into the outbox, with the defaults of the mailer', async () => {
    const { url } = server
    const file = join(folder, 'mail.db')
    const imports = [
      // snippet: outbox
      MailerModule.forRoot({ transport: outbox(smtp(url), { store: sqlite(file) }), defaults }),
      MailWorkerModule.forRoot({ concurrency: 20 }),
      // end
    ]
    const app = await start(...imports)
    expect((await app.get(Mailer).send(message)).state).toBe('queued')
    const injected = await app.resolve<Outbox>(getOutboxToken())
    await injected.enqueue({ ...message, subject: 'Enqueued' })
    await expect.poll(async () => (await injected.counts()).sent).toBe(2)
    expect(server.messages.map(({ envelope }) => envelope.from)).toEqual([defaults.from, defaults.from])
  })

  it('enqueue() renders a template, over the defaults of the mailer', async () => {
    const app = await start(
      MailerModule.forRoot({ transport: box, defaults: { ...defaults, subject: 'Default' } }),
    )
    const injected = await app.resolve<Outbox>(getOutboxToken())
    const { id } = await injected.enqueue({ to: message.to, template: async () => ({ text: 'Rendered' }) })
    expect(await injected.read(id)).toMatchObject({
      subject: 'Default',
      text: 'Rendered',
      from: [{ address: defaults.from }],
    })
    const template = (): never => {
      throw new Error('no name')
    }
    await expect(injected.enqueue({ to: message.to, template })).rejects.toThrow('compose/template')
    const all = MailerModule.forRoot({ transport: reopened() })
    const plain = await (await start(all)).resolve<Outbox>(getOutboxToken())
    await plain.enqueue({ ...message, ...defaults, template: () => ({ html: 'Hi' }) })
    expect((await injected.counts()).waiting).toBe(2)
  })

  it('enqueue() gives up a template that has no end, at the deadline of the mailer', async () => {
    const app = await start(MailerModule.forRoot({ transport: box, defaults, deadlineMs: 20 }))
    const injected = await app.resolve<Outbox>(getOutboxToken())
    const template = (): Promise<never> => new Promise(() => {})
    await expect(injected.enqueue({ to: message.to, template })).rejects.toThrow('compose/timeout')
    expect((await injected.counts()).waiting).toBe(0)
  })

  it('runs in a process of its own, for the outbox that others fill', async () => {
    const filling = await start(MailerModule.forRoot({ transport: box, defaults }))
    await filling.get(Mailer).send(message)
    expect((await box.counts()).waiting).toBe(1)
    await filling.close()
    const transport = reopened()
    await start(MailerModule.forRoot({ transport, defaults }), MailWorkerModule.forRoot())
    await expect.poll(() => server.messages.length).toBe(1)
  })

  it.each<[string, (observe: MailWorkerOptions['observe']) => DynamicModule]>([
    ['forRoot', (observe) => MailWorkerModule.forRoot({ name: 'marketing', observe })],
    [
      'a factory',
      (observe) =>
        MailWorkerModule.forRootAsync({ name: 'marketing', useFactory: async () => ({ observe }) }),
    ],
    [
      'a class',
      (observe) => {
        class Options {
          createWorkerOptions = (): MailWorkerOptions => ({ observe })
        }
        return MailWorkerModule.forRootAsync({ name: 'marketing', useClass: Options })
      },
    ],
  ])('works on the outbox of a mailer by name, with options from %s', async (_how, made) => {
    const events: MailEvent[] = []
    const observe = (event: MailEvent): void => void events.push(event)
    const app = await start(
      MailerModule.forRoot({ name: 'marketing', transport: box, defaults }),
      made(observe),
    )
    const { id } = await (await app.resolve<Outbox>(getOutboxToken('marketing'))).enqueue(message)
    await expect
      .poll(() => events.map(({ type, context }) => [type, context]))
      .toEqual([['sent', { outbox: { id, attempt: 1 } }]])
  })

  it('writes to the logger of Nest why a message was not sent', async () => {
    await server.close()
    server = await startServer({ on: { RCPT: '550 5.1.1 No such user' } })
    box = outbox(smtp(server.url), { store: sqlite(join(folder, 'mail.db')) })
    const lines: string[] = []
    const logger = new ConsoleLogger({ logLevels: ['error'] })
    logger.error = (line: unknown) => void lines.push(String(line))
    const building = Test.createTestingModule({
      imports: [MailerModule.forRoot({ transport: box, defaults }), MailWorkerModule.forRoot()],
    }).setLogger(logger)
    const app = await building.compile()
    apps.push(app)
    await app.init()
    await app.get(Mailer).send(message)
    await expect.poll(() => lines).toEqual([expect.stringMatching(/rcpt-to\/mailbox-unknown/)])
  })

  it('finds the outbox behind a wrapper if the module names it', async () => {
    const transport = redirect(box, { to: 'test@example.com' })
    const app = await start(
      MailerModule.forRoot({ transport, outbox: box, defaults }),
      MailWorkerModule.forRoot(),
    )
    await app.get(Mailer).send(message)
    await expect
      .poll(() => server.messages.map(({ envelope }) => envelope.to))
      .toEqual([['test@example.com']])
  })
})

describe('on shutdown', () => {
  /** A server that answers no message before it is told to. */
  async function busy(drainMs: number): Promise<{ app: INestApplicationContext; answer: () => void }> {
    await server.close()
    const answered = Promise.withResolvers<undefined>()
    server = await startServer({ on: { DOT: () => answered.promise } })
    box = outbox(smtp(server.url), { store: sqlite(join(folder, 'mail.db')) })
    const app = await start(
      MailerModule.forRoot({ transport: box, defaults, drainMs }),
      MailWorkerModule.forRoot({ concurrency: 1, observe: ({ error }) => void error }),
    )
    await app.get(Mailer).send(message)
    await app.get(Mailer).send({ ...message, subject: 'Later' })
    await server.waitFor('command', ({ command }) => command === 'DATA')
    return { app, answer: () => answered.resolve(undefined) }
  }

  it('the worker finishes what is in flight and takes no more, and then the outbox closes', async () => {
    const { app, answer } = await busy(10_000)
    const closing = app.close()
    answer()
    await closing
    await expect(box.counts()).rejects.toMatchObject({ code: 'queue/pool-closed' })
    expect(server.messages).toHaveLength(1)
    const again = reopened()
    expect(await again.counts()).toMatchObject({ sent: 1, waiting: 1, 'in-flight': 0, 'in-doubt': 0 })
    await again.close?.()
  })

  it('a request that is still being answered can put its message into the outbox', async () => {
    const begun = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    @Controller()
    class SignUp {
      constructor(@InjectOutbox() readonly entries: Outbox) {}

      @Get()
      async signUp(): Promise<string> {
        begun.resolve()
        await go.promise
        return (await this.entries.enqueue({ ...message, ...defaults })).id
      }
    }
    const module = await Test.createTestingModule({
      imports: [MailerModule.forRoot({ transport: box }), MailWorkerModule.forRoot()],
      controllers: [SignUp],
    }).compile()
    const app = module.createNestApplication({ logger: false })
    await app.listen(0, '127.0.0.1')
    const answer = fetch(await app.getUrl(), { headers: { connection: 'close' } })
    await begun.promise
    const closing = app.close()
    // Every hook before the end of HTTP has run by then.
    await expect.poll(() => app.getHttpServer().listening as boolean).toBe(false)
    go.resolve()
    await closing
    const again = reopened()
    expect(await again.get(await (await answer).text())).toMatchObject({ to: [message.to] })
    await again.close?.()
  })

  it('a message that a stalled server may have is in doubt after drainMs, and nothing is sent twice', async () => {
    const { app } = await busy(50)
    await app.close()
    const again = reopened()
    expect(await again.counts()).toMatchObject({ 'in-doubt': 1, waiting: 1, 'in-flight': 0 })
    await again.close?.()
  })
})

describe('an outbox beside the transport', () => {
  it('gets what is enqueued, while send() does not wait in it, and is closed on shutdown', async () => {
    const transport = debug()
    const app = await start(
      MailerModule.forRoot({ transport, outbox: box, defaults }),
      MailWorkerModule.forRoot(),
    )
    expect((await app.get(Mailer).send(message)).state).toBe('captured')
    await (await app.resolve<Outbox>(getOutboxToken())).enqueue(message)
    await expect.poll(() => server.messages.length).toBe(1)
    await app.close()
    await expect(box.counts()).rejects.toMatchObject({ code: 'queue/pool-closed' })
  })
})

describe('what is wrong', () => {
  it('with a mailer without an outbox keeps the application from starting, only where one is needed', async () => {
    const mailer = MailerModule.forRoot({ transport: smtp(server.url) })
    await start(mailer)
    await expect(start(mailer, MailWorkerModule.forRoot())).rejects.toThrow(
      'MailWorkerModule needs a mailer with',
    )
    const injecting = Test.createTestingModule({ imports: [mailer], providers: [Welcome] }).compile()
    await expect(injecting).rejects.toThrow('@InjectOutbox(): the transport of the mailer is not an outbox()')
  })

  it('with an option of the worker, or of the module, keeps the application from starting', async () => {
    const mailer = MailerModule.forRoot({ transport: box })
    await expect(start(mailer, MailWorkerModule.forRoot({ concurrency: 0 }))).rejects.toThrow('concurrency')
    const nothing = MailWorkerModule.forRootAsync({ useFactory: () => undefined as never })
    await expect(start(mailer, nothing)).rejects.toThrow('MailWorkerModule received no options')
    await expect(start(MailerModule.forRoot({ transport: box, outbox: {} as never }))).rejects.toThrow(
      'outbox must be an outbox(...)',
    )
  })

  it('with a database that cannot be opened keeps the application from starting', async () => {
    const transport = outbox(smtp(server.url), { store: sqlite(join(folder, 'missing', 'mail.db')) })
    await expect(start(MailerModule.forRoot({ transport }))).rejects.toMatchObject({ code: 'submit/storage' })
  })
})

describe('in a test of an application', () => {
  const imports = (): DynamicModule[] => [
    MailerModule.forRoot({ transport: box, defaults }),
    MailWorkerModule.forRoot(),
  ]

  /** Something for the real server is in the outbox. No test may send it. */
  beforeEach(() => box.enqueue({ ...message, ...defaults }))

  const nothingWasSent = async (): Promise<void> => {
    expect((await box.counts()).waiting).toBe(1)
    expect(server.messages).toEqual([])
  }

  it('with overrideMailer(), no worker runs, and what is put into the outbox is sent to the transport of the test', async () => {
    const transport = debug()
    const building = Test.createTestingModule({ imports: imports(), providers: [Welcome] })
    const app = await overrideMailer(building, { transport }).compile()
    await app.init()
    const { messageId } = await app
      .get(Welcome)
      .entries.enqueue(message, { using: new DatabaseSync(':memory:') })
    expect(transport.store.mails.map((mail) => mail.messageId)).toEqual([messageId])
    expect(transport.store.mails[0]?.envelope.from).toBe(defaults.from)
    await app.close()
    await nothingWasSent()
  })

  it('with overrideProvider(Mailer), no worker runs', async () => {
    const transport = debug()
    const app = await Test.createTestingModule({ imports: imports(), providers: [Welcome] })
      .overrideProvider(Mailer)
      .useValue(new Mailer({ transport, defaults }))
      .compile()
    await app.init()
    await app.get(Welcome).entries.enqueue(message)
    expect(transport.store.mails).toHaveLength(1)
    await app.close()
    await nothingWasSent()
  })

  it('the outbox can be replaced by its token', async () => {
    const own = { enqueue: () => {} }
    const app = await Test.createTestingModule({ imports: imports(), providers: [Welcome] })
      .overrideProvider(getOutboxToken())
      .useValue(own)
      .compile()
    expect(app.get(Welcome).entries).toBe(own)
    await app.close()
  })

  it('with MailerTestingModule, what is put into the outbox is in the inbox', async () => {
    const app = await Test.createTestingModule({
      imports: [MailerTestingModule.forRoot({ defaults })],
      providers: [Welcome],
    }).compile()
    await app.get(Welcome).entries.enqueue(message)
    expect((await app.get(MailInbox).last()).subject).toBe('Hello')
    await app.get(Welcome).entries.enqueue({ to: message.to, template: () => ({ subject: 'Rendered' }) })
    expect((await app.get(MailInbox).last()).subject).toBe('Rendered')
    await app.close()
  })
})

it.each(['index', 'health', 'testing'])('%s works without @loudmail/outbox, and so do its types', (entry) => {
  const read = new Set<string>()
  const importsOf = (file: string): string[] => {
    if (read.has(file)) return []
    read.add(file)
    const source = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8')
    const found = [...source.matchAll(/\b(?:from|import)\b\s*\(?'([^']+)'/g)].map(([, name]) => name!)
    return found.flatMap((name) => (name.startsWith('./') ? importsOf(name.slice(2)) : name))
  }
  const imports = importsOf(`${entry}.ts`)
  expect(imports).toContain('@nestjs/common')
  expect(imports).not.toContain('@loudmail/outbox')
})
