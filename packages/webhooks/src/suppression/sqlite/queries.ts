import type { DatabaseSync } from 'node:sqlite'
import { isStronger, type CheckedSuppression } from '../checked-suppression.ts'
import type { Suppression, SuppressionReason } from '../suppression.ts'

interface Row {
  readonly address: string
  readonly reason: SuppressionReason
  readonly code: string | null
  readonly at: number
  readonly source: string | null
  readonly until: number | null
}

const SELECT = 'SELECT address, reason, code, at, source, until FROM loudmail_suppressions'
const IN_FORCE = '(until IS NULL OR until > ?)'

/** Any number of mailboxes with one query: each is searched by the key of the table. */
export const FIND = `${SELECT} WHERE mailbox IN (SELECT value FROM json_each(?)) AND ${IN_FORCE}`

/** Finds those of these mailboxes that are on the list. */
export function findSuppressions(connection: DatabaseSync, mailboxes: readonly string[]): Suppression[] {
  return connection.prepare(FIND).all(JSON.stringify(mailboxes), Date.now()).map(suppressionOf)
}

/** Adds those that are new or stronger, and removes what is over. */
export function addSuppressions(connection: DatabaseSync, suppressions: readonly CheckedSuppression[]): void {
  connection.prepare('DELETE FROM loudmail_suppressions WHERE until <= ?').run(Date.now())
  const find = connection.prepare(`${SELECT} WHERE mailbox = ?`)
  const put = connection.prepare(
    'INSERT OR REPLACE INTO loudmail_suppressions (mailbox, address, reason, code, at, source, until) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  for (const { mailbox, ...next } of suppressions) {
    const known = find.get(mailbox)
    if (known && !isStronger(next, suppressionOf(known))) continue
    const { address, reason, code = null, at, from = null, until } = next
    put.run(mailbox, address, reason, code, at.getTime(), from, until?.getTime() ?? null)
  }
}

/** @returns whether it was on the list */
export function removeSuppression(connection: DatabaseSync, mailbox: string): boolean {
  connection.prepare('DELETE FROM loudmail_soft_bounces WHERE mailbox = ?').run(mailbox)
  const removed = connection
    .prepare('DELETE FROM loudmail_suppressions WHERE mailbox = ? RETURNING until')
    .all(mailbox) as unknown as Pick<Row, 'until'>[]
  return removed.some(({ until }) => until === null || until > Date.now())
}

/** A part of the list, in the order of the mailboxes. */
export function pageOf(connection: DatabaseSync, after: string, limit: number): Suppression[] {
  return connection
    .prepare(`${SELECT} WHERE mailbox > ? AND ${IN_FORCE} ORDER BY mailbox LIMIT ?`)
    .all(after, Date.now(), limit)
    .map(suppressionOf)
}

/** Adds a soft bounce, and forgets those before a time. @returns how many are left of this mailbox */
export function countBounce(
  connection: DatabaseSync,
  { mailbox, id, at }: { readonly mailbox: string; readonly id: string; readonly at: number },
  since: number,
): number {
  connection
    .prepare('INSERT OR REPLACE INTO loudmail_soft_bounces (mailbox, id, at) VALUES (?, ?, ?)')
    .run(mailbox, id, at)
  connection.prepare('DELETE FROM loudmail_soft_bounces WHERE at < ?').run(since)
  const [row] = connection
    .prepare('SELECT count(*) AS count FROM loudmail_soft_bounces WHERE mailbox = ?')
    .all(mailbox)
  return Number(row!.count)
}

function suppressionOf(row: object): Suppression {
  const { address, reason, code, at, source, until } = row as Row
  return Object.freeze({
    address,
    reason,
    ...(code !== null && { code }),
    at: new Date(at),
    ...(source !== null && { from: source }),
    ...(until !== null && { until: new Date(until) }),
  })
}
