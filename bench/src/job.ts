import type { Target } from './client.ts'
import type { WorkName } from './work.ts'

/** What one process of one mailer does. */
export type Mode =
  /** Sends for some seconds. */
  | 'send'
  /** Composes for some seconds. */
  | 'compose'
  /** Starts so many sends at once. */
  | 'burst'
  /** Hands over so many as a source. */
  | 'many'
  /** Loads modules. */
  | 'import'

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

/** What it took. */
export interface Measure {
  /** Messages in all, with those to warm up. */
  readonly total: number
  /** Messages that were measured. */
  readonly sent: number
  readonly seconds: number
  /** CPU time of the process alone, user and system, in seconds. */
  readonly cpu: number
  /** The most memory it held, in bytes; null where that is not known. */
  readonly peak: number | null
}
