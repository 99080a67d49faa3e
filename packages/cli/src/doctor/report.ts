import type { MailError, Reply, Stage } from '@loudmail/core'

/** How one step went. `skip`: it could not be tried, or was not asked for. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'skip'

/** One thing that was looked at. */
export interface Step {
  /** The stage of a send that it belongs to: `config` for the environment of the program. */
  readonly stage: Stage
  /** What was looked at, such as `TCP to 192.0.2.1:587`. */
  readonly name: string
  readonly verdict: Verdict
  readonly durationMs: number
  /** What was found, in a sentence or two. */
  readonly detail: string
  /** What the server said, without secrets. */
  readonly reply?: Reply | undefined
}

/** A change that makes it work, or may. */
export interface Fix {
  /** What to change, as a person would say it. */
  readonly change: string
  /** The URL after the change. The password is replaced by `PASSWORD`. */
  readonly url?: string | undefined
  /** The options after the change that differ, as `smtp()` (or the caller's own transport) takes them; without secrets. */
  readonly options?: Readonly<Record<string, unknown>> | undefined
  /** Tried: with this change, everything that was asked for works. */
  readonly verified: boolean
}

/** All that the doctor found. */
export interface Report {
  /** What was examined, without the password. */
  readonly url: string
  readonly verdict: Exclude<Verdict, 'skip'>
  readonly steps: readonly Step[]
  readonly failure?: MailError | undefined
  readonly fixes: readonly Fix[]
  /** Only the domain of a sender was examined, and no server. */
  readonly isSenderOnly?: boolean | undefined
}
