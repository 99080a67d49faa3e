import type { MailStore } from '../stores/mail-store.ts'

/** How many opened mails are remembered for each store. */
const MOST = 10_000

const opened = new WeakMap<MailStore, Set<string>>()

/** The mails of a store that somebody opened since the program started. */
export function seenMails(store: MailStore): ReadonlySet<string> {
  return opened.get(store) ?? new Set()
}

/** Remembers that somebody opened a mail. */
export function markSeen(store: MailStore, id: string): void {
  const seen = opened.get(store) ?? new Set()
  opened.set(store, seen.add(id))
  if (seen.size > MOST) seen.delete(seen.values().next().value!)
}
