import type { IncludedFile, Inclusions } from '../folder/inclusions.ts'
import { positionOf } from '../position-of.ts'
import { TemplateProblem } from '../template-problem.ts'
import type { CompiledFile, Compiler, Rendering } from './compiler.ts'
import { namesIn } from './tags.ts'

/** A template with the files that it includes. */
export class Bundle {
  readonly #compiler: Compiler
  readonly #inclusions: Inclusions
  readonly #helpers: object
  readonly #files = new Map<string, CompiledFile>()
  readonly #root: CompiledFile

  /** @throws TemplateProblem for syntax errors, also in the files whose names are in the tags, and if there is no such file */
  constructor(compiler: Compiler, inclusions: Inclusions, helpers: object, text: string) {
    this.#compiler = compiler
    this.#inclusions = inclusions
    this.#helpers = helpers
    this.#root = compiler.compile(text, undefined)
    this.#includeAll(this.#root, undefined)
  }

  /** @throws TemplateProblem */
  render(data: object, locale: string | undefined, onText?: Rendering['onText']): string {
    const include = (name: string, inner: object): string =>
      this.#included(name, (each) => this.#inclusions.seek(each)).render(inner, rendering)
    const rendering: Rendering = { locale, helpers: this.#helpers, include, onText }
    return this.#root.render(data, rendering)
  }

  #includeAll({ tags, text }: CompiledFile, file: string | undefined): void {
    for (const tag of tags)
      for (const { name, index } of namesIn(tag)) {
        if (this.#files.has(name)) continue
        try {
          this.#included(name)
        } catch (cause) {
          if (cause instanceof TemplateProblem) throw cause
          throw new TemplateProblem((cause as Error).message, { file, ...positionOf(text, index), cause })
        }
      }
  }

  #included(
    name: string,
    find = (each: string): IncludedFile | undefined => this.#inclusions.find(each),
  ): CompiledFile {
    const known = this.#files.get(name)
    if (known) return known
    if (typeof name !== 'string') throw new Error('the name of the file to include is missing')
    const found = find(name)
    if (!found) throw new Error(this.#inclusions.missing(name))
    const compiled = this.#compiler.include(found)
    this.#files.set(name, compiled)
    this.#includeAll(compiled, found.file)
    return compiled
  }
}
