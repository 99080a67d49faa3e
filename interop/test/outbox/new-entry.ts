import { randomUUID } from 'node:crypto'
import type { NewEntry } from '@loudmail/outbox/store'

/** An entry to add, with what a test needs to be different. */
export function newEntry(changes: Partial<NewEntry> = {}): NewEntry {
  const now = Date.now()
  const id = randomUUID()
  return {
    id,
    messageId: `<${id}@sender.example>`,
    priority: 0,
    dueAt: now,
    createdAt: now,
    progress: '{}',
    head: () => Buffer.from('head'),
    ...changes,
  }
}
