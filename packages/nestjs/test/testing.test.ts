import { MailError, memory, type MailEvent } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { ConsoleLogger, Injectable, Module } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { afterEach, describe, expect, it } from 'vitest'
import '@loudmail/testing/vitest'
import {
  getMailerToken,
  InjectMailer,
  Mailer,
  MailerModule,
  type MailerOptionsFactory,
  type NestMailerOptions,
} from '../src/index.ts'
import { MailerTestingModule, MailInbox, overrideMailer } from '../src/testing.ts'

const message = {
  from: 'shop@example.com',
  to: 'ann@example.com',
  subject: 'Hello',
  text: 'Your code is 4711',
}

@Injectable()
class Newsletter {
  constructor(
    readonly mailer: Mailer,
    @InjectMailer('marketing') readonly marketing: Mailer,
  ) {}
}

/** The application as in production; its transport must not even be looked at. */
@Module({
  imports: [
    MailerModule.forRoot({ transport: undefined as never }),
    MailerModule.forRoot({ name: 'marketing', transport: undefined as never }),
  ],
  providers: [Newsletter],
})
class AppModule {}

describe('overrideMailer()', () => {
  it('captures what all mailers of an application send', async () => {
    // snippet: override
    const transport = debug()
    const building = Test.createTestingModule({ imports: [AppModule] })
    const app = await overrideMailer(building, { transport }).compile()
    // end
    const { mailer, marketing } = app.get(Newsletter)
    await mailer.send(message)
    await marketing.send({ ...message, to: 'bob@example.com' })
    // snippet: matcher
    await expect(transport).toHaveSent({ to: 'bob@example.com', subject: 'Hello' }, { times: 1 })
    // end
    await expect(transport).not.toHaveFailed()
    await app.close()
    await expect(mailer.send(message)).rejects.toMatchObject({ code: 'queue/pool-closed' })
  })
})

describe('what an application gives its mailers', () => {
  const events: string[] = []
  const given = {
    transport: undefined as never,
    failure: 'silent',
    defaults: { from: 'tea@example.com', replyTo: 'help@example.com' },
    deadlineMs: 200,
    observe: (event: MailEvent) => void events.push(`${event.type} ${event.error?.code ?? ''}`),
  } as const

  /** Creates the options as a class. */
  class Options implements MailerOptionsFactory {
    createMailerOptions(): NestMailerOptions {
      return given
    }
  }

  afterEach(() => void events.splice(0))

  describe.each([
    ['forRoot', (name?: string) => MailerModule.forRoot({ ...given, name })],
    [
      'forRootAsync with a factory',
      (name?: string) => MailerModule.forRootAsync({ name, useFactory: async () => given }),
    ],
    ['forRootAsync with a class', (name?: string) => MailerModule.forRootAsync({ name, useClass: Options })],
  ])('by %s', (_how, made) => {
    it.each([
      ['the mailer', undefined, {}],
      ['a mailer by name that the test lists', 'marketing', { names: ['marketing'] }],
      ['a mailer by name that the test does not list', 'marketing', {}],
    ])('is kept with overrideMailer(): %s', async (_which, name, { names }: { names?: string[] }) => {
      const transport = debug()
      const building = Test.createTestingModule({ imports: [made(name)] })
      const app = await overrideMailer(building, { transport, names })
        .setLogger(new ConsoleLogger({ logLevels: [] }))
        .compile()
      const mailer = app.get<Mailer>(getMailerToken(name), { strict: false })
      await mailer.send({ to: 'ann@example.com', subject: 'Hello' })
      await expect(transport).toHaveSent({ from: 'tea@example.com', subject: 'Hello' }, { times: 1 })
      expect(Buffer.from(transport.store.mails[0]!.content!).toString()).toContain(
        'Reply-To: help@example.com',
      )
      const silenced = await mailer.send({ to: 'fail+rcpt-to.mailbox-full@example.test', subject: 'Hello' })
      expect(silenced).toMatchObject({ ok: false, silenced: true, error: { code: 'rcpt-to/mailbox-full' } })
      expect(events).toEqual(['sent ', 'failed rcpt-to/mailbox-full'])
      await app.close()
    })
  })

  it('includes the deadline', async () => {
    const building = Test.createTestingModule({ imports: [MailerModule.forRoot(given)] })
    const transport = Object.assign(debug(), { send: () => new Promise<never>(() => {}) })
    const app = await overrideMailer(building, { transport })
      .setLogger(new ConsoleLogger({ logLevels: [] }))
      .compile()
    const { durationMs } = await app.get(Mailer).send({ to: 'ann@example.com', subject: 'Hello' })
    expect(durationMs).toBeLessThan(10_000)
    await app.close()
  })

  it('gives way to what the test gives, and both have their observers', async () => {
    const told: string[] = []
    const building = Test.createTestingModule({ imports: [MailerModule.forRoot(given)] })
    const app = await overrideMailer(building, {
      transport: debug({ rehearse: 'rcpt-to/mailbox-full' }),
      failure: 'loud',
      deadlineMs: undefined,
      defaults: { subject: 'From the test' },
      observe: (event) => void told.push(event.type),
    })
      .setLogger(new ConsoleLogger({ logLevels: [] }))
      .compile()
    await expect(app.get(Mailer).send({ to: 'ann@example.com' })).rejects.toMatchObject({
      code: 'rcpt-to/mailbox-full',
    })
    expect([told, events]).toEqual([['failed'], ['failed rcpt-to/mailbox-full']])
    await app.close()
  })
})

