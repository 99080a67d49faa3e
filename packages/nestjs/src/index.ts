export { MailError, Mailer, type MailerOptions } from '@loudmail/core'
export { InjectMailer } from './inject-mailer.ts'
export { MailErrorFilter, type MailErrorFilterOptions } from './mail-error-filter.ts'
export { MailerModule } from './mailer-module.ts'
export type {
  MailerModuleAsyncOptions,
  MailerModuleOptions,
  MailerOptionsFactory,
} from './module-definition.ts'
export { getMailerToken } from './mailer-token.ts'
