import type { Mailer } from '@loudmail/core'
import type { FactoryProvider, OnApplicationShutdown } from '@nestjs/common'

/** A provider that closes a mailer on shutdown, after the last request was answered. */
export function closingOnShutdown(token: typeof Mailer | string): FactoryProvider<OnApplicationShutdown> {
  return {
    provide: Symbol('closes the mailer'),
    // A test may have replaced the mailer with anything.
    useFactory: (mailer: Partial<Mailer>) => ({ onApplicationShutdown: () => mailer.close?.() }),
    inject: [token],
  }
}
