import type { OutboxStore } from '@loudmail/outbox/store'
import { UsageError } from '../usage-error.ts'

/** Loads what needs `pg-boss`, which is installed by those who use it. Throws UsageError if it is missing. */
export async function loadPgBoss(): Promise<(url: string) => OutboxStore> {
  try {
    const { pgBoss } = await import('@loudmail/outbox/pg-boss')
    // Whoever owns the outbox creates its tables, and brings them to a new version.
    return (url) => pgBoss({ url, migrate: false })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'pg-boss'")) throw error
    throw new UsageError(
      'an outbox in PostgreSQL needs the package pg-boss: install it beside loudmail (npm install pg-boss), or run npx -p loudmail -p pg-boss loudmail outbox …',
    )
  }
}
