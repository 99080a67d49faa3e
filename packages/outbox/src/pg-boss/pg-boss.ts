import type { OutboxStore } from '../store/store.ts'
import { adder } from './adding.ts'
import { readContent } from './content.ts'
import { Database } from './database.ts'
import { isEntryId } from './entry-row.ts'
import { Leasing } from './leasing.ts'
import { settingsOf, type PgBossOptions } from './options.ts'
import { countEntries, listEntries, purgeEntries, readEntry } from './reading.ts'
import { Settling } from './settling.ts'

/**
 * Keeps an outbox in PostgreSQL, for any number of processes on any number of machines. pg-boss decides who works on what.
 *
 * @param target `postgres://user:password@host:5432/database`, or options
 * @throws MailError `config/invalid-config`
 */
export function pgBoss(target: string | PgBossOptions): OutboxStore {
  const settings = settingsOf(target)
  const listeners = new Set<() => void>()
  const database = new Database(settings, () => {
    for (const listener of listeners) listener()
  })
  const add = adder(database)
  const leasing = new Leasing(database)
  const settling = new Settling(database)

  return {
    name: settings.name,
    open: () => database.run(() => database.open()),
    add: (entry, using) => database.run(() => add(entry, using)),
    lease: (most, leaseMs) => database.run(() => leasing.lease(most, leaseMs)),
    extend: (leases, leaseMs) => database.run(() => leasing.extend(leases, leaseMs)),
    begin: (lease) => database.run(() => leasing.begin(lease)),
    settle: (lease, change) => database.run(() => settling.settle(lease, change)),
    change: (id, from, change, updatedAt?: number) =>
      database.run(async () => isEntryId(id) && settling.change(id, from, change, updatedAt)),
    openBody: (id, from, signal) => readContent(database, id, from, signal),
    get: (id) => database.run(() => readEntry(database, id)),
    list: (filter) => listEntries(database, filter),
    counts: () => database.run(() => countEntries(database)),
    purge: (states, before) => database.run(() => purgeEntries(database, states, before)),
    onWork(listener) {
      const own = (): void => listener()
      listeners.add(own)
      database.listen()
      return () => listeners.delete(own)
    },
    close: () => database.close(),
  }
}
