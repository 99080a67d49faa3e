/** The command line is wrong: its message says what to change, and the exit status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** The command whose help tells more, such as `loudmail doctor`. */
  readonly command: string | undefined

  constructor(message: string, command?: string) {
    super(message)
    this.command = command
  }
}
