import { AsyncLocalStorage } from 'node:async_hooks'

/** Set while an application is created in which `overrideMailer()` replaces every mailer. */
export const overriding = new AsyncLocalStorage<true>()
