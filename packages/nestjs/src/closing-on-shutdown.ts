import type { Mailer } from '@loudmail/core'
import type { FactoryProvider, OnApplicationShutdown } from '@nestjs/common'

/** A provider that closes a mailer when the application has shut down, after the last request was answered. */
export function closingOnShutdown(token: typeof Mailer | string): FactoryProvider<OnApplicationShutdown> {
  return {
    provide: Symbol('closes the mailer'),
    // A test may have put anything in the mailer's place.
    useFactory: (mailer: Partial<Mailer>) => ({ onApplicationShutdown: () => mailer.close?.() }),
    inject: [token],
  }
}
