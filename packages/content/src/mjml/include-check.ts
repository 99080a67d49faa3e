import type { RenderContext, TemplateEngine, TemplateSource } from '../engine.ts'
import { TemplateProblem } from '../template-problem.ts'

/**
 * `mj-include` reads its files after the engine has run: a variable in such a file would be sent as it is. Then the template
 * fails.
 */
export class IncludeCheck {
  readonly #engine: TemplateEngine
  readonly #source: TemplateSource
  readonly #good = new Set<string>()

  constructor(engine: TemplateEngine, source: TemplateSource) {
    this.#engine = engine
    this.#source = source
  }

  /** @throws TemplateProblem */
  async check(files: ReadonlyMap<string, string>, data: unknown, context: RenderContext): Promise<void> {
    for (const [file, text] of files) {
      if (this.#good.has(text)) continue
      if (!(await this.#isPlain(text, file, data, context)))
        throw new TemplateProblem(
          `mj-include takes files as they are, but this one has something for ${this.#engine.name}. Use a partial of ${this.#engine.name} in its place, or once: true`,
          { file, line: 1 },
        )
      this.#good.add(text)
    }
  }

  async #isPlain(text: string, file: string, data: unknown, context: RenderContext): Promise<boolean> {
    try {
      const compiled = await this.#engine.compile({ ...this.#source, text, file })
      return (await compiled.render(data, context)) === text
    } catch {
      return false
    }
  }
}
