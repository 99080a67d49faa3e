import type { MailError, Message, QueueHealth, Transport } from '@loudmail/core'
import type { Progress } from '../entry/progress.ts'
import type { EntryRecord, OutboxStore } from '../store/store.ts'
import type { Retention } from './retention.ts'

/** The message of an entry. If it cannot be read, it is one without content. */
export interface Unpacked {
  /** With all recipients. */
  readonly whole: Message
  /** For those who are still to get it. */
  readonly message: Message
  /** Why it cannot be read. */
  readonly unreadable?: MailError | undefined
}

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
  /** The message of an entry. */
  unpack(entry: EntryRecord, progress: Progress): Unpacked
}
