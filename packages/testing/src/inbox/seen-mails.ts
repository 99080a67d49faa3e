import type { InboxEntry, InboxStore } from './inbox-source.ts'
import { isSameAddress } from './mailbox.ts'
import { readTestMail, type TestMail } from './test-mail.ts'

/** The mails of a store that an inbox shows. */
export interface SeenMails {
  readonly store: InboxStore
  /** The oldest first. */
  readonly entries: () => Promise<readonly InboxEntry[]>
  /** Undefined if it is gone or not shown. */
  readonly open: (entry: InboxEntry) => Promise<TestMail | undefined>
  readonly clear: () => Promise<void>
}

/** How many entries are read at a time. */
const PAGE = 1_000

/** All mails of a store. */
export function allMails(store: InboxStore): SeenMails {
  return {
    store,
    async entries() {
      const found: InboxEntry[] = []
      for (let total = 1; found.length < total;) {
        const page = await store.list({ limit: PAGE, before: found.at(-1)?.id })
        if (page.mails.length === 0) break
        found.push(...page.mails)
        total = page.total
      }
      return found.toReversed()
    },
    async open({ id }) {
      const kept = await store.get(id)
      return kept && readTestMail(kept)
    },
    clear: () => store.clear(),
  }
}

/** Only mails whose envelope has this recipient. `clear` hides the mails that exist now. */
export function mailsFor(all: SeenMails, address: string): SeenMails {
  const hidden = new Set<string>()
  const isSeen = ({ id, envelope }: InboxEntry): boolean =>
    !hidden.has(id) && envelope.to.some((recipient) => isSameAddress(recipient, address))
  const entries = async (): Promise<InboxEntry[]> => (await all.entries()).filter(isSeen)
  return {
    store: all.store,
    entries,
    open: async (entry) => (isSeen(entry) ? all.open(entry) : undefined),
    async clear() {
      for (const { id } of await entries()) hidden.add(id)
    },
  }
}

/** Opens all of them, the oldest first. */
export async function openAll({ entries, open }: SeenMails): Promise<TestMail[]> {
  const mails = await Promise.all((await entries()).map(open))
  return mails.filter((mail) => mail !== undefined)
}
