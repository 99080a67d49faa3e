import { checkOptions, configError } from '@loudmail/core/transport'
import type { CompiledPart, TemplateEngine, TemplateSource } from '../engine.ts'
import { plainEngine } from '../plain-engine.ts'
import { TemplateProblem } from '../template-problem.ts'
import { IncludeCheck } from './include-check.ts'
import { MarkupProblem } from './markup-problem.ts'
import type { MjmlSettings } from './mjml-settings.ts'
import { problemInSource } from './problem-in-source.ts'
import { toHtml } from './to-html.ts'

/** The options of {@link mjml}. */
export interface MjmlOptions {
  /** The engine that puts the data into the markup. @default none: the markup is as it is, or a function returns it */
  readonly engine?: TemplateEngine | undefined
  /**
   * Turns the markup into HTML once, when the template is compiled; the engine then runs on the HTML. A message costs
   * microseconds in place of milliseconds, but the markup must be complete before there is data: blocks of the engine
   * between tags of MJML stand in `<mj-raw>`, and no block is around an attribute. @default false
   */
  readonly once?: boolean | undefined
  /** Options of MJML itself. */
  readonly options?: MjmlSettings | undefined
}

/** What this engine sets. */
const OWN = ['actualPath', 'filePath', 'ignoreIncludes', 'includePath', 'validationLevel'] as const

/**
 * MJML as a template engine: tags such as `<mj-button>` become HTML that mail programs show alike. Subject and text are for
 * the inner engine alone. What MJML would leave out in silence is a failure: unknown tags and attributes, tags that are not
 * closed, text where it has no place, files of `mj-include` that are missing or outside of the folder.
 *
 * @throws MailError `config/invalid-config`
 */
export function mjml(options: MjmlOptions = {}): TemplateEngine {
  checkOptions(options, 'mjml()', { engine: true, once: true, options: true })
  const { engine = plainEngine, once = false, options: settings = {} } = options
  if (typeof engine?.compile !== 'function')
    throw configError('the engine of mjml() must be an engine, such as handlebars()')
  const taken = OWN.find((name) => name in settings)
  if (taken !== undefined) throw configError(`mjml() sets ${taken} itself: leave it out of its options`)
  return {
    name: engine === plainEngine ? 'mjml' : `mjml(${engine.name})`,
    extensions: [...new Set(['.mjml', ...engine.extensions])],
    inlinesCss: true,
    takesCode: true,
    compile(source) {
      const inner = source.code ? plainEngine : engine
      if (source.part !== 'html') return inner.compile(source)
      // Without an engine, the markup never changes.
      const isFixed = !source.code && (once || engine === plainEngine)
      return (isFixed ? markupFirst : engineFirst)(inner, source, settings)
    },
  }
}

/** For each message, the engine makes the markup, and MJML the HTML. */
async function engineFirst(
  engine: TemplateEngine,
  source: TemplateSource,
  settings: MjmlSettings,
): Promise<CompiledPart> {
  const compiled = await engine.compile(source)
  const includes = new IncludeCheck(engine, source)
  let included: ReadonlyMap<string, string> = new Map()
  return {
    async render(data, context) {
      const markup = await compiled.render(data, context)
      try {
        const { html, files } = await toHtml(markup, source, settings, false)
        included = files
        if (!source.code) await includes.check(files, data, context)
        return html
      } catch (cause) {
        if (!(cause instanceof MarkupProblem)) throw cause
        included = cause.files
        throw await problemInSource(cause, markup, source)
      }
    },
    ...filesOf(compiled, () => included),
  }
}

/** MJML makes the HTML once. For each message, the engine fills it in. */
async function markupFirst(
  engine: TemplateEngine,
  source: TemplateSource,
  settings: MjmlSettings,
): Promise<CompiledPart> {
  // The same text before MJML: the places of the engine's mistakes are right in it.
  const original = await engine.compile(source)
  const { html, files } = await toHtml(source.text, source, settings, engine !== plainEngine).catch(
    async (cause: unknown) => {
      throw cause instanceof MarkupProblem ? await problemInSource(cause, source.text, source) : cause
    },
  )
  const compiled = await filledIn(() => engine.compile({ ...source, text: html }))
  return {
    async render(data, context) {
      return filledIn(
        () => compiled.render(data, context),
        () => original.render(data, context),
      )
    },
    ...filesOf(compiled, () => files),
  }
}

/** The files of the engine and those of `mj-include`. */
function filesOf(
  { files, reads }: Pick<CompiledPart, 'files' | 'reads'>,
  included: () => ReadonlyMap<string, string>,
): Pick<CompiledPart, 'files' | 'reads'> {
  return {
    files: () => [...files(), ...included().keys()],
    ...(reads && { reads: () => new Map([...reads(), ...included()]) }),
  }
}

/** Does what may fail in the HTML, where lines mean nothing to the author. */
async function filledIn<T>(inHtml: () => T | Promise<T>, inSource?: () => unknown): Promise<T> {
  try {
    return await inHtml()
  } catch (cause) {
    await inSource?.()
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new TemplateProblem(`in the HTML that MJML made: ${problem}`, { cause })
  }
}
