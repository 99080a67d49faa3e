import { checkOptions, configError, type OptionNames } from '@loudmail/core/transport'
import {
  webhook,
  type MailNews,
  type OnNews,
  type WebhookOptions,
  type WebhookSource,
} from '@loudmail/webhooks'
import {
  ConfigurableModuleBuilder,
  Inject,
  Module,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type InjectionToken,
  type OnModuleInit,
} from '@nestjs/common'
import { HttpAdapterHost, ModuleRef } from '@nestjs/core'
import { answerFirst, plainPath } from './answer-first.ts'

/** A provider that takes the news. */
export interface MailNewsHandler {
  /** Is called with each news, one after the other. If it throws or rejects, the provider is asked to tell it again. */
  onNews(news: MailNews): unknown
}

/** A webhook, and what takes its news: one of `onNews` and `handler`. */
export interface MailWebhookModuleOptions extends WebhookOptions {
  /** Where the provider calls, such as `/hooks/resend`. A slash at its end changes nothing, nor does a global prefix. */
  readonly path: string
  /** Who calls, such as `resendWebhook({ secret })`. */
  readonly source: WebhookSource
  /** Is called with each news. */
  readonly onNews?: OnNews | undefined
  /** The class or the token of a provider with a method `onNews`, from any module of the application. */
  readonly handler?: InjectionToken<MailNewsHandler> | undefined
}

/** The interface of a class for `useClass` and `useExisting`: it creates the options. */
export interface MailWebhookOptionsFactory {
  /** Called once, when the application starts. */
  createWebhookOptions(): MailWebhookModuleOptions | Promise<MailWebhookModuleOptions>
}

/** One of `useFactory`, `useClass` and `useExisting`. */
export type MailWebhookAsyncOptions = ConfigurableModuleAsyncOptions<
  MailWebhookModuleOptions,
  'createWebhookOptions'
>

/** What MailWebhookModule extends: `forRoot` and `forRootAsync`, as Nest builds them. */
const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<MailWebhookModuleOptions>({ moduleName: 'MailWebhook' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createWebhookOptions')
    .build()

const OPTIONS: OptionNames<MailWebhookModuleOptions> = {
  path: true,
  source: true,
  onNews: true,
  handler: true,
  maxBytes: true,
  bodyTimeoutMs: true,
  seen: true,
  onProblem: true,
}

/**
 * Answers the webhook of a provider, with or without `rawBody: true`, under Express and Fastify. It stands before body parsers,
 * guards and pipes, because a signature is of the body as it was sent. Import it once for each webhook.
 */
@Module({})
export class MailWebhookModule extends ConfigurableModuleClass implements OnModuleInit {
  readonly #options: MailWebhookModuleOptions
  readonly #moduleRef: ModuleRef
  #handler: MailNewsHandler | undefined

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: MailWebhookModuleOptions,
    adapterHost: HttpAdapterHost,
    moduleRef: ModuleRef,
  ) {
    super()
    checkOptions(options, 'MailWebhookModule', OPTIONS)
    const { path, source, onNews, handler, ...rest } = options
    const at = plainPath(path, 'MailWebhookModule', '/hooks/resend')
    if ((onNews === undefined) === (handler === undefined))
      throw configError('MailWebhookModule needs exactly one of onNews and handler')
    this.#options = options
    this.#moduleRef = moduleRef
    const answer = webhook(source, onNews ?? ((news) => this.#handler!.onNews(news)), rest)
    answerFirst(adapterHost, at, answer)
  }

  /** With fixed options. */
  static override forRoot(options: MailWebhookModuleOptions): DynamicModule {
    return super.forRoot(options)
  }

  /** With options from a factory (`useFactory`, `inject`), a class (`useClass`) or a provider (`useExisting`). */
  static override forRootAsync(options: MailWebhookAsyncOptions): DynamicModule {
    return super.forRootAsync(options)
  }

  /** Finds the provider that takes the news: if there is none, the application does not start. */
  onModuleInit(): void {
    const { handler } = this.#options
    if (handler === undefined) return
    const found: Partial<MailNewsHandler> = this.#moduleRef.get(handler, { strict: false })
    if (typeof found?.onNews !== 'function')
      throw configError('MailWebhookModule handler must be a provider with a method onNews')
    this.#handler = found as MailNewsHandler
  }
}