describe('a mailer that the application provides by hand', () => {
  it.each([
    ['without a name', undefined, {}],
    ['by name', 'marketing', { names: ['marketing'] }],
  ])('is replaced: %s', async (_which, name, { names }: { names?: string[] }) => {
    const transport = debug()
    const never = memory()
    const provide = getMailerToken(name)
    const providers = [{ provide, useFactory: () => new Mailer({ transport: never }) }]
    const app = await overrideMailer(Test.createTestingModule({ providers }), { transport, names }).compile()
    await app.get<Mailer>(provide).send(message)
    expect([never.messages.length, transport.store.mails.length]).toEqual([0, 1])
    await app.close()
  })
})

describe('options that cannot be created in a test', () => {
  it('do not stop overrideMailer(), and a process warning says what is missing', async () => {
    const useFactory = (): never => {
      throw new Error('MAIL_URL is not set, BACKUP_URL is smtp://ann:hunter22@mail.example')
    }
    const warned: string[] = []
    const onWarning = (warning: Error): void => void warned.push(warning.message)
    process.on('warning', onWarning)
    const imports = [MailerModule.forRootAsync({ useFactory })]
    const app = await overrideMailer(Test.createTestingModule({ imports }), { transport: debug() }).compile()
    await app.get(Mailer).send(message)
    await app.close()
    process.off('warning', onWarning)
    expect(warned).toEqual([
      expect.stringMatching(
        /no defaults.*Error: MAIL_URL is not set, BACKUP_URL is smtp:\/\/<redacted>@mail.example/,
      ),
    ])
    await expect(Test.createTestingModule({ imports }).compile()).rejects.toThrow('MAIL_URL is not set')
  })
})

describe('what overrideMailer() is given', () => {
  it.each([
    [{ transport: undefined as never }, /transport/],
    [{ transport: debug(), name: 'marketing' } as never, /no option "name"/],
    [{ transport: debug(), failure: 'quiet' as never }, /failure must be/],
    [{ transport: debug(), names: [''] }, /name of a mailer/],
  ])('is checked: %o', (options, words) => {
    expect(() => overrideMailer(Test.createTestingModule({}), options)).toThrow(words)
  })
})

describe('MailerTestingModule', () => {
  it('provides a mailer to the code under test, and an inbox to the test', async () => {
    const app = await Test.createTestingModule({
      imports: [MailerTestingModule.forRoot({ names: ['marketing'] })],
      providers: [Newsletter],
    }).compile()
    await app.get(Newsletter).marketing.send(message)
    expect((await app.get(MailInbox).waitFor({ to: 'ann@example.com' })).codes).toEqual(['4711'])
    await app.close()
  })

  it('accepts a transport that rehearses, and options of a mailer', async () => {
    const events: MailEvent[] = []
    const app = await Test.createTestingModule({
      imports: [
        MailerTestingModule.forRoot({
          transport: debug({ rehearse: 'rcpt-to/mailbox-full' }),
          failure: 'silent',
          defaults: { from: 'shop@example.com' },
          observe: (event) => void events.push(event),
        }),
      ],
    }).compile()
    const { error } = await app.get(Mailer).send({ to: 'ann@example.com', text: 'Hello' })
    expect(error?.code).toBe('rcpt-to/mailbox-full')
    await expect(app.get(MailInbox)).toHaveFailed({ code: 'rcpt-to/mailbox-full' })
    expect(events).toHaveLength(1)
    await app.close()
  })

  it.each([
    [{ transport: memory() as never }, /debug\(\) transport/],
    [{ name: 'marketing' } as never, /no option "name"/],
    [{ failure: 'quiet' as never }, /failure must be/],
  ])('refuses %o', (options, words) => {
    expect(() => MailerTestingModule.forRoot(options)).toThrow(words)
    expect(() => MailerTestingModule.forRoot({ names: [''] })).toThrow(MailError)
  })
})
