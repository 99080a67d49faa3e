import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOptions, configError } from '@loudmail/core/transport'
import { callProblem } from './call-problem.ts'
import type { RenderContext, TemplateCode, TemplateEngine } from './engine.ts'
import { filled, type Template } from './filled-template.ts'
import { checkImages, type FinishOptions } from './finish-options.ts'
import { isLanguageTag, notALanguageTag } from './folder/language-tag.ts'
import { Part } from './part.ts'
import { plainEngine } from './plain-engine.ts'
import { renderParts } from './render-parts.ts'
import type { Place } from './stack-place.ts'
import { templateFailure } from './template-failure.ts'

/**
 * The source of one part: a text in the language of the engine, a file as a URL such as
 * `new URL('welcome.hbs', import.meta.url)`, or a function. For React Email, `html` is a component:
 * a function, a class, or what `memo()`, `forwardRef()` and `lazy()` return.
 */
export type PartSource<Data> =
  | string
  | URL
  | ((data: Data, context: RenderContext) => unknown)
  | (new (data: Data) => { render(): unknown })

/** What a template is made of. */
export interface TemplateOptions<Data> extends FinishOptions {
  /** The template engine. @default none: texts as they are, and functions */
  readonly engine?: TemplateEngine | undefined
  /** The subject. @default the `<title>` of the HTML */
  readonly subject?: PartSource<Data> | undefined
  /** The HTML. @default none */
  readonly html?: PartSource<Data> | undefined
  /** The text. @default made from the HTML */
  readonly text?: PartSource<Data> | undefined
  /** The language of readers for whom none is given (BCP 47). @default none */
  readonly locale?: string | undefined
  /** Looks before every rendering whether a file has changed. @default true unless NODE_ENV is production */
  readonly reload?: boolean | undefined
}

const PARTS = ['subject', 'html', 'text'] as const

/** Nobody sends this as the text of a mail. */
const FILE_NAME = /^[\w./\\@-]+\.(?:hbs|handlebars|eta|ejs|mjml|html?|txt|[jt]sx?)$/

/** A template of sources for an engine. */
export function templateOfParts<Data>(options: TemplateOptions<Data>, place: Place): Template<Data> {
  checkOptions(options, 'template()', {
    engine: true,
    subject: true,
    html: true,
    text: true,
    locale: true,
    reload: true,
    inlineCss: true,
    makeText: true,
    images: true,
  })
  checkImages(options.images)
  const { engine = plainEngine, locale: usual, reload = process.env['NODE_ENV'] !== 'production' } = options
  if (typeof engine?.compile !== 'function')
    throw configError('the engine of template() must be an engine, such as handlebars()')
  if (usual !== undefined && !isLanguageTag(usual)) throw configError(notALanguageTag(usual))
  const parts = PARTS.flatMap((name) => {
    const source = options[name]
    return source === undefined ? [] : [partOf(name, source, { engine, place, locale: usual, reload })]
  })
  if (parts.length === 0) throw configError('template() needs html, text or subject')
  const files = (): string[] => [...new Set(parts.flatMap((part) => part.files))]
  const html = parts.find((part) => part.source.part === 'html')
  return (data, fill = {}) =>
    filled(async ({ signal }) => {
      const problem = callProblem(data, fill)
      if (problem) throw await templateFailure(problem, place)
      const { locale = usual } = fill
      return renderParts(
        parts,
        data,
        { locale, signal },
        {
          file: html?.source.file ?? place.file,
          folder: html?.source.folder ?? dirname(place.file),
          isInlined: engine.inlinesCss ?? false,
          reload,
        },
        options,
      )
    }, files)
}

function partOf<Data>(
  part: (typeof PARTS)[number],
  source: PartSource<Data>,
  {
    engine,
    place,
    locale,
    reload,
  }: { engine: TemplateEngine; place: Place; locale: string | undefined; reload: boolean },
): Part {
  if (source instanceof URL) {
    if (source.protocol !== 'file:') throw configError(`${part} of template() must be a file: URL`)
    const file = fileURLToPath(source)
    return new Part(engine, { part, file, folder: dirname(file), locale }, reload)
  }
  const folder = dirname(place.file)
  if (typeof source === 'string' && part !== 'subject' && FILE_NAME.test(source))
    throw configError(
      `${part} of template() is the name of a file, but must be a text or a URL: write new URL('…', import.meta.url)`,
    )
  if (typeof source === 'string')
    return new Part(engine, { part, text: source, ...place, folder, locale }, reload)
  if (typeof source === 'object' && source !== null && '$$typeof' in source && 'props' in source)
    throw configError(`${part} of template() is a React element: write the component, without < and />`)
  const isComponent = typeof source === 'object' && source !== null && '$$typeof' in source
  if (isComponent && part === 'html' && !engine.takesComponents)
    throw configError('html of template() is a component of React: add engine: reactEmail()')
  if (typeof source !== 'function' && !(isComponent && part === 'html'))
    throw configError(`${part} of template() must be a text, a file: URL or a function`)
  // Only HTML is made by components. Subject and text are plain functions, whatever the engine is.
  const takesCode = part === 'html' && engine.takesCode
  if (part === 'html' && !engine.takesCode)
    throw configError(`the engine ${engine.name} takes no functions as html`)
  return new Part(
    takesCode ? engine : plainEngine,
    { part, code: source as TemplateCode, ...place, folder, locale },
    reload,
  )
}
