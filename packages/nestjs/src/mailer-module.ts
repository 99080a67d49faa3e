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
 * Provides a `Mailer` for injection, and closes it on shutdown after the sends in progress. If the options are not valid,
 * the application does not start.
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

  /** With fixed options: those of a Mailer, and `inbox`, `inboxPath`, `log`, `name` and `isGlobal`. */
  static override forRoot(options: MailerModuleOptions): DynamicModule {
    checkObject(options, 'forRoot')
    return super.forRoot(options)
  }

  /** With options from a factory (`useFactory`, `inject`), a class (`useClass`) or a provider (`useExisting`). */
  static override forRootAsync(options: MailerModuleAsyncOptions): DynamicModule {
    checkObject(options, 'forRootAsync')
    const ways = [options.useFactory, options.useClass, options.useExisting]
    if (ways.filter((way) => way !== undefined).length !== 1)
      throw configError(
        'MailerModule.forRootAsync() needs exactly one of useFactory, useClass and useExisting',
      )
    return super.forRootAsync(options)
  }

  /** Mounts the inbox before the routes. Nest calls this if the application uses HTTP. */
  configure(): void {
    const { inbox, inboxPath = '/mail' } = this.#options
    if (inbox) this.#adapterHost.httpAdapter.use(inboxPath, inbox)
  }
}

function checkObject(options: unknown, method: string): void {
  if (typeof options !== 'object' || options === null)
    throw configError(`MailerModule.${method}() needs an object with options`)
}
