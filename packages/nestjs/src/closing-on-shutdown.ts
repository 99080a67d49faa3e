import type { Mailer, MailerOptions } from '@loudmail/core'
import type { BeforeApplicationShutdown, FactoryProvider, OnApplicationShutdown } from '@nestjs/common'

/**
 * A provider that closes a mailer on shutdown, after the last request was answered. Requests that wait for a mail server delay
 * that no longer than `drainMs`.
 *
 * @param optionsToken the token of the options of the mailer, if it has any
 */
export function closingOnShutdown(
  token: typeof Mailer | string,
  optionsToken?: string | symbol,
): FactoryProvider<BeforeApplicationShutdown & OnApplicationShutdown> {
  return {
    provide: Symbol('closes the mailer'),
    // A test may have replaced the mailer with anything.
    useFactory: (mailer: Partial<Mailer>, options?: Partial<MailerOptions>) => {
      const { drainMs = Infinity } = options ?? {}
      let timer: NodeJS.Timeout | undefined
      return {
        beforeApplicationShutdown() {
          // The next hook tells how it ended.
          const close = (): void => void (async () => mailer.close?.())().catch(() => {})
          if (drainMs <= LONGEST_MS) timer = setTimeout(close, drainMs)
        },
        onApplicationShutdown() {
          clearTimeout(timer)
          return mailer.close?.()
        },
      }
    },
    inject: [token, ...(optionsToken ? [{ token: optionsToken, optional: true }] : [])],
  }
}

/** The longest time that a Node timer supports. */
const LONGEST_MS = 2 ** 31 - 1
