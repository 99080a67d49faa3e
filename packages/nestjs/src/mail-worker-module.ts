import { Mailer } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import { worker, type Outbox, type WorkerOptions } from '@loudmail/outbox'
import {
  ConfigurableModuleBuilder,
  Module,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type FactoryProvider,
  type OnApplicationBootstrap,
} from '@nestjs/common'
import { madeMailers } from './made-mailers.ts'
import { getMailerToken } from './mailer-token.ts'

/** The options of a worker, and the mailer whose outbox it works on. */
export interface MailWorkerOptions extends WorkerOptions, MailWorkerExtras {}

/** Which mailer a worker belongs to. */
interface MailWorkerExtras {
  /** The name of the mailer. @default none: the mailer without a name */
  name?: string | undefined
}

/** The interface of a class for `useClass` and `useExisting`: it creates the options. */
export interface WorkerOptionsFactory {
  /** Called once, when the application starts. */
  createWorkerOptions(): WorkerOptions | Promise<WorkerOptions>
}

/** One of `useFactory`, `useClass` and `useExisting`, and the name of the mailer. */
export type MailWorkerAsyncOptions = ConfigurableModuleAsyncOptions<WorkerOptions, 'createWorkerOptions'> &
  MailWorkerExtras

const extras: MailWorkerExtras = { name: undefined }

/** What MailWorkerModule extends: `forRoot` and `forRootAsync`, as Nest builds them. */
const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<WorkerOptions>({
  moduleName: 'MailWorker',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createWorkerOptions')
  .setExtras(extras, (definition, { name }) => ({
    ...definition,
    providers: [...(definition.providers ?? []), startingWorker(name)],
  }))
  .build()

/**
 * Sends what is in the outbox of a mailer, from when the application is up until it shuts down. Import it in the application
 * that also answers requests, or in one of its own. The worker has the log and the events of MailerModule.
 */
@Module({})
export class MailWorkerModule extends ConfigurableModuleClass {
  /** With fixed options: those of `worker()`, and `name`. `drainMs` is that of the mailer by default. */
  static override forRoot(options: MailWorkerOptions = {}): DynamicModule {
    return super.forRoot(options)
  }

  /** With options from a factory (`useFactory`, `inject`), a class (`useClass`) or a provider (`useExisting`). */
  static override forRootAsync(options: MailWorkerAsyncOptions): DynamicModule {
    return super.forRootAsync(options)
  }
}

function startingWorker(name: string | undefined): FactoryProvider<OnApplicationBootstrap> {
  return {
    provide: Symbol('starts the worker'),
    useFactory: (options: WorkerOptions, mailer: Mailer) => ({
      onApplicationBootstrap: () => startWorker(options, mailer),
    }),
    inject: [MODULE_OPTIONS_TOKEN, getMailerToken(name)],
  }
}

/** Does nothing where a test has replaced the mailer, or its transport. MailerModule closes the worker. */
function startWorker(options: WorkerOptions | undefined, mailer: Mailer): void {
  const made = madeMailers.get(mailer)
  if (!made || made.isOverridden) return
  if (options === undefined)
    throw configError(
      'MailWorkerModule received no options: the factory returned nothing (a return is missing)',
    )
  const outbox = made.outbox as Outbox | undefined
  if (!outbox)
    throw configError(
      'MailWorkerModule needs a mailer with an outbox: MailerModule.forRoot({ transport: outbox(smtp(url), { store }) })',
    )
  const { drainMs } = made.options
  const observe = [...made.observers, ...[options.observe ?? []].flat()]
  made.workers.push(worker(outbox, { drainMs, ...options, observe }))
}
