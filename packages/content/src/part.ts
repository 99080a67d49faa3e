import { withoutData } from './call-problem.ts'
import type { CompiledPart, RenderContext, TemplateEngine, TemplateSource } from './engine.ts'
import { FileStates, textOf } from './folder/file-states.ts'
import { readText } from './folder/read-text.ts'
import { templateFailure } from './template-failure.ts'
import { TemplateProblem } from './template-problem.ts'

/** Where the source of a part comes from. Without a text and code, the text is read from its file. */
export type PartOrigin = Omit<TemplateSource, 'text'> & { readonly text?: string | undefined }

/** A part of a template: compiled when it is first used, and again when one of its files has changed. */
export class Part {
  readonly source: PartOrigin
  readonly #engine: TemplateEngine
  readonly #reload: boolean
  readonly #read: (file: string) => string | undefined
  #compiled: CompiledPart | undefined
  #pending: Promise<CompiledPart> | undefined
  #states = new FileStates()

  /**
   * @param reload looks before every rendering whether a file has changed
   * @param read reads the file of the source
   */
  constructor(
    engine: TemplateEngine,
    source: PartOrigin,
    reload: boolean,
    read = (file: string): string | undefined => readText(file),
  ) {
    this.#engine = engine
    this.source = source
    this.#reload = reload
    this.#read = read
  }

  /** The absolute paths of the files that it was made of. */
  get files(): readonly string[] {
    return [this.source.file, ...(this.#compiled?.files() ?? [])]
  }

  /** @throws MailError `compose/template` */
  async compile(): Promise<CompiledPart> {
    return this.#current() ?? this.#compileOnce()
  }

  /** @throws MailError `compose/template` */
  async render(data: unknown, context: RenderContext): Promise<string> {
    return this.#run((compiled) => compiled.render(data, context), data)
  }

  /** The subject beside the HTML, if there is one. @throws MailError `compose/template` */
  async subject(data: unknown, context: RenderContext): Promise<string | undefined> {
    return this.#run((compiled) => compiled.subject?.(data, context), data)
  }

  async #run<T>(render: (compiled: CompiledPart) => T | Promise<T>, data: unknown): Promise<T> {
    const compiled = this.#current() ?? (await this.#compileOnce())
    try {
      return await render(compiled)
    } catch (cause) {
      throw await templateFailure(withoutData(cause, data), this.source)
    } finally {
      // Some engines know their partials only after they have rendered.
      if (this.#reload) this.#note(compiled)
    }
  }

  #current(): CompiledPart | undefined {
    if (this.#reload && this.#compiled && this.#states.haveChanged()) this.#compiled = undefined
    return this.#compiled
  }

  /** Whoever asks while it is compiled waits for the same. */
  async #compileOnce(): Promise<CompiledPart> {
    this.#pending ??= this.#compile().finally(() => (this.#pending = undefined))
    return this.#pending
  }

  async #compile(): Promise<CompiledPart> {
    this.#states = new FileStates()
    try {
      const compiled = await this.#engine.compile({ ...this.source, text: this.#text() })
      if (this.#reload) this.#note(compiled)
      this.#compiled = compiled
      return compiled
    } catch (cause) {
      throw await templateFailure(cause, this.source)
    }
  }

  #text(): string {
    const { file, code, text } = this.source
    if (text !== undefined || code) return text ?? ''
    const read = this.#readFile(file)
    if (this.#reload) this.#states.note(file, read)
    if (read === undefined) throw new TemplateProblem('the file does not exist')
    return read
  }

  #readFile(file: string): string | undefined {
    try {
      return this.#read(file)
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      throw new TemplateProblem(code === 'ENOENT' ? 'the file does not exist' : message, { cause })
    }
  }

  #note(compiled: CompiledPart): void {
    const reads = compiled.reads?.() ?? compiled.files().map((file) => [file, undefined] as const)
    for (const [file, text] of reads)
      if (!this.#states.has(file)) this.#states.note(file, compiled.reads ? text : textOf(file))
  }
}
