export { InjectOutbox } from './inject-outbox.ts'
export {
  MailWorkerModule,
  type MailWorkerAsyncOptions,
  type MailWorkerOptions,
  type WorkerOptionsFactory,
} from './mail-worker-module.ts'
export { getOutboxToken } from './outbox-token.ts'
