export {
  MailWebhookModule,
  type MailNewsHandler,
  type MailWebhookAsyncOptions,
  type MailWebhookModuleOptions,
  type MailWebhookOptionsFactory,
} from './mail-webhook-module.ts'
