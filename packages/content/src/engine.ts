/** Where a template is rendered for whom. */
export interface RenderContext {
  /** The language tag that was asked for (BCP 47), such as `de-AT`; undefined if none was. */
  readonly locale: string | undefined
  /** Aborts when the send ends. */
  readonly signal: AbortSignal
}

/** Code in place of a source text: a component, or a function that returns markup. */
export type TemplateCode = (data: never, context: RenderContext) => unknown

/** The source of one part of a template. */
export interface TemplateSource {
  /** Which part it is. Only `html` is HTML: values in the others are not escaped. */
  readonly part: 'subject' | 'html' | 'text'
  /** The text of the file or of the option; empty for code. */
  readonly text: string
  /** Code in place of a text. */
  readonly code?: TemplateCode | undefined
  /** The absolute path of the file that it comes from, or of the program that has it as a text or as code. */
  readonly file: string
  /** The line of `file` at which the template is made, for a text or code in a program. */
  readonly line?: number | undefined
  /** The absolute path of the folder that partials and layouts come from; undefined if there is none. */
  readonly folder: string | undefined
  /** The language of the source (BCP 47): partials and layouts in it come first. Undefined if it is not known. */
  readonly locale: string | undefined
}

/** A part of a template that is ready to be rendered, many times. */
export interface CompiledPart {
  /** @throws TemplateProblem or any other error */
  render(data: unknown, context: RenderContext): string | Promise<string>
  /** The absolute paths of the other files that it is made of, such as partials and layouts, as far as they are known. */
  readonly files: () => readonly string[]
  /**
   * The text of each of these files as it was read, and undefined for one that was looked for and was not there. In
   * development, it is compiled again when one of them differs. @default the files as they are after compiling
   */
  readonly reads?: (() => ReadonlyMap<string, string | undefined>) | undefined
  /** The subject, if the source of the HTML has one beside it. @default the `<title>` of the HTML */
  readonly subject?: ((data: unknown, context: RenderContext) => string | Promise<string>) | undefined
}

/** A template engine: it turns the source of a part into a function. */
export interface TemplateEngine {
  /** Its name in messages, such as `handlebars`. */
  readonly name: string
  /** How the names of its files end, such as `.hbs`. */
  readonly extensions: readonly string[]
  /** What it makes has its CSS inlined already. @default false */
  readonly inlinesCss?: boolean | undefined
  /** It takes code in place of a text. @default false */
  readonly takesCode?: boolean | undefined
  /** The code may be a component of React that is no function, as `memo()` returns. @default false */
  readonly takesComponents?: boolean | undefined
  /** @throws TemplateProblem or any other error, if the source is not valid */
  compile(source: TemplateSource): CompiledPart | Promise<CompiledPart>
}
