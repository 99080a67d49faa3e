import { handlebars } from '../../src/handlebars/index.ts'
import type { TemplateEngine } from '../../src/index.ts'

/** Handlebars that notes the file of every source that it compiles. */
export function countingEngine(): TemplateEngine & { readonly compiled: string[] } {
  const engine = handlebars()
  const compiled: string[] = []
  return {
    ...engine,
    compiled,
    compile(source) {
      compiled.push(source.file)
      return engine.compile(source)
    },
  }
}
