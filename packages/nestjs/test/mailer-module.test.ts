import { Mailer as CoreMailer, memory, type Transport } from '@loudmail/core'
import { failAll } from '@loudmail/core/transport'
import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { closingOnShutdown } from '../src/closing-on-shutdown.ts'
import {
  getMailerToken,
  InjectMailer,
  MailError,
  Mailer,
  MailerModule,
  type MailerOptions,
  type MailerOptionsFactory,
} from '../src/index.ts'

const message = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hello', text: 'Hello' }

@Injectable()
class Welcome {
  readonly mailer: Mailer

  constructor(mailer: Mailer) {
    this.mailer = mailer
  }
}

/** A module that does not import MailerModule. */
@Module({ providers: [Welcome], exports: [Welcome] })
class WelcomeModule {}

@Injectable()
class Settings {
  readonly transport = memory()
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class MailSettings implements MailerOptionsFactory {
  readonly settings: Settings

  constructor(settings: Settings) {
    this.settings = settings
  }

  createMailerOptions(): MailerOptions {
    return { transport: this.settings.transport }
  }
}

@Module({ imports: [SettingsModule], providers: [MailSettings], exports: [MailSettings] })
class MailSettingsModule {}

describe('MailerModule', () => {
  it('provides a Mailer by its class, without decorators, to every module', async () => {
    const transport = memory()
    const app = await Test.createTestingModule({
      imports: [MailerModule.forRoot({ transport }), WelcomeModule],
    }).compile()
    const receipt = await app.get(Welcome).mailer.send(message)
    expect(receipt.state).toBe('captured')
    expect(transport.messages).toHaveLength(1)
    expect(app.get(Mailer)).toBeInstanceOf(CoreMailer)
  })

  it('provides it only to modules that import it, with isGlobal: false', async () => {
    const mailerModule = MailerModule.forRoot({ transport: memory(), isGlobal: false })
    const unseen = Test.createTestingModule({ imports: [mailerModule, WelcomeModule] }).compile()
    await expect(unseen).rejects.toThrow(/resolve dependencies of the Welcome/)
    const seen = await Test.createTestingModule({ imports: [mailerModule], providers: [Welcome] }).compile()
    expect(seen.get(Welcome).mailer).toBeInstanceOf(Mailer)
  })

  it.each([
    [
      'useFactory and inject',
      MailerModule.forRootAsync({
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: async (settings: Settings) => ({ transport: settings.transport }),
      }),
    ],
    ['useClass', MailerModule.forRootAsync({ imports: [SettingsModule], useClass: MailSettings })],
    ['useExisting', MailerModule.forRootAsync({ imports: [MailSettingsModule], useExisting: MailSettings })],
  ])('takes its options from %s', async (_way, mailerModule) => {
    const app = await Test.createTestingModule({
      imports: [mailerModule, SettingsModule, WelcomeModule],
    }).compile()
    await app.get(Welcome).mailer.send(message)
    expect(app.get(Settings, { strict: false }).transport.messages).toHaveLength(1)
  })

  it('keeps several mailers apart by name', async () => {
    @Injectable()
    class Newsletter {
      readonly all: readonly Mailer[]
      @InjectMailer('marketing') readonly property!: Mailer

      constructor(
        mailer: Mailer,
        @InjectMailer('marketing') marketing: Mailer,
        @InjectMailer() plain: Mailer,
      ) {
        this.all = [mailer, marketing, plain]
      }
    }
    const [everyday, marketing] = [memory(), memory()]
    const app = await Test.createTestingModule({
      imports: [
        MailerModule.forRoot({ transport: everyday }),
        MailerModule.forRootAsync({ name: 'marketing', useFactory: () => ({ transport: marketing }) }),
      ],
      providers: [Newsletter],
    }).compile()
    const { all, property } = app.get(Newsletter)
    expect(all[1]).toBe(property)
    expect(all[1]).toBe(app.get(getMailerToken('marketing')))
    expect(all[0]).toBe(all[2])
    await property.send(message)
    expect([everyday.messages.length, marketing.messages.length]).toEqual([0, 1])
  })

  it('names the mailer that is missing', async () => {
    @Injectable()
    class Newsletter {
      constructor(@Inject(getMailerToken('marketing')) readonly mailer: Mailer) {}
    }
    const compiling = Test.createTestingModule({ providers: [Newsletter] }).compile()
    await expect(compiling).rejects.toThrow('Mailer(marketing)')
  })

  it('lets a test replace the mailer, without creating the real one', async () => {
    const transport = memory()
    const app = await Test.createTestingModule({
      imports: [MailerModule.forRoot({ transport: undefined as never }), WelcomeModule],
    })
      .overrideProvider(Mailer)
      .useValue(new Mailer({ transport }))
      .compile()
    await app.get(Welcome).mailer.send(message)
    expect(transport.messages).toHaveLength(1)
    await app.close()
  })

  it('lets a test replace it with an object without close()', async () => {
    const app = await Test.createTestingModule({ imports: [MailerModule.forRoot({ transport: memory() })] })
      .overrideProvider(Mailer)
      .useValue({ send: async () => {} })
      .compile()
    await expect(app.close()).resolves.toBeUndefined()
  })

  it('lets a test replace it with an object whose close() returns nothing, also after drainMs', async () => {
    const closed = Promise.withResolvers<void>()
    const { useFactory } = closingOnShutdown(Mailer)
    const hooks = await useFactory({ close: () => closed.resolve() }, { drainMs: 1 })
    await hooks.beforeApplicationShutdown()
    await closed.promise
    expect(await hooks.onApplicationShutdown()).toBeUndefined()
  })

  it('waits on shutdown for sends in progress, then closes the transport', async () => {
    const steps: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const transport: Transport = {
      name: 'slow()',
      async send() {
        await promise
        steps.push('sent')
        return { transport: 'slow()', state: 'sent', failures: [] }
      },
      close: async () => void steps.push('closed'),
    }
    const app = await Test.createTestingModule({ imports: [MailerModule.forRoot({ transport })] }).compile()
    const mailer = app.get(Mailer)
    const sending = mailer.send(message)
    const closing = app.close().then(() => steps.push('shut down'))
    resolve()
    await Promise.all([sending, closing])
    expect(steps).toEqual(['sent', 'closed', 'shut down'])
    await expect(mailer.send(message)).rejects.toThrow('pool-closed')
  })

  it('does not wait on shutdown longer than drainMs for requests whose mail is stuck', async () => {
    const transport: Transport = {
      ...memory(),
      send: (mail, context) =>
        new Promise((_resolve, reject) => {
          context!.signal!.addEventListener('abort', () =>
            reject(failAll(mail, 'not-attempted', { stage: 'queue', kind: 'aborted' })),
          )
        }),
    }
    const begun = Promise.withResolvers<void>()
    @Controller()
    class Welcomes {
      constructor(readonly mailer: Mailer) {}

      @Get()
      async welcome(): Promise<string> {
        const sending = this.mailer.send(message, { failure: 'silent' })
        begun.resolve()
        return String((await sending).error?.code)
      }
    }
    const module = await Test.createTestingModule({
      imports: [
        MailerModule.forRoot({ transport, drainMs: 10, log: false, observe: ({ error }) => void error }),
      ],
      controllers: [Welcomes],
    }).compile()
    const app = module.createNestApplication({ logger: false })
    await app.listen(0, '127.0.0.1')
    const answer = fetch(await app.getUrl(), { headers: { connection: 'close' } })
    await begun.promise
    await app.close()
    expect(await (await answer).text()).toBe('queue/aborted')
  })

  it('closes every one of several mailers', async () => {
    const closed: string[] = []
    const transport = (name: string): Transport => ({
      ...memory(),
      close: async () => void closed.push(name),
    })
    const app = await Test.createTestingModule({
      imports: ['a', 'b'].map((name) => MailerModule.forRoot({ name, transport: transport(name) })),
    }).compile()
    await app.close()
    expect(closed.toSorted()).toEqual(['a', 'b'])
  })
})

function start(options: object): Promise<unknown> {
  return Test.createTestingModule({ imports: [MailerModule.forRoot(options as MailerOptions)] }).compile()
}

describe('a configuration mistake', () => {
  it('keeps the application from starting, under every policy', async () => {
    await expect(start({})).rejects.toThrow('Mailer needs a transport')
    await expect(start({ transport: memory(), failure: 'silent', observer: () => {} })).rejects.toThrow(
      'MailerModule has no option "observer"',
    )
  })

  it.each([
    ['no options', () => MailerModule.forRoot(undefined as never), 'needs an object with options'],
    ['no async options', () => MailerModule.forRootAsync(undefined as never), 'needs an object with options'],
    ['no way to the options', () => MailerModule.forRootAsync({}), 'needs exactly one of useFactory'],
    [
      'two ways to the options',
      () =>
        MailerModule.forRootAsync({ useClass: MailSettings, useFactory: () => ({ transport: memory() }) }),
      'needs exactly one of useFactory',
    ],
    ['an empty name', () => MailerModule.forRoot({ transport: memory(), name: '' }), 'name of a mailer'],
    ['an empty name to inject', () => InjectMailer(''), 'name of a mailer'],
  ])('with %s throws at once', (_what, make, words) => {
    expect(make).toThrow(MailError)
    expect(make).toThrow(words)
  })

  it('is a compile error too', () => {
    type Options = Parameters<(typeof MailerModule)['forRoot']>[0]
    expectTypeOf({ transport: memory(), isGlobal: false, name: 'marketing' }).toExtend<Options>()
    expectTypeOf({}).not.toExtend<Options>()
    expectTypeOf(getMailerToken('marketing')).toEqualTypeOf<typeof Mailer | string>()
  })
})
