import { nearestName } from '@loudmail/core/transport'
import { TemplateProblem } from '../template-problem.ts'
import { INCLUDE, NEED, SECTION, SHOW } from './value-helpers.ts'

/** A partial that a template includes by name. */
export interface PartialUse {
  readonly name: string
  readonly file: string | undefined
  readonly line: number
  readonly column: number
  /** What is in its block is shown if it does not exist. */
  readonly isOptional: boolean
}

/** What was found in a tree. */
interface Inclusive {
  readonly uses: PartialUse[]
  /** The partials that it defines itself, by `{{#*inline}}`. */
  readonly inlines: string[]
}

/** The arguments of these may be missing, and so may those of the calls in them, as in `{{#if (eq state "paid")}}`. */
const TOLERANT = new Set(['if', 'unless', 'optional', 'log'])
/** Helpers that show nothing. */
const SILENT = new Set(['log'])

/**
 * Puts a check around every value of a tree, and says which partials it needs.
 *
 * @param helpers the names of all helpers
 * @param strict whether values that are missing fail
 * @throws TemplateProblem for a helper that does not exist
 */
export function checkTree(tree: hbs.AST.Program, helpers: readonly string[], strict: boolean): Inclusive {
  const checker = new TreeChecker(helpers, strict)
  checker.program(tree, [])
  return checker
}

class TreeChecker implements Inclusive {
  readonly uses: PartialUse[] = []
  readonly inlines: string[] = []
  readonly #helpers: readonly string[]
  readonly #strict: boolean

  constructor(helpers: readonly string[], strict: boolean) {
    this.#helpers = helpers
    this.#strict = strict
  }

  /** @param locals the block parameters that hide helpers of the same name */
  program(program: hbs.AST.Program | undefined, locals: readonly string[]): void {
    for (const statement of program?.body ?? []) this.#statement(statement, locals)
  }

