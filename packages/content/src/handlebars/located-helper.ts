import { TemplateProblem } from '../template-problem.ts'

/** Where a call is, as Handlebars tells helpers. */
interface CallOptions {
  readonly name?: unknown
  readonly loc?: {
    readonly source?: string | null
    readonly start: { readonly line: number; readonly column: number }
  }
}

/** What is wrong at the place of a call. */
export function problemAt(message: string, options: unknown, cause?: unknown): TemplateProblem {
  const { loc } = (options ?? {}) as CallOptions
  return new TemplateProblem(message, {
    file: loc?.source ?? undefined,
    line: loc?.start.line,
    column: loc && loc.start.column + 1,
    cause,
  })
}

/** A helper whose errors have the place of its call. */
export function located(helper: (...args: never[]) => unknown): (...args: unknown[]) => unknown {
  return function locatedHelper(this: unknown, ...args) {
    try {
      return Reflect.apply(helper, this, args)
    } catch (cause) {
      // What is wrong in the block of a helper has its own place.
      if (cause instanceof TemplateProblem) throw cause
      const options = args.at(-1) as CallOptions | undefined
      const why = cause instanceof Error ? cause.message : String(cause)
      throw problemAt(`the helper ${String(options?.name)} failed: ${why}`, options, cause)
    }
  }
}
