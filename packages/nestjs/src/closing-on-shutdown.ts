import type { Mailer, MailerOptions } from '@loudmail/core'
import type {
  BeforeApplicationShutdown,
  FactoryProvider,
  OnApplicationShutdown,
  OnModuleInit,
} from '@nestjs/common'
import { madeMailers } from './made-mailers.ts'
import { LONGEST_MS } from '@loudmail/core/transport'

/**
 * A provider that opens the outbox of a mailer, if it has one, and on shutdown closes workers, mailer and outbox, after the
 * last request was answered. Requests that wait for a mail server delay that no longer than `drainMs`.
 *
 * @param optionsToken the token of the options of the mailer, if it has any
 */
export function closingOnShutdown(
  token: typeof Mailer | string,
  optionsToken?: string | symbol,
): FactoryProvider<OnModuleInit & BeforeApplicationShutdown & OnApplicationShutdown> {
  return {
    provide: Symbol('closes the mailer'),
    // A test may have replaced the mailer with anything.
    useFactory: (mailer: Partial<Mailer>, options?: Partial<MailerOptions>) => {
      const { drainMs = Infinity } = options ?? {}
      let timer: NodeJS.Timeout | undefined
      let closing: Promise<void> | undefined
      const close = (): Promise<void> => (closing ??= closeAll(mailer))
      return {
        onModuleInit: () => madeMailers.get(mailer as Mailer)?.outbox?.store.open(),
        beforeApplicationShutdown() {
          // The next hook tells how it ended.
          if (drainMs <= LONGEST_MS) timer = setTimeout(() => void close().catch(() => {}), drainMs)
        },
        onApplicationShutdown() {
          clearTimeout(timer)
          return close()
        },
      }
    },
    inject: [token, ...(optionsToken ? [{ token: optionsToken, optional: true }] : [])],
  }
}

/** Workers stop before the mailer closes. An outbox is closed last: it may not be the transport of the mailer. */
async function closeAll(mailer: Partial<Mailer>): Promise<void> {
  const { workers = [], outbox } = madeMailers.get(mailer as Mailer) ?? {}
  try {
    await Promise.all(workers.map((worker) => worker.close()))
  } finally {
    try {
      await mailer.close?.()
    } finally {
      await outbox?.close?.()
    }
  }
}
