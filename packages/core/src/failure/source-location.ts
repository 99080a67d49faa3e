/** A place in a source file, such as the line of a template that failed. */
export interface SourceLocation {
  /** The path of the file, as an absolute path if it is on disk. */
  readonly file: string
  /** The first line is 1. */
  readonly line?: number | undefined
  /** The first character of a line is 1. */
  readonly column?: number | undefined
  /** The line with the lines around it, and a mark under the column. Some lines of text. */
  readonly excerpt?: string | undefined
}
