import { sqlite } from '@loudmail/outbox'
import { pgBoss } from '@loudmail/outbox/pg-boss'
import type { OutboxStore } from '@loudmail/outbox/store'

/** The store at a place: the URL of a database of PostgreSQL, or the path of a SQLite file. */
export function storeAt(place: string): OutboxStore {
  return isPostgres(place) ? pgBoss({ url: place, connections: 5 }) : sqlite(place)
}

export function isPostgres(place: string): boolean {
  return place.startsWith('postgres:')
}
