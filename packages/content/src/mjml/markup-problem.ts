/** What is wrong with the markup, and where. */
export class MarkupProblem extends Error {
  override readonly name = 'MarkupProblem'
  /** The absolute path of the included file that has it; undefined if it is in the markup itself. */
  readonly file: string | undefined
  /** The first line is 1; undefined if it is the markup as a whole. */
  readonly line: number | undefined
  /** The name of the tag, such as `mj-text`. */
  readonly tag: string | undefined
  /** The files that the markup includes, as far as they were found: the text of each by its absolute path. */
  readonly files: ReadonlyMap<string, string>

  constructor(
    message: string,
    place: {
      readonly file?: string | undefined
      readonly line?: number | undefined
      readonly tag?: string | undefined
      readonly files?: ReadonlyMap<string, string>
      readonly cause?: unknown
    },
  ) {
    super(message, { cause: place.cause })
    this.file = place.file
    this.line = place.line
    this.tag = place.tag
    this.files = place.files ?? new Map()
  }
}
