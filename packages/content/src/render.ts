import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOptions, configError } from '@loudmail/core/transport'
import { callProblem } from './call-problem.ts'
import type { TemplateEngine } from './engine.ts'
import { filled, type FilledTemplate, type FillOptions } from './filled-template.ts'
import { checkImages, type FinishOptions } from './finish-options.ts'
import { FolderParts } from './folder/folder-parts.ts'
import { isLanguageTag, notALanguageTag } from './folder/language-tag.ts'
import { templateFailure } from './template-failure.ts'
import { renderParts } from './render-parts.ts'

/** A folder of templates. */
export interface RenderOptions extends FinishOptions {
  /** The template engine, such as `handlebars()`. */
  readonly engine: TemplateEngine
  /**
   * The folder, as a path or a `file:` URL. `welcome.hbs` is the HTML of the template `welcome`, `welcome.text.hbs` its text
   * and `welcome.subject.hbs` its subject; `welcome.de.hbs` and `welcome.de.text.hbs` are for readers of German. A template in
   * a folder inside has its path as its name, such as `orders/receipt`.
   */
  readonly folder: string | URL
  /** The language of readers for whom none is given or whose own has no file (BCP 47). @default none */
  readonly locale?: string | undefined
  /** Looks before every rendering whether a file has changed. @default true unless NODE_ENV is production */
  readonly reload?: boolean | undefined
}

/** The templates of a folder, by their names. `Templates` has the type of the data of each. */
export interface RenderByName<Templates> {
  /** The template of this name with its data, for `template` of a message. */
  <Name extends keyof Templates & string>(
    name: Name,
    data: Templates[Name],
    options?: FillOptions,
  ): FilledTemplate
  /**
   * Compiles all templates of the folder, such as at the start of a program.
   *
   * @throws MailError `compose/template`, the first of them
   */
  compile(): Promise<void>
}

/**
 * Gives the templates of a folder by name: `render({ engine: handlebars(), folder })('welcome', { name })`.
 *
 * @throws MailError `config/invalid-config`
 */
export function render<Templates extends object = Record<string, object>>(
  options: RenderOptions,
): RenderByName<Templates> {
  checkOptions(options, 'render()', {
    engine: true,
    folder: true,
    locale: true,
    reload: true,
    inlineCss: true,
    makeText: true,
    images: true,
  })
  checkImages(options.images)
  const { engine, locale: usual, reload = process.env['NODE_ENV'] !== 'production' } = options
  if (typeof engine?.compile !== 'function')
    throw configError('render() needs an engine, such as handlebars()')
  if (usual !== undefined && !isLanguageTag(usual)) throw configError(notALanguageTag(usual))
  const folder = pathOf(options.folder)
  const parts = new FolderParts(engine, folder, usual, reload)
  const isInlined = engine.inlinesCss ?? false
  const byName = (name: string, data: unknown, fill: FillOptions = {}): FilledTemplate =>
    filled(
      async ({ signal }) => {
        const problem = callProblem(data, fill)
        if (problem) throw await templateFailure(problem, { file: folder })
        const found = parts.of(name, fill.locale ?? usual)
        const file = found.parts.find((part) => part.source.part === 'html')?.source.file ?? folder
        const context = { locale: found.locale, signal }
        return renderParts(found.parts, data, context, { file, folder, isInlined, reload }, options)
      },
      () => [folder],
    )
  return Object.assign(byName, { compile: async () => parts.compile() })
}

function pathOf(folder: string | URL): string {
  if (folder instanceof URL && folder.protocol === 'file:') return fileURLToPath(folder)
  if (typeof folder === 'string' && folder !== '') return resolve(folder)
  throw configError('the folder of render() must be a path or a file: URL')
}
