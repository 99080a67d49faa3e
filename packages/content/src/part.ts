import { readFile, stat } from 'node:fs/promises'
import type { CompiledPart, RenderContext, TemplateEngine, TemplateSource } from './engine.ts'
import { templateFailure } from './template-failure.ts'

/** A part of a template: compiled when it is first used, and again when one of its files has changed. */
export class Part {
  readonly #engine: TemplateEngine
  readonly #source: Omit<TemplateSource, 'text'> & { readonly text?: string | undefined }
  readonly #reload: boolean
  #compiled: Promise<CompiledPart> | undefined
  /** When each file was changed, as it was compiled. */
  #stamps = new Map<string, string>()
  #files: readonly string[] = []

  /**
   * @param source without a text or code, the text is read from its file
   * @param reload looks before every rendering whether a file has changed
   */
  constructor(engine: TemplateEngine, source: Part['source'], reload: boolean) {
    this.#engine = engine
    this.#source = source
    this.#reload = reload
  }

  get source(): Omit<TemplateSource, 'text'> & { readonly text?: string | undefined } {
    return this.#source
  }

  /** The absolute paths of the files that it was made of. */
  get files(): readonly string[] {
    return [this.#source.file, ...this.#files]
  }

  /** @throws MailError `compose/template` */
  async compile(): Promise<CompiledPart> {
    if (this.#compiled && this.#reload && (await this.#hasChanged())) this.#compiled = undefined
    this.#compiled ??= this.#compileNow()
    return this.#compiled
  }

  /** @throws MailError `compose/template` */
  async render(data: unknown, context: RenderContext): Promise<string> {
    const compiled = await this.compile()
    try {
      return await compiled.render(data, context)
    } catch (cause) {
      throw await templateFailure(cause, this.#source)
    } finally {
      await this.#note(compiled)
    }
  }

  async #compileNow(): Promise<CompiledPart> {
    const { file, code } = this.#source
    this.#stamps = new Map()
    try {
      if (this.#reload) this.#stamps.set(file, await stampOf(file))
      const text = this.#source.text ?? (code ? '' : await readFile(file, 'utf8'))
      const compiled = await this.#engine.compile({ ...this.#source, text })
      await this.#note(compiled)
      return compiled
    } catch (cause) {
      // Another attempt compiles it again: the file may be complete by then.
      this.#compiled = undefined
      throw await templateFailure(cause, this.#source)
    }
  }

  /** Some engines know their partials only after they have rendered. */
  async #note(compiled: CompiledPart): Promise<void> {
    const files = compiled.files()
    this.#files = files
    if (!this.#reload) return
    for (const file of files) if (!this.#stamps.has(file)) this.#stamps.set(file, await stampOf(file))
  }

  async #hasChanged(): Promise<boolean> {
    for (const [file, stamp] of this.#stamps) if ((await stampOf(file)) !== stamp) return true
    return false
  }
}

async function stampOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return 'missing'
  }
}
