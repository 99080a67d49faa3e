import {
  unsubscribeHandler,
  UnsubscribeLinks,
  type OnUnsubscribe,
  type UnsubscribeOptions,
  type Unsubscribing,
} from '@loudmail/content/unsubscribe'
import { checkOptions, configError, type OptionNames } from '@loudmail/core/transport'
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

/** A provider that takes addresses off lists. */
export interface UnsubscribeTaker {
  /** It may be called several times for the same. If it throws, rejects or takes longer than 30 seconds, the answer is 500. */
  onUnsubscribe(unsubscribing: Unsubscribing): unknown
}

/** The links, and what takes addresses off lists: one of `onUnsubscribe` and `handler`. */
export interface UnsubscribeModuleOptions extends UnsubscribeOptions {
  /** `new UnsubscribeLinks({ url, secret })`. Providers can inject it by its class. */
  readonly links: UnsubscribeLinks
  /**
   * Where requests arrive, if a proxy changes the path. A slash at its end changes nothing, nor does a global prefix of the
   * routes. @default the path of the links
   */
  readonly path?: string | undefined
  /** Takes an address off a list. */
  readonly onUnsubscribe?: OnUnsubscribe | undefined
  /** The class or the token of a provider with a method `onUnsubscribe`, from any module of the application. */
  readonly handler?: InjectionToken<UnsubscribeTaker> | undefined
}

/** The interface of a class for `useClass` and `useExisting`: it creates the options. */
export interface UnsubscribeOptionsFactory {
  /** Called once, when the application starts. */
  createUnsubscribeOptions(): UnsubscribeModuleOptions | Promise<UnsubscribeModuleOptions>
}

/** One of `useFactory`, `useClass` and `useExisting`. */
export type UnsubscribeModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  UnsubscribeModuleOptions,
  'createUnsubscribeOptions'
>

/** What UnsubscribeModule extends: `forRoot` and `forRootAsync`, as Nest builds them. */
const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<UnsubscribeModuleOptions>({ moduleName: 'Unsubscribe' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createUnsubscribeOptions')
    .setExtras({}, (definition) => ({ ...definition, global: true }))
    .build()

const OPTIONS: OptionNames<UnsubscribeModuleOptions> = {
  links: true,
  path: true,
  onUnsubscribe: true,
  handler: true,
  texts: true,
  page: true,
  maxBytes: true,
  bodyTimeoutMs: true,
  onProblem: true,
}

/**
 * Answers the links of mails that unsubscribe, under Express and Fastify, and gives every module `UnsubscribeLinks` to inject.
 * It stands before body parsers, guards and pipes: mail programs send no cookie and no log-in.
 */
@Module({
  providers: [
    {
      provide: UnsubscribeLinks,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory: ({ links }: UnsubscribeModuleOptions): UnsubscribeLinks => links,
    },
  ],
  exports: [UnsubscribeLinks],
})
export class UnsubscribeModule extends ConfigurableModuleClass implements OnModuleInit {
  readonly #options: UnsubscribeModuleOptions
  readonly #moduleRef: ModuleRef
  #taker: UnsubscribeTaker | undefined

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: UnsubscribeModuleOptions,
    adapterHost: HttpAdapterHost,
    moduleRef: ModuleRef,
  ) {
    super()
    checkOptions(options, 'UnsubscribeModule', OPTIONS)
    const { links, onUnsubscribe, handler, path = pathOf(links), ...rest } = options
    const at = plainPath(path, 'UnsubscribeModule', '/unsubscribe')
    if ((onUnsubscribe === undefined) === (handler === undefined))
      throw configError('UnsubscribeModule needs exactly one of onUnsubscribe and handler')
    this.#options = options
    this.#moduleRef = moduleRef
    const take = onUnsubscribe ?? ((each: Unsubscribing) => this.#taker!.onUnsubscribe(each))
    answerFirst(adapterHost, at, unsubscribeHandler(links, take, rest))
  }

  /** With fixed options. */
  static override forRoot(options: UnsubscribeModuleOptions): DynamicModule {
    return super.forRoot(options)
  }

  /** With options from a factory (`useFactory`, `inject`), a class (`useClass`) or a provider (`useExisting`). */
  static override forRootAsync(options: UnsubscribeModuleAsyncOptions): DynamicModule {
    return super.forRootAsync(options)
  }

  /** Finds the provider that takes addresses off lists: if there is none, the application does not start. */
  onModuleInit(): void {
    const { handler } = this.#options
    if (handler === undefined) return
    const found: Partial<UnsubscribeTaker> = this.#moduleRef.get(handler, { strict: false })
    if (typeof found?.onUnsubscribe !== 'function')
      throw configError('UnsubscribeModule handler must be a provider with a method onUnsubscribe')
    this.#taker = found as UnsubscribeTaker
  }
}

function pathOf(links: UnsubscribeLinks | undefined): string {
  if (typeof links?.url !== 'string')
    throw configError('UnsubscribeModule needs links: new UnsubscribeLinks({ url, secret })')
  return new URL(links.url).pathname
}
