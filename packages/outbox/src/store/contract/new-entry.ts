import { entryId } from '../../entry/entry-id.ts'
import type { NewEntry } from '../store.ts'

/** An entry to add, with what a case needs to be different. */
export function newEntry(changes: Partial<NewEntry> = {}): NewEntry {
  const now = Date.now()
  const id = entryId()
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

/** Large content of this size: what is at each place can be told, and no two places near each other are alike. */
export function largeContent(octets: number): Buffer {
  const content = Buffer.alloc(octets)
  for (let at = 0; at + 4 <= octets; at += 4) content.writeUInt32LE(Math.imul(at, 0x9e3779b1) >>> 0, at)
  return content
}

/** Content as a new entry brings it, in chunks that are all in the same memory. */
export function bodyOf(content: Buffer, chunkSize = 65_536): NonNullable<NewEntry['body']> {
  const chunk = Buffer.alloc(chunkSize)
  return {
    async *open() {
      for (let at = 0; at < content.length; at += chunkSize)
        yield chunk.subarray(0, content.copy(chunk, 0, at, at + chunkSize))
    },
  }
}
