import { AsyncLocalStorage } from 'node:async_hooks'
import type { MailerOptions } from '@loudmail/core'

/** The options of a mailer, from those that the application gives it. */
export type Override = (options: Partial<MailerOptions>) => MailerOptions

/** Set while an application is created whose mailers get another transport from `overrideMailer()`. */
export const overriding = new AsyncLocalStorage<Override>()
