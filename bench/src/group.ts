import type { DatabaseName } from './databases.ts'
import type { Mode } from './job.ts'
import type { ServerName } from './servers.ts'
import type { WorkName } from './work.ts'

/** One mailer of a group, used in one way. */
export interface Contestant {
  readonly label: string
  /** Its file in `clients/`, or the modules to import. */
  readonly client: string
  readonly variant?: string
  /** The checkout whose build is used instead of this one. */
  readonly folder?: string
  readonly window?: number
  readonly count?: number
  /** A JavaScript mailer that Loudmail is compared with. */
  readonly isPeer?: boolean
  /** The program it needs. */
  readonly needs?: string
  /** Where it keeps messages. */
  readonly database?: DatabaseName
}

export type Metric = 'rate' | 'cpu' | 'peak'

/** What Loudmail must reach, as a ratio of figures of the same round. */
export interface Goal {
  readonly of: string
  readonly metric: Metric
  readonly to: string
  readonly atLeast?: number
  readonly atMost?: number
}

/** Contestants that take turns on the same work. */
export interface Group {
  readonly id: string
  /** `--only` with this name runs all groups that have it. */
  readonly suite?: string
  readonly title: string
  readonly mode: Mode
  readonly server?: ServerName
  readonly roundTripMs?: number
  readonly connections: number
  /** With STARTTLS and a log-in. */
  readonly secure?: boolean
  readonly work: WorkName
  readonly seconds: number
  readonly count?: number
  /** How many processes send what is kept. */
  readonly workers?: number
  /** Flags for the node process of each contestant. */
  readonly flags?: readonly string[]
  /** The number of rounds, if more than usual are needed. */
  readonly pairs?: number
  /** The others are compared with the first. */
  readonly contestants: readonly Contestant[]
  readonly goals: readonly Goal[]
}

export const BEST_PEER = 'the best JavaScript peer'
