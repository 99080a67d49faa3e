import type { MailError, Message, QueueHealth, Transport } from '@loudmail/core'
import type { Progress } from '../entry/progress.ts'
import type { EntryRecord, OutboxStore } from '../store/store.ts'
import type { Retention } from './retention.ts'

/** What a worker needs to know of an outbox. */
export interface WorkSource {
  /** Where the messages are. */
  readonly store: OutboxStore
  /** How they are sent. */
  readonly transport: Transport
  /** How long entries are kept that nobody sends any more: workers remove them. */
  readonly retention: Retention
  /** How many messages there are, as it was counted last: undefined before the first time. */
  queue(): QueueHealth | undefined
  /** The message of an entry, for those who are still to get it. If it cannot be read, it is one without content. */
  unpack(
    entry: EntryRecord,
    progress: Progress,
  ): { readonly message: Message; readonly unreadable?: MailError }
}
