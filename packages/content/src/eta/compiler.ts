import { Eta, EtaParseError, type TemplateFunction } from 'eta'
import { codeProblem, tagProblem } from './syntax-problem.ts'
import { bracketsIn, tagsOf, withoutEmptyLines, type Tag } from './tags.ts'
import { TemplateProblem } from '../template-problem.ts'

/** What every file of one rendering uses. */
export interface Rendering {
  readonly locale: string | undefined
  readonly helpers: object
  /** Renders another file. */
  readonly include: (name: string, data: object) => string
  /** Is called with every text that a tag shows. */
  readonly onText?: ((text: string, place: TagPlace) => void) | undefined
}

/** Where a tag is. */
export interface TagPlace {
  /** The absolute path of the file; undefined for the template itself. */
  readonly file: string | undefined
  readonly line: number
  readonly column: number
}

/** A compiled file. */
export interface CompiledFile {
  readonly text: string
  readonly tags: readonly Tag[]
  render(data: object, rendering: Rendering): string
}

/** Code in front of a tag cannot be followed by these. */
const GOES_ON = /^\s*(?:(?:case|default|else|catch|finally)\b|[.,:;?)\]])/

/** Compiles files. Each is compiled once, whoever includes it. */
export class Compiler {
  readonly #eta: Eta
  readonly #strict: boolean
  readonly #known = new Map<string, CompiledFile>()
  #source = ''
  #tags: Tag[] = []

  /** @param isText nothing is escaped */
  constructor({ helpers, strict, isText }: { helpers: readonly string[]; strict: boolean; isText: boolean }) {
    this.#strict = strict
    this.#eta = new Eta({
      autoEscape: !isText,
      autoTrim: false,
      functionHeader: `const {locale,helpers:{${helpers.join(',')}}}=options;`,
      plugins: [
        {
          processAST: (nodes) => {
            const codes = nodes.flatMap((node) => (typeof node === 'string' ? [] : [node.val]))
            const tags = tagsOf(this.#source, codes)
            this.#tags = tags
            let next = 0
            return nodes.map((node) => {
              if (typeof node === 'string') return node
              const at = next++
              const code = `/*@${at}*/${node.val}`
              if (node.t === 'e')
                return { ...node, val: GOES_ON.test(node.val) ? code : `__at=${at};${code}` }
              // `<%~ block('main', () => { %>` goes on in other tags.
              if (node.t === 'r' && !isComplete(node.val)) return { ...node, val: `(__at=${at},'')+${code}` }
              return { ...node, val: `this.shown((__at=${at},${code}),${at},options)` }
            })
          },
          processFnString: (code) =>
            `let __at;try{return(()=>{${code}})()}catch(error){throw this.failed(error,__at)}`,
        },
      ],
    })
  }

  /** @throws TemplateProblem */
  include({ file, text }: { readonly file: string; readonly text: string }): CompiledFile {
    const known = this.#known.get(file)
    if (known?.text === text) return known
    const compiled = this.compile(text, file)
    this.#known.set(file, compiled)
    return compiled
  }

  /**
   * @param file undefined for the template itself
   * @throws TemplateProblem
   */
  compile(text: string, file: string | undefined): CompiledFile {
    this.#source = withoutEmptyLines(text)
    const compiled = this.#function(file)
    const tags = this.#tags
    const strict = this.#strict
    const scope = {
      config: this.#eta.config,
      render: (name: string, data: object, { include }: Rendering) => include(name, data),
      shown: (value: unknown, at: number, { onText }: Rendering) => {
        if (value === undefined || value === null) {
          if (strict) throw missing(value, tags[at]!, file)
          return ''
        }
        if (onText && typeof value === 'string')
          onText(value, { file, line: tags[at]!.line, column: tags[at]!.column })
        if (typeof value === 'object') checkShown(value, tags[at]!, file)
        return value
      },
      failed: (cause: unknown, at: number | undefined) =>
        cause instanceof TemplateProblem
          ? cause
          : failed(cause, at === undefined ? undefined : tags[at], file),
    }
    return {
      text,
      tags,
      render: (data, rendering) => Reflect.apply(compiled, scope, [data, rendering]) as string,
    }
  }

  #function(file: string | undefined): TemplateFunction {
    try {
      return this.#eta.compile(this.#source)
    } catch (error) {
      if (!(error instanceof EtaParseError) || !error.message.startsWith('Bad template syntax'))
        throw tagProblem(error, file)
      throw codeProblem(this.#eta.compileToString(this.#source), {
        text: this.#source,
        tags: this.#tags,
        file,
      })
    }
  }
}

function missing(value: undefined | null, tag: Tag, file: string | undefined): TemplateProblem {
  const { code } = tag
  return new TemplateProblem(
    `${shortened(code)} is ${value === null ? 'null' : 'missing in the data'}. If it is optional, write <%= ${shortened(code)} ?? '' %>`,
    { file, line: tag.line, column: tag.column },
  )
}

function checkShown(value: object, { code, line, column }: Tag, file: string | undefined): void {
  const place = { file, line, column }
  if (value instanceof Promise)
    throw new TemplateProblem(
      `${shortened(code)} is a promise: wait for it before the template is filled`,
      place,
    )
  const { toString: text } = value as { toString?: unknown }
  if (text === undefined || text === Object.prototype.toString)
    throw new TemplateProblem(
      `${shortened(code)} is an object, which has no text. Name one of its properties`,
      place,
    )
}

function failed(cause: unknown, tag: Tag | undefined, file: string | undefined): TemplateProblem {
  const why = cause instanceof Error ? cause.message : String(cause)
  const where = tag && cause instanceof Error ? ` in ${shortened(tag.code)}` : ''
  const advice = tag && cause instanceof ReferenceError ? '. The data is in it, as in it.name' : ''
  return new TemplateProblem(why + where + advice, { file, line: tag?.line, column: tag?.column, cause })
}

function isComplete(code: string): boolean {
  const brackets = bracketsIn(code)
  return ['(', '[', '{'].every(
    (open, index) => brackets.split(open).length === brackets.split(')]}'[index]!).length,
  )
}

function shortened(code: string): string {
  const line = code.trim().replaceAll(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 60)}...` : line
}
