import type { Target } from './client.ts'
import type { KeptTarget } from './kept.ts'
import type { WorkName } from './work.ts'

/** What one process does with one mailer. */
export type Mode =
  /** Sends for some seconds. */
  | 'send'
  /** Composes for some seconds. */
  | 'compose'
  /** Starts all sends at once. */
  | 'burst'
  /** Passes all messages as one iterable. */
  | 'many'
  /** Loads modules. */
  | 'import'
  /** Keeps messages on disk for some seconds. */
  | 'enqueue'
  /** Sends what is kept. */
  | 'deliver'

export interface Job {
  readonly mode: Mode
  readonly client: string
  readonly target: Target
  readonly work: WorkName
  /** Where the large attachment is. */
  readonly file: string
  readonly warmUp: number
  readonly seconds: number
  /** For `burst` and `many`. */
  readonly count: number
}

/** What a process does with messages that are kept. */
export interface KeptJob {
  readonly client: string
  readonly target: KeptTarget
  readonly work: WorkName
  readonly file: string
  readonly warmUp: number
  readonly seconds: number
  /** How many messages are sent. */
  readonly count: number
  /** How many processes send. With 0, messages are only kept. */
  readonly workers: number
}

/** The measurements of a process. */
export interface Measure {
  /** All messages, including those of the warm-up. */
  readonly total: number
  /** Messages that were measured. */
  readonly sent: number
  readonly seconds: number
  /** CPU time of the process alone, user and system, in seconds. */
  readonly cpu: number
  /** The most memory that it used, in bytes; null if that is not known. */
  readonly peak: number | null
}
