export { MailError, Mailer, type MailerOptions } from '@loudmail/core'
export { InjectMailer } from './inject-mailer.ts'
export { MailErrorFilter, type MailErrorFilterOptions } from './mail-error-filter.ts'
export { MailerModule } from './mailer-module.ts'
export { logMail } from './log-mail.ts'
export type {
  InboxHandler,
  MailerModuleAsyncOptions,
  MailerModuleOptions,
  MailerOptionsFactory,
  NestMailerOptions,
} from './module-definition.ts'
export { getMailerToken } from './mailer-token.ts'
