import { Mailer, type MailerOptions } from '@loudmail/core'
import { checkOptions, type OptionNames } from '@loudmail/core/transport'
import { debug, type DebugTransport } from '@loudmail/debug'
import { testInbox, type TestInbox } from '@loudmail/testing'
import { Module, type DynamicModule } from '@nestjs/common'
import type { TestingModuleBuilder } from '@nestjs/testing'
import { closingOnShutdown } from './closing-on-shutdown.ts'
import { getMailerToken } from './mailer-token.ts'
import { MODULE_OPTIONS_TOKEN } from './module-definition.ts'
import { overriding } from './overriding.ts'

export interface MailerTestingOptions extends Omit<MailerOptions, 'transport'> {
  /** The transport that the matchers and `testInbox()` look into. It may rehearse failures. @default debug() */
  readonly transport?: DebugTransport | undefined
  /** The mailers that are injected by name, in addition to the one without. All send to the same inbox. @default [] */
  readonly names?: readonly string[] | undefined
}

const OPTIONS: OptionNames<MailerTestingOptions> = {
  transport: true,
  names: true,
  failure: true,
  defaults: true,
  deadlineMs: true,
  observe: true,
}

/**
 * Replaces all mailers of an application with a capturing one; the real ones are not created.
 * `await overrideMailer(Test.createTestingModule({ imports: [AppModule] }), { transport }).compile()`
 *
 * @throws MailError `config/invalid-config`. So does `compile()` if a named mailer is not in `names`: it would really send.
 */
export function overrideMailer(
  builder: TestingModuleBuilder,
  options: MailerTestingOptions & Required<Pick<MailerTestingOptions, 'transport'>>,
): TestingModuleBuilder {
  const { mailer, tokens } = capturing(options, 'overrideMailer()')
  for (const token of tokens) builder.overrideProvider(token).useValue(mailer)
  // Otherwise a factory would still create the options of mailers that are not created.
  builder.overrideProvider(MODULE_OPTIONS_TOKEN).useValue({})
  const compile = builder.compile.bind(builder)
  builder.compile = (...values) => overriding.run(true, () => compile(...values))
  return builder
}

/** The inbox of a test: `app.get(MailInbox)`. */
export abstract class MailInbox implements TestInbox {
  abstract mails: TestInbox['mails']
  abstract last: TestInbox['last']
  abstract waitFor: TestInbox['waitFor']
  abstract clear: TestInbox['clear']
  abstract for: TestInbox['for']
}

/** Replaces MailerModule in the test of a part of an application. Mail is captured and found in `MailInbox`. */
@Module({})
export class MailerTestingModule {
  /** @throws MailError `config/invalid-config` */
  static forRoot(options: MailerTestingOptions = {}): DynamicModule {
    const { mailer, tokens, transport } = capturing(options, 'MailerTestingModule.forRoot()')
    return {
      module: MailerTestingModule,
      global: true,
      providers: [
        ...tokens.map((provide) => ({ provide, useValue: mailer })),
        { provide: MailInbox, useValue: testInbox(transport) },
        closingOnShutdown(Mailer),
      ],
      exports: [...tokens, MailInbox],
    }
  }
}

function capturing(
  options: MailerTestingOptions,
  owner: string,
): { mailer: Mailer; tokens: ReturnType<typeof getMailerToken>[]; transport: DebugTransport } {
  checkOptions(options, owner, OPTIONS)
  const { transport = debug(), names = [], ...rest } = options
  const tokens = [undefined, ...names].map((name) => getMailerToken(name))
  return { mailer: new Mailer({ ...rest, transport }), tokens, transport }
}
