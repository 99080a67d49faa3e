import { configError } from '@loudmail/core/transport'
import { Inject, Module, type DynamicModule, type NestModule } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
  type MailerModuleAsyncOptions,
  type MailerModuleOptions,
  type NestMailerOptions,
} from './module-definition.ts'

/**
 * Gives an application a `Mailer` to inject, and closes it on shutdown once what is under way has been sent. Options
 * that are not valid stop the application from starting.
 */
@Module({})
export class MailerModule extends ConfigurableModuleClass implements NestModule {
  readonly #options: NestMailerOptions
  readonly #adapterHost: HttpAdapterHost

  constructor(@Inject(MODULE_OPTIONS_TOKEN) options: NestMailerOptions, adapterHost: HttpAdapterHost) {
    super()
    this.#options = options
    this.#adapterHost = adapterHost
  }

  /** With options that are known already: those of a Mailer, `inbox`, `log`, `name` and `isGlobal`. */
  static override forRoot(options: MailerModuleOptions): DynamicModule {
    checkObject(options, 'forRoot')
    return super.forRoot(options)
  }

  /** With options made by a factory (`useFactory`, `inject`), a class (`useClass`) or a provider (`useExisting`). */
  static override forRootAsync(options: MailerModuleAsyncOptions): DynamicModule {
    checkObject(options, 'forRootAsync')
    const ways = [options.useFactory, options.useClass, options.useExisting]
    if (ways.filter((way) => way !== undefined).length !== 1)
      throw configError('MailerModule.forRootAsync() needs one of useFactory, useClass and useExisting')
    return super.forRootAsync(options)
  }

  /** Mounts the inbox, before the routes; Nest calls it where the application speaks HTTP. */
  configure(): void {
    const { inbox, inboxPath = '/mail' } = this.#options
    if (inbox) this.#adapterHost.httpAdapter.use(inboxPath, inbox)
  }
}

function checkObject(options: unknown, method: string): void {
  if (typeof options !== 'object' || options === null)
    throw configError(`MailerModule.${method}() needs an object of options`)
}
