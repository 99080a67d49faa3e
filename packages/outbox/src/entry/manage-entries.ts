import { types } from 'node:util'
import { checkOptions, configError } from '@loudmail/core/transport'
import { reopened, resolved } from './decided.ts'
import { ENTRY_STATES, entryOf, stateOf, type EntryState, type OutboxEntry } from './entry.ts'
import { EntryStateError } from './entry-state-error.ts'
import type { EntryChange, EntryRecord, KeptState, OutboxStore, StateCounts } from '../store/store.ts'

/** Which entries to list. */
export interface ListOptions {
  /** Only those in this state. @default all */
  readonly state?: EntryState | undefined
  /** The newest first. @default the oldest first */
  readonly newestFirst?: boolean | undefined
  /** Only those that follow the entry with this id, in the order of the list: for another page of it. @default from its start */
  readonly after?: string | undefined
}

/** How many entries there are in each state. */
export type OutboxCounts = Readonly<Record<EntryState, number>> & {
  /** How long the oldest entry that is due has been waiting, in ms; 0 if none is. */
  readonly oldestWaitingMs: number
}

/** What people do with the entries of an outbox. */
export interface EntryManagement {
  /** Entries, read as the caller asks for them. */
  list(options?: ListOptions): AsyncIterable<OutboxEntry>
  /** One entry; undefined if there is none with this id. */
  get(id: string): Promise<OutboxEntry | undefined>
  /** How many entries there are. */
  counts(): Promise<OutboxCounts>
  /**
   * Sends an entry now that is `dead`, `scheduled` or `waiting`: to those who did not get it.
   *
   * @throws EntryStateError if it is in another state
   */
  retry(id: string): Promise<void>
  /**
   * Gives up an entry that is `dead`, `in-doubt`, `scheduled` or `waiting`.
   *
   * @throws EntryStateError if it is in another state
   */
  discard(id: string): Promise<void>
  /**
   * Settles an entry that is `in-doubt`, once a person knows: it was `delivered`, or it was not and is sent again to those in
   * doubt.
   *
   * @throws EntryStateError if it is in another state
   */
  resolve(id: string, outcome: 'delivered' | 'not-delivered'): Promise<void>
  /** Removes entries in these states that changed last before this time. Resolves to how many. */
  purge(options: {
    /** @default sent and discarded */
    readonly states?: readonly ('sent' | 'discarded' | 'dead')[]
    /** Their last change was before this time. */
    readonly before: Date
  }): Promise<number>
}

const PURGED = ['sent', 'discarded'] as const

/** @param giveUpMs how long an entry is tried that a person sends again */
export function manageEntries(store: OutboxStore, giveUpMs: number): EntryManagement {
  /** Changes an entry as it is now. If somebody else changes it meanwhile, it is read again. */
  async function change(
    id: string,
    from: readonly KeptState[],
    next: (record: EntryRecord) => EntryChange,
  ): Promise<void> {
    for (;;) {
      const found = await store.get(id)
      if (!found || !from.includes(found.state)) throw new EntryStateError(id, found && stateOf(found))
      if (await store.change(id, [found.state], next(found), found.updatedAt)) return
    }
  }

  return {
    async *list(options = {}) {
      checkOptions(options, 'list()', { state: true, newestFirst: true, after: true })
      const { state, newestFirst, after } = options
      checkStates('list() state', state === undefined ? [] : [state], ENTRY_STATES)
      const now = Date.now()
      const kept = state === 'scheduled' ? 'waiting' : state
      const due = state === 'scheduled' ? { dueAfter: now } : state === 'waiting' ? { dueUntil: now } : {}
      for await (const each of store.list({ state: kept, newestFirst, after, ...due }))
        yield entryOf(each, now)
    },
    async get(id) {
      const found = await store.get(id)
      return found && entryOf(found)
    },
    counts: async () => countsOf(await store.counts()),
    retry: (id) =>
      change(id, ['waiting', 'dead'], ({ state, progress }) => ({
        state: 'waiting',
        dueAt: Date.now(),
        ...(state === 'dead' && reopened(progress, ['rejected', 'not-attempted'], giveUpMs)),
      })),
    discard: (id) =>
      change(id, ['waiting', 'dead', 'in-doubt'], () => ({ state: 'discarded', dropsMessage: true })),
    async resolve(id, outcome) {
      // Whoever means "delivered" and writes something else must not send it again.
      if (outcome !== 'delivered' && outcome !== 'not-delivered')
        throw configError("resolve() needs 'delivered' or 'not-delivered'")
      await change(id, ['in-doubt'], ({ progress }) =>
        outcome === 'delivered'
          ? resolved(progress)
          : { state: 'waiting', dueAt: Date.now(), ...reopened(progress, ['unknown'], giveUpMs) },
      )
    },
    async purge(options) {
      checkOptions(options, 'purge()', { states: true, before: true })
      const { states = PURGED, before } = options
      checkStates('purge() states', states, [...PURGED, 'dead'])
      if (!types.isDate(before) || Number.isNaN(before.getTime()))
        throw configError('purge() before must be a valid Date')
      return store.purge(states, before.getTime())
    },
  }
}

/** @throws MailError `config/invalid-config` if it is no list of states that may be named here */
function checkStates(name: string, given: readonly string[], known: readonly string[]): void {
  if (!Array.isArray(given) || !given.every((state) => known.includes(state)))
    throw configError(`${name} must be one of ${known.join(', ')}`)
}

/** The numbers as people see them. */
export function countsOf(counts: StateCounts): OutboxCounts {
  const { scheduled, waiting, oldestDueAt, ...others } = counts
  return {
    ...others,
    scheduled,
    waiting: waiting - scheduled,
    oldestWaitingMs: oldestDueAt === undefined ? 0 : Math.max(0, Date.now() - oldestDueAt),
  }
}
