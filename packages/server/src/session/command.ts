/** A command line, split into its parts. */
export interface Command {
  readonly verb: string
  readonly argument: string
  readonly line: string
}
