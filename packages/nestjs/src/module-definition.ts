import type { IncomingMessage, ServerResponse } from 'node:http'
import { Mailer, type MailerOptions, type Observer, type Transport } from '@loudmail/core'
import { checkOptions, configError, type OptionNames, thrownInWords } from '@loudmail/core/transport'
import {
  ConfigurableModuleBuilder,
  Logger,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type FactoryProvider,
  type Provider,
} from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import { closingOnShutdown } from './closing-on-shutdown.ts'
import { emitMail } from './emit-mail.ts'
import { logMail } from './log-mail.ts'
import { isOutbox, madeMailers, type OutboxTransport } from './made-mailers.ts'
import { getMailerToken } from './mailer-token.ts'
import { outboxProvider } from './outbox-provider.ts'
import { getOutboxToken } from './outbox-token.ts'
import { overriding } from './overriding.ts'

/** What `inbox()` of `@loudmail/debug` returns. */
export type InboxHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** The options of a Mailer, and those that Nest adds. */
export interface NestMailerOptions extends MailerOptions {
  /** Shows the inbox at `inboxPath`: `inbox: isDevelopment && inbox(store)`. @default false */
  readonly inbox?: InboxHandler | false | undefined
  /** The path of the inbox. A global prefix of the routes does not change it. @default '/mail' */
  readonly inboxPath?: string | undefined
  /** Writes to Nest's logger what would otherwise go unnoticed: see {@link logMail}. @default true */
  readonly log?: boolean | undefined
  /**
   * What `@InjectOutbox()` injects, and what a worker works on. It is opened when the application starts, and closed on
   * shutdown. @default the transport, if it is an `outbox()`
   */
  readonly outbox?: OutboxTransport | undefined
}

/** The options of a module, next to those of its mailer. */
interface MailerModuleExtras {
  /** For more than one mailer: `@InjectMailer('marketing')`. @default none: injected by the class `Mailer` */
  name?: string | undefined
  /** Whether every module can inject it without importing this one. @default true */
  isGlobal?: boolean | undefined
}

/** The options of a mailer, and of its module. */
export type MailerModuleOptions = NestMailerOptions & MailerModuleExtras

/** The interface of a class for `useClass` and `useExisting`: it creates the options. */
export interface MailerOptionsFactory {
  /** Called once, when the application starts. */
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
    providers: [
      ...(definition.providers ?? []).map(forgivingInTests),
      mailer,
      outboxProvider(name),
      closingOnShutdown(token, MODULE_OPTIONS_TOKEN),
    ],
    exports: [token, getOutboxToken(name)],
  }
}

/**
 * Where `overrideMailer()` replaces the transport, the options may fail to be created, often because the address of the
 * real server is not set. The test goes on without them, and a process warning says so.
 */
function forgivingInTests(provider: Provider): Provider {
  if (!('useFactory' in provider) || provider.provide !== MODULE_OPTIONS_TOKEN) return provider
  const useFactory = async (...dependencies: unknown[]): Promise<unknown> => {
    try {
      return await provider.useFactory(...dependencies)
    } catch (error) {
      if (!overriding.getStore()) throw error
      process.emitWarning(
        `overrideMailer(): the options of MailerModule could not be created, so the mailer has no defaults, policy and observers of the application: ${thrownInWords(error)}`,
        'LoudmailWarning',
      )
      return {}
    }
  }
  return { ...provider, useFactory }
}

const OPTIONS: OptionNames<NestMailerOptions> = {
  transport: true,
  failure: true,
  defaults: true,
  deadlineMs: true,
  drainMs: true,
  observe: true,
  inbox: true,
  inboxPath: true,
  log: true,
  outbox: true,
}

/** @throws MailError `config/invalid-config` */
export async function makeMailer(
  given: NestMailerOptions,
  moduleRef: ModuleRef,
  name: string | undefined,
): Promise<Mailer> {
  if (given === undefined)
    throw configError('MailerModule received no options: the factory returned nothing (a return is missing)')
  checkOptions(given, 'MailerModule', OPTIONS)
  const { inbox, inboxPath, log = true, outbox, ...options } = given
  if (inbox !== undefined && inbox !== false && typeof inbox !== 'function')
    throw configError('inbox must be inbox(store) from @loudmail/debug, or false')
  if (inboxPath !== undefined && !/^(?:\/[\w.-]+)+$/.test(inboxPath))
    throw configError("inboxPath must look like '/mail', without a slash at the end")
  if (typeof log !== 'boolean') throw configError('log must be true or false')
  if (outbox !== undefined && !isOutbox(outbox)) throw configError('outbox must be an outbox(...)')
  const logger = new Logger(name === undefined ? 'Mailer' : `Mailer(${name})`)
  const own = [log && logMail(logger), await emitMail(moduleRef)].filter(
    (observer): observer is Observer => typeof observer === 'function',
  )
  const override = overriding.getStore()
  const effective = override?.(options) ?? options
  const mailer = new Mailer({ ...effective, observe: [...own, ...[effective.observe ?? []].flat()] })
  madeMailers.set(mailer, {
    options: effective,
    outbox: override ? undefined : (outbox ?? outboxOf(effective.transport)),
    isOverridden: override !== undefined,
    observers: own,
    workers: [],
  })
  return mailer
}

/** A transport that is an outbox. One that is not valid is found by the mailer. */
function outboxOf(transport: Transport): OutboxTransport | undefined {
  return isOutbox(transport) ? transport : undefined
}
