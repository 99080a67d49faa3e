import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { body, newEntry, newFolder, newStore } from './subject.ts'

it('no statement reads a table through, and what is written is synced', async () => {
  const file = join(newFolder(), 'mail.db')
  const asked = new Set<string>()
  let connection: DatabaseSync | undefined
  const connect = (path: string): DatabaseSync => {
    connection = new DatabaseSync(path)
    const prepare = connection.prepare.bind(connection)
    connection.prepare = (sql) => {
      asked.add(sql)
      return prepare(sql)
    }
    return connection
  }
  const store = newStore(file, { connect })
  await store.add(newEntry({ idempotencyKey: 'key', body: body(10) }))
  await store.add(newEntry({ idempotencyKey: 'key' }))
  await store.add(newEntry({ priority: 7, dueAt: Date.now() + 60_000 }))
  const [lease] = await store.lease(10, 60_000)
  await store.extend([lease!], 60_000)
  await store.begin(lease!)
  await store.settle(lease!, { state: 'dead' })
  await store.change(lease!.entry.id, ['dead'], { state: 'discarded', dropsMessage: true })
  await store.get(lease!.entry.id)
  await store.counts()
  for (const state of [undefined, 'waiting'] as const)
    for (const newestFirst of [false, true]) for await (const _ of store.list({ state, newestFirst }));
  await store.purge(['discarded'], Date.now() + 60_000)

  expect(asked.size).toBeGreaterThan(20)
  const reader = new DatabaseSync(file)
  for (const sql of asked) {
    if (!/^(SELECT|UPDATE|DELETE|INSERT)/.test(sql)) continue
    const steps = reader
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail))
    // The first place of an index, and an index of what is in flight alone.
    if (sql.endsWith('LIMIT 1') || sql.startsWith('SELECT min(due_at)')) steps.splice(0, 1)
    for (const step of steps) {
      // Tables of a few rows.
      if (
        /^SCAN (sqlite_schema|json_each|loudmail_migrations|loudmail_outbox_counts|pragma|\(subquery)/.test(
          step,
        )
      )
        continue
      expect(step, sql).not.toMatch(/^SCAN/)
      // Only those whose lease has ended are sorted: the others come from the index in their order.
      if (!sql.includes('loudmail_outbox_leased')) expect(step, sql).not.toContain('TEMP B-TREE')
    }
  }
  reader.close()
  const setting = (name: string): unknown => Object.values(connection!.prepare(`PRAGMA ${name}`).get()!)[0]
  expect([setting('journal_mode'), setting('synchronous'), setting('busy_timeout')]).toEqual(['wal', 2, 0])
})

it('the counts are right with many entries that are due, and many that are scheduled', async () => {
  const file = join(newFolder(), 'mail.db')
  const store = newStore(file)
  await store.open()
  const database = new DatabaseSync(file)
  const fill = (count: number, priority: number, dueAt: number): void =>
    database.exec(
      `INSERT INTO loudmail_outbox (id, priority, due_at, created_at, updated_at, progress)
       SELECT 'x' || ${priority} || '-' || ${dueAt} || '-' || value, ${priority}, ${dueAt}, 0, 0, '{}' FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ${count}) SELECT value FROM n)`,
    )
  const later = Date.now() + 86_400_000
  fill(12_000, 0, 5)
  fill(50, 3, later)
  expect(await store.counts()).toMatchObject({ waiting: 12_050, scheduled: 50, oldestDueAt: 5 })
  fill(11_000, 1, later)
  expect(await store.counts()).toMatchObject({ waiting: 23_050, scheduled: 11_050, oldestDueAt: 5 })
  database.close()
})
