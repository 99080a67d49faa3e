import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MailError } from '@loudmail/core'
import { onTestFinished } from 'vitest'
import { entryId } from '../../src/entry/entry-id.ts'
import { sqlite, type SqliteOptions } from '../../src/index.ts'
import type { NewEntry, OutboxStore } from '../../src/store.ts'

/** A folder that is removed after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A store that is closed after the test. */
export function newStore(file: string | URL, options?: SqliteOptions): OutboxStore {
  const store = sqlite(file, options)
  onTestFinished(() => store.close())
  return store
}

export function newEntry(changes: Partial<NewEntry> = {}): NewEntry {
  const now = Date.now()
  const id = entryId()
  return {
    id,
    priority: 0,
    dueAt: now,
    createdAt: now,
    progress: '{}',
    head: () => Buffer.from('head'),
    ...changes,
  }
}

/** Large content of so many octets. */
export function body(octets: number): NonNullable<NewEntry['body']> {
  return {
    async *open() {
      for (let left = octets; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536), 'x')
    },
  }
}

export async function failureOf(promise: Promise<unknown>): Promise<MailError> {
  const error = await promise.then(
    () => new Error('it should have failed'),
    (reason: unknown) => reason,
  )
  if (MailError.is(error)) return error
  throw error
}
