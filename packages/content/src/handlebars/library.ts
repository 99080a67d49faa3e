import type Handlebars from 'handlebars'
import type { IncludedFile, Inclusions } from '../folder/inclusions.ts'
import { TemplateProblem } from '../template-problem.ts'
import { checkTree, type PartialUse } from './check-tree.ts'
import { syntaxProblem } from './syntax-problem.ts'

type Template = Handlebars.TemplateDelegate<unknown>

/** A compiled file, and what it includes. */
interface Entry {
  readonly text: string
  readonly template: Template
  readonly uses: readonly PartialUse[]
  readonly inlines: readonly string[]
}

/** A compiled template with all that it includes. */
export interface CompiledTemplate {
  readonly template: Template
  /** The partials whose names are in the templates. */
  readonly partials: Record<string, Template>
  /**
   * What the name of a partial means that is made when the template is rendered.
   *
   * @throws Error if there is none
   */
  readonly include: (name: string) => Template | string
}

/** What is compiled in one environment. A partial is compiled once, whoever includes it. */
export class Library {
  readonly #environment: typeof Handlebars
  readonly #strict: boolean
  readonly #entries = new Map<string, Entry>()

  constructor(environment: typeof Handlebars, strict: boolean) {
    this.#environment = environment
    this.#strict = strict
  }

  /**
   * Compiles a template and what it includes.
   *
   * @param isText nothing is escaped
   * @throws TemplateProblem
   */
  compile(text: string, inclusions: Inclusions, isText: boolean): CompiledTemplate {
    const partials: Record<string, Template> = Object.create(null)
    const inlines = new Set<string>()
    const complete = new Set<Entry>()
    const addPartialsOf = (entry: Entry): void => {
      if (complete.has(entry)) return
      const entries = [entry]
      const added: Record<string, Template> = Object.create(null)
      const absent: PartialUse[] = []
      // The list grows while it is read.
      for (const { uses } of entries)
        for (const use of uses) {
          if (use.name in partials || use.name in added) continue
          const file = found(inclusions, use)
          if (!file) {
            absent.push(use)
            continue
          }
          const included = this.#include(file, isText)
          added[use.name] = included.template
          entries.push(included)
        }
      for (const name of entries.flatMap((each) => each.inlines)) inlines.add(name)
      const lost = absent.find((use) => !inlines.has(use.name) && !use.isOptional)
      if (lost) throw new TemplateProblem(inclusions.missing(lost.name), lost)
      Object.assign(partials, added)
      complete.add(entry)
    }
    const root = this.#compile(text, undefined, isText)
    addPartialsOf(root)
    const include = (name: string): Template | string => {
      if (inlines.has(name)) return name
      const file = inclusions.seek(name)
      if (!file) throw new Error(inclusions.missing(name))
      const entry = this.#include(file, isText)
      // It may include others, whose names are in it.
      addPartialsOf(entry)
      return entry.template
    }
    return { template: root.template, partials, include }
  }

  #include({ file, text }: IncludedFile, isText: boolean): Entry {
    const key = `${isText ? 'text' : 'html'} ${file}`
    const known = this.#entries.get(key)
    if (known?.text === text) return known
    const entry = this.#compile(text, file, isText)
    this.#entries.set(key, entry)
    return entry
  }

  #compile(text: string, file: string | undefined, isText: boolean): Entry {
    const { helpers } = this.#environment
    const tree = this.#parse(text, file)
    const { uses, inlines } = checkTree(tree, Object.keys(helpers), this.#strict)
    const knownHelpers = Object.fromEntries(Object.keys(helpers).map((name) => [name, true]))
    const template = this.#environment.compile<unknown>(tree, {
      noEscape: isText,
      knownHelpers,
    })
    return { text, template, uses, inlines }
  }

  #parse(text: string, file: string | undefined): hbs.AST.Program {
    try {
      return this.#environment.parse(text, file === undefined ? {} : { srcName: file })
    } catch (error) {
      throw syntaxProblem(error, text, file)
    }
  }
}

function found(inclusions: Inclusions, use: PartialUse): IncludedFile | undefined {
  try {
    return inclusions.find(use.name)
  } catch (cause) {
    throw new TemplateProblem((cause as Error).message, { ...use, cause })
  }
}
