import type { IncludedFile, Inclusions } from '../folder/inclusions.ts'
import { positionOf } from '../position-of.ts'
import { TemplateProblem } from '../template-problem.ts'
import type { CompiledFile, Compiler } from './compiler.ts'
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
  render(data: unknown, locale: string | undefined): string {
    const include = (name: string, inner: object): string =>
      this.#included(name, (each) => this.#inclusions.seek(each)).render(inner, rendering)
    const rendering = { locale, helpers: this.#helpers, include }
    // A template that sets a property of `it` changes its own copy.
    return this.#root.render(copyOf(data), rendering)
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

/** Objects of classes stay as they are: a copy would have none of their getters. */
function copyOf(data: unknown): object {
  const prototype: unknown = typeof data === 'object' && data !== null ? Object.getPrototypeOf(data) : null
  return prototype === null || prototype === Object.prototype ? { ...(data as object) } : (data as object)
}
