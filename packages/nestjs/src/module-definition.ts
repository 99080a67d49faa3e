import { Mailer, type MailerOptions } from '@loudmail/core'
import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type FactoryProvider,
} from '@nestjs/common'
import { closingOnShutdown } from './closing-on-shutdown.ts'
import { getMailerToken } from './mailer-token.ts'

/** What a module says about its mailer, beside how to make it. */
interface MailerModuleExtras {
  /** Tells several mailers apart: `@InjectMailer('marketing')`. @default none: injected by the class `Mailer` */
  name?: string | undefined
  /** Whether every module can inject it without importing this one. @default true */
  isGlobal?: boolean | undefined
}

/** The options of a Mailer, and of its module. */
export type MailerModuleOptions = MailerOptions & MailerModuleExtras

/** What `useClass` and `useExisting` name: a provider that makes the options. */
export interface MailerOptionsFactory {
  createMailerOptions(): MailerOptions | Promise<MailerOptions>
}

/** One of `useFactory`, `useClass` and `useExisting`, and the options of the module. */
export type MailerModuleAsyncOptions = ConfigurableModuleAsyncOptions<MailerOptions, 'createMailerOptions'> &
  MailerModuleExtras

const extras: MailerModuleExtras = { name: undefined, isGlobal: true }

const host = new ConfigurableModuleBuilder<MailerOptions>({ moduleName: 'Mailer' })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createMailerOptions')
  .setExtras(extras, withMailer)
  .build()

/** What MailerModule extends: `forRoot` and `forRootAsync`, as Nest builds them. */
export const { ConfigurableModuleClass } = host

function withMailer(definition: DynamicModule, { name, isGlobal }: MailerModuleExtras): DynamicModule {
  const token = getMailerToken(name)
  const mailer: FactoryProvider<Mailer> = {
    provide: token,
    useFactory: (options: MailerOptions) => new Mailer(options),
    inject: [host.MODULE_OPTIONS_TOKEN],
  }
  return {
    ...definition,
    global: isGlobal ?? true,
    providers: [...(definition.providers ?? []), mailer, closingOnShutdown(token)],
    exports: [token],
  }
}
