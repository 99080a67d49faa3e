import type { Db, JobInsert, PgBoss } from 'pg-boss'

/** The clock of the database, in ms since 1970. */
export const NOW_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'

/** For a column `updated_at`: each change is later than the one before, whatever the clock says. */
export const LATER_MS = `greatest(${NOW_MS}, e.updated_at + 1)`

/** A job that is to be there. Its id is that of its entry. */
export interface WantedJob {
  readonly id: string
  readonly priority: number
  /** How much later it is due, in ms. The clocks of two machines differ: only the one of the database counts. */
  readonly inMs: number
  /** The clock of the database. */
  readonly now: number
}

/** Makes jobs. Those that are due at once are announced to every process. */
export async function insertJobs(
  db: Db,
  boss: PgBoss,
  queue: string,
  wanted: readonly WantedJob[],
): Promise<void> {
  const jobs = wanted.map(({ id, priority, inMs, now }): JobInsert => ({
    id,
    priority,
    ...(inMs > 0 && { startAfter: new Date(now + inMs).toISOString() }),
  }))
  if (jobs.length > 0) await boss.insert(queue, jobs, { db })
}

/** Removes jobs, whatever became of them. */
export async function deleteJobs(db: Db, boss: PgBoss, queue: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await boss.deleteJob(queue, [...ids], { db })
}
