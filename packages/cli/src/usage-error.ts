/** The command line is wrong: its message says what to change, and the exit status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
