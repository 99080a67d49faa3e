import { Mailer, type MailerOptions } from '@loudmail/core'
import { checkOptions, type OptionNames } from '@loudmail/core/transport'
import { debug, type DebugTransport } from '@loudmail/debug'
import { testInbox, type TestInbox } from '@loudmail/testing'
import { Module, type DynamicModule } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import type { TestingModuleBuilder } from '@nestjs/testing'
import { closingOnShutdown } from './closing-on-shutdown.ts'
import { getMailerToken } from './mailer-token.ts'
import { makeMailer, MODULE_OPTIONS_TOKEN, type NestMailerOptions } from './module-definition.ts'
import { sendingAtOnce } from './outbox-provider.ts'
import { getOutboxToken } from './outbox-token.ts'
import { overriding, type Override } from './overriding.ts'

/** The options of a mailer in a test, without a real transport. */
export interface MailerTestingOptions extends Omit<MailerOptions, 'transport'> {
  /** The transport that the matchers and `testInbox()` look into. It may rehearse failures. @default debug() */
  readonly transport?: DebugTransport | undefined
  /** The mailers that are injected by name, in addition to the one without. All send to the same inbox. `overrideMailer()` finds those of `MailerModule` by itself. @default [] */
  readonly names?: readonly string[] | undefined
}

const OPTIONS: OptionNames<MailerTestingOptions> = {
  transport: true,
  names: true,
  failure: true,
  defaults: true,
  deadlineMs: true,
  drainMs: true,
  observe: true,
}

/**
 * Replaces the transport of all mailers of an application. What else `MailerModule` was given stays: defaults, policy,
 * deadline and observers. Options that you give here are for the test: they win, and its observers are called as well.
 * `await overrideMailer(Test.createTestingModule({ imports: [AppModule] }), { transport }).compile()`
 *
 * A mailer that the application provides without `MailerModule` is replaced as a whole, if it is the one without a name or
 * listed in `names`.
 *
 * @throws MailError `config/invalid-config`
 */
export function overrideMailer(
  builder: TestingModuleBuilder,
  options: MailerTestingOptions & { readonly transport: DebugTransport },
): TestingModuleBuilder {
  checkOptions(options, 'overrideMailer()', OPTIONS)
  const { transport, names = [], observe = [], defaults, ...rest } = options
  // Made at once, so that options that are not valid throw here. It replaces mailers that MailerModule did not create.
  const whole = new Mailer({ ...rest, transport, observe, defaults })
  for (const name of [undefined, ...names])
    builder.overrideProvider(getMailerToken(name)).useFactory({
      factory: (given: NestMailerOptions | undefined, moduleRef: ModuleRef) =>
        given === undefined ? whole : makeMailer(given, moduleRef, name),
      inject: [{ token: MODULE_OPTIONS_TOKEN, optional: true }, ModuleRef] as never[],
    })
  const override: Override = (given) => ({
    ...given,
    ...withoutUndefined(rest),
    transport,
    defaults: { ...given.defaults, ...defaults },
    observe: [given.observe ?? [], observe].flat(),
  })
  const compile = builder.compile.bind(builder)
  builder.compile = (...values) => overriding.run(override, () => compile(...values))
  return builder
}

/** The inbox of a test: `app.get(MailInbox)`. */
export abstract class MailInbox implements TestInbox {
  /** All mails, opened, the oldest first. */
  abstract mails: TestInbox['mails']
  /** The newest mail. */
  abstract last: TestInbox['last']
  /** Waits for a mail that matches. */
  abstract waitFor: TestInbox['waitFor']
  /** Deletes all mails. */
  abstract clear: TestInbox['clear']
  /** The mails of one recipient. */
  abstract for: TestInbox['for']
}

/** Replaces MailerModule in the test of a part of an application. Mail is captured and found in `MailInbox`. */
@Module({})
export class MailerTestingModule {
  /** @throws MailError `config/invalid-config` */
  static forRoot(options: MailerTestingOptions = {}): DynamicModule {
    const { mailer, names, transport } = capturing(options, 'MailerTestingModule.forRoot()')
    const tokens = names.map(getMailerToken)
    const outboxTokens = names.map(getOutboxToken)
    return {
      module: MailerTestingModule,
      global: true,
      providers: [
        ...tokens.map((provide) => ({ provide, useValue: mailer })),
        ...outboxTokens.map((provide) => ({ provide, useValue: sendingAtOnce(mailer) })),
        { provide: MailInbox, useValue: testInbox(transport) },
        closingOnShutdown(Mailer),
      ],
      exports: [...tokens, ...outboxTokens, MailInbox],
    }
  }
}

function withoutUndefined<Options extends object>(options: Options): Partial<Options> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<Options>
}

function capturing(
  options: MailerTestingOptions,
  owner: string,
): { mailer: Mailer; names: (string | undefined)[]; transport: DebugTransport } {
  checkOptions(options, owner, OPTIONS)
  const { transport = debug(), names = [], ...rest } = options
  return { mailer: new Mailer({ ...rest, transport }), names: [undefined, ...names], transport }
}