  #statement(statement: hbs.AST.Statement, locals: readonly string[]): void {
    switch (statement.type) {
      case 'MustacheStatement':
        return this.#mustache(statement as hbs.AST.MustacheStatement, locals)
      case 'BlockStatement':
        return this.#block(statement as hbs.AST.BlockStatement, locals)
      case 'PartialStatement':
        return this.#partial(statement as hbs.AST.PartialStatement, locals)
      case 'PartialBlockStatement': {
        const partial = statement as hbs.AST.PartialBlockStatement
        this.#partial(partial, locals)
        return this.program(partial.program, locals)
      }
      case 'DecoratorBlock': {
        const { params, program } = statement as hbs.AST.DecoratorBlock
        const [name] = params as Partial<hbs.AST.StringLiteral>[]
        if (typeof name?.value === 'string') this.inlines.push(name.value)
        return this.program(program, locals)
      }
      default:
    }
  }

  #mustache(statement: hbs.AST.MustacheStatement, locals: readonly string[]): void {
    const { params, hash, loc } = statement
    // `{{"name"}}` is `{{name}}`.
    const { original } = statement.path as { readonly original: string | number | boolean }
    const path = isPath(statement.path) ? statement.path : helperPath(String(original), statement.path)
    if (!this.#isCall(statement, locals)) {
      if (this.#strict)
        Object.assign(statement, {
          path: helperPath(SHOW, path),
          params: [path, text(path.original, path)],
          loc: path.loc,
        })
      return
    }
    this.#arguments(path, params, hash, locals)
    if (!this.#strict || SILENT.has(path.original)) return
    const inner = { type: 'SubExpression', path, params, hash, loc }
    Object.assign(statement, {
      path: helperPath(SHOW, statement),
      params: [inner, text(`${path.original}()`, path)],
      hash: undefined,
    })
  }

  #block(statement: hbs.AST.BlockStatement, locals: readonly string[]): void {
    const { path, params, hash, program, inverse } = statement
    // What follows `{{else}}` is shown for a value that is missing.
    if (this.#isCall(statement, locals))
      this.#arguments(path, params, hash, locals, inverse !== undefined && inverse !== null)
    else if (this.#strict && !inverse)
      Object.assign(statement, {
        path: helperPath(SECTION, path),
        params: [path, text(path.original, path)],
        loc: path.loc,
      })
    this.program(program, [...locals, ...(program?.blockParams ?? [])])
    this.program(inverse, [...locals, ...(inverse?.blockParams ?? [])])
  }

  #partial(
    statement: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement,
    locals: readonly string[],
  ): void {
    const { name, params, hash, type, loc } = statement
    this.#values(params, hash, locals)
    if (name.type === 'SubExpression') {
      this.#arguments(name.path, name.params, name.hash, locals)
      statement.name = call(INCLUDE, [name], name)
      return
    }
    const original = String((name as { readonly original: string | number }).original)
    if (original === '@partial-block') return
    // A name with a folder is that of a file. Others may be defined inside of a template.
    const isOptional = type === 'PartialBlockStatement' && !original.includes('/')
    const { line, column } = name.loc.start
    this.uses.push({
      name: original,
      file: loc.source ?? undefined,
      line,
      column: column + 1,
      isOptional,
    })
  }

  #arguments(
    path: hbs.AST.PathExpression,
    params: hbs.AST.Expression[],
    hash: hbs.AST.Hash | undefined,
    locals: readonly string[],
    isTolerant = false,
  ): void {
    const { original, loc } = path
    // Without checks, Handlebars itself looks for a function in the data.
    if (this.#strict && !this.#helpers.includes(original)) {
      const near = nearestName(
        original,
        this.#helpers.filter((name) => /^\w/.test(name)),
      )
      throw new TemplateProblem(
        `there is no helper ${original}${near === undefined ? '' : `. Did you mean ${near}?`}`,
        { file: loc.source ?? undefined, line: loc.start.line, column: loc.start.column + 1 },
      )
    }
    this.#values(params, hash, locals, isTolerant || TOLERANT.has(original))
  }

  #values(
    params: hbs.AST.Expression[],
    hash: hbs.AST.Hash | undefined,
    locals: readonly string[],
    isTolerant = false,
  ): void {
    for (const [index, param] of params.entries()) params[index] = this.#value(param, locals, isTolerant)
    for (const pair of hash?.pairs ?? []) pair.value = this.#value(pair.value, locals, isTolerant)
  }

  #value(value: hbs.AST.Expression, locals: readonly string[], isTolerant: boolean): hbs.AST.Expression {
    if (value.type === 'SubExpression') {
      const { path, params, hash } = value as hbs.AST.SubExpression
      this.#arguments(path, params, hash, locals, isTolerant)
      return value
    }
    if (!this.#strict || isTolerant || !isPath(value)) return value
    return call(NEED, [value, text(value.original, value)], value)
  }

  /** Whether Handlebars calls a helper here. If not, it shows a value of the data. */
  #isCall(
    { path, params, hash }: hbs.AST.MustacheStatement | hbs.AST.BlockStatement,
    locals: readonly string[],
  ): boolean {
    if (params.length > 0 || hash) return true
    return (
      this.#helpers.includes((path as hbs.AST.PathExpression).original) &&
      !locals.includes((path as hbs.AST.PathExpression).original)
    )
  }
}

function isPath(node: hbs.AST.Node): node is hbs.AST.PathExpression {
  return node.type === 'PathExpression'
}

function helperPath(name: string, { loc }: hbs.AST.Node): hbs.AST.PathExpression {
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc }
}

function text(value: string, { loc }: hbs.AST.Node): hbs.AST.StringLiteral {
  return { type: 'StringLiteral', value, original: value, loc }
}

function call(name: string, params: hbs.AST.Expression[], node: hbs.AST.Node): hbs.AST.SubExpression {
  return {
    type: 'SubExpression',
    path: helperPath(name, node),
    params,
    loc: node.loc,
  } as hbs.AST.SubExpression
}
