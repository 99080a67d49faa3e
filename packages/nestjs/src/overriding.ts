import { AsyncLocalStorage } from 'node:async_hooks'

/** Set while an application is made in which `overrideMailer()` puts another mailer in the place of each. */
export const overriding = new AsyncLocalStorage<true>()
