import type { ShownEntry, ShownOutbox, ShownState } from './shown-outbox.ts'

/** One page of the entries, the newest first. */
export interface EntryPage {
  readonly entries: readonly ShownEntry[]
  /** There are older ones. */
  readonly hasMore: boolean
}

/** Reads no more entries than one page needs. */
export async function readEntries(
  outbox: ShownOutbox,
  state: ShownState | undefined,
  before: string | undefined,
  limit: number,
): Promise<EntryPage> {
  const entries: ShownEntry[] = []
  for await (const entry of outbox.list({ state, newestFirst: true, after: before })) {
    if (entries.length >= limit) return { entries, hasMore: true }
    entries.push(entry)
  }
  return { entries, hasMore: false }
}
