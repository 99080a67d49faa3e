/** Where the target is read from, and what completes it: the options of the command line, as they were given. */
export interface Source {
  /** One of these three. */
  readonly url?: string | undefined
  readonly env?: string | undefined
  readonly transport?: string | undefined
  /** The files that hold variables. Empty: those that are usual. */
  readonly envFiles: readonly string[]
  /** The process whose environment is read. Without one, this process's. */
  readonly pid?: number | undefined
  /** Which URL inside `failover(...)`: 1 is the first. */
  readonly part: number
  /** Who logs in, instead of the user of the target. */
  readonly user?: string | undefined
  /** The variable that holds the password. */
  readonly passwordEnv?: string | undefined
  readonly passwordStdin: boolean
  readonly logIn: boolean
}
