import type { IncomingMessage, ServerResponse } from 'node:http'
import { Mailer, type MailerOptions, type Observer } from '@loudmail/core'
import { checkOptions, configError } from '@loudmail/core/transport'
import {
  ConfigurableModuleBuilder,
  Logger,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type FactoryProvider,
} from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import { closingOnShutdown } from './closing-on-shutdown.ts'
import { emitMail } from './emit-mail.ts'
import { logMail } from './log-mail.ts'
import { getMailerToken } from './mailer-token.ts'
import { overriding } from './overriding.ts'

/** What `inbox()` of `@loudmail/debug` makes. */
export type InboxHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** The options of a Mailer, and what Nest adds. */
export interface NestMailerOptions extends MailerOptions {
  /** Shows the inbox at `inboxPath`: `inbox: isDevelopment && inbox(store)`. @default false */
  readonly inbox?: InboxHandler | false | undefined
  /** Where the inbox is, whatever prefix the routes have. @default '/mail' */
  readonly inboxPath?: string | undefined
  /** Writes to Nest's logger what nobody else would tell: see {@link logMail}. @default true */
  readonly log?: boolean | undefined
}

/** What a module says about its mailer, beside how to make it. */
interface MailerModuleExtras {
  /** Tells several mailers apart: `@InjectMailer('marketing')`. @default none: injected by the class `Mailer` */
  name?: string | undefined
  /** Whether every module can inject it without importing this one. @default true */
  isGlobal?: boolean | undefined
}

/** The options of a mailer, and of its module. */
export type MailerModuleOptions = NestMailerOptions & MailerModuleExtras

/** What `useClass` and `useExisting` name: a provider that makes the options. */
export interface MailerOptionsFactory {
  createMailerOptions(): NestMailerOptions | Promise<NestMailerOptions>
}

/** One of `useFactory`, `useClass` and `useExisting`, and the options of the module. */
export type MailerModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  NestMailerOptions,
  'createMailerOptions'
> &
  MailerModuleExtras

const extras: MailerModuleExtras = { name: undefined, isGlobal: true }

/** What MailerModule extends: `forRoot` and `forRootAsync`, as Nest builds them. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<NestMailerOptions>({ moduleName: 'Mailer' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createMailerOptions')
    .setExtras(extras, withMailer)
    .build()

function withMailer(definition: DynamicModule, { name, isGlobal }: MailerModuleExtras): DynamicModule {
  const token = getMailerToken(name)
  const mailer: FactoryProvider<Mailer> = {
    provide: token,
    useFactory: (options: NestMailerOptions, moduleRef: ModuleRef) => makeMailer(options, moduleRef, name),
    inject: [MODULE_OPTIONS_TOKEN, ModuleRef],
  }
  return {
    ...definition,
    global: isGlobal ?? true,
    providers: [...(definition.providers ?? []), mailer, closingOnShutdown(token)],
    exports: [token],
  }
}

const OPTIONS = ['transport', 'failure', 'defaults', 'deadlineMs', 'observe', 'inbox', 'inboxPath', 'log']

async function makeMailer(
  given: NestMailerOptions,
  moduleRef: ModuleRef,
  name: string | undefined,
): Promise<Mailer> {
  if (overriding.getStore())
    throw configError(
      `overrideMailer() leaves the mailer ${name} in its place: overrideMailer(builder, { transport, names: ['${name}'] })`,
    )
  if (given === undefined)
    throw configError('MailerModule got no options: the factory returned nothing (a return is missing)')
  checkOptions(given, 'MailerModule', OPTIONS)
  const { inbox, inboxPath, log = true, ...options } = given
  if (inbox !== undefined && inbox !== false && typeof inbox !== 'function')
    throw configError('inbox must be what inbox(store) of @loudmail/debug makes, or false')
  if (inboxPath !== undefined && !/^(?:\/[\w.-]+)+$/.test(inboxPath))
    throw configError("inboxPath must look like '/mail', without a slash at its end")
  if (typeof log !== 'boolean') throw configError('log must be true or false')
  const logger = new Logger(name === undefined ? 'Mailer' : `Mailer(${name})`)
  const own = [log && logMail(logger), await emitMail(moduleRef)].filter(
    (observer): observer is Observer => typeof observer === 'function',
  )
  return new Mailer({ ...options, observe: [...own, ...[options.observe ?? []].flat()] })
}
