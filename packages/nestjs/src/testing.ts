import { Mailer, type MailerOptions } from '@loudmail/core'
import { checkOptions } from '@loudmail/core/transport'
import { debug, type DebugTransport } from '@loudmail/debug'
import { testInbox, type TestInbox } from '@loudmail/testing'
import { Module, type DynamicModule } from '@nestjs/common'
import type { TestingModuleBuilder } from '@nestjs/testing'
import { closingOnShutdown } from './closing-on-shutdown.ts'
import { getMailerToken } from './mailer-token.ts'
import { MODULE_OPTIONS_TOKEN } from './module-definition.ts'
import { overriding } from './overriding.ts'

export interface MailerTestingOptions extends Omit<MailerOptions, 'transport'> {
  /** What the matchers and `testInbox()` look into; one that rehearses failures, say. @default debug() */
  readonly transport?: DebugTransport | undefined
  /** Mailers that are injected by name, beside the one without; all send to the same inbox. @default [] */
  readonly names?: readonly string[] | undefined
}

const OPTIONS = ['transport', 'names', 'failure', 'defaults', 'deadlineMs', 'observe']

/**
 * Puts a capturing mailer in the place of those of a whole application; theirs are not made.
 * `await overrideMailer(Test.createTestingModule({ imports: [AppModule] }), { transport }).compile()`
 *
 * @throws MailError `config/invalid-config`; `compile()` too, where a mailer with a name is not in `names`: it would send
 */
export function overrideMailer(
  builder: TestingModuleBuilder,
  options: MailerTestingOptions & Required<Pick<MailerTestingOptions, 'transport'>>,
): TestingModuleBuilder {
  const { mailer, tokens } = capturing(options, 'overrideMailer()')
  for (const token of tokens) builder.overrideProvider(token).useValue(mailer)
  // Else a factory would still be asked for the options of mailers that are not made.
  builder.overrideProvider(MODULE_OPTIONS_TOKEN).useValue({})
  const compile = builder.compile.bind(builder)
  builder.compile = (...values) => overriding.run(true, () => compile(...values))
  return builder
}

/** The inbox of what is sent in a test: `app.get(MailInbox)`. */
export abstract class MailInbox implements TestInbox {
  abstract mails: TestInbox['mails']
  abstract last: TestInbox['last']
  abstract waitFor: TestInbox['waitFor']
  abstract clear: TestInbox['clear']
  abstract for: TestInbox['for']
}

/** Stands where MailerModule stands, in the test of a part of an application: mail is captured, and found in `MailInbox`. */
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
