/** What is wrong with a template, and where. The template that has it turns it into a `MailError` with an excerpt. */
export class TemplateProblem extends Error {
  /** `TemplateProblem`. */
  override readonly name = 'TemplateProblem'
  /** The absolute path of the file; undefined if it is the file of the template. */
  readonly file: string | undefined
  /** The first line is 1, in the text of the source. */
  readonly line: number | undefined
  /** The first character is 1. Counted in units of UTF-16, as V8 counts, and VS Code for links like `file:2:7`. */
  readonly column: number | undefined
  /** The lines around the place, if they are not in the file, such as markup that an engine made. */
  readonly excerpt: string | undefined

  constructor(
    message: string,
    place: {
      readonly file?: string | undefined
      readonly line?: number | undefined
      readonly column?: number | undefined
      readonly excerpt?: string | undefined
      /** What the engine threw. */
      readonly cause?: unknown
    } = {},
  ) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause })
    this.file = place.file
    this.line = place.line
    this.column = place.column
    this.excerpt = place.excerpt
  }
}
