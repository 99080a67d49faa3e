import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOptions, configError } from '@loudmail/core/transport'
import Handlebars from 'handlebars'
import type { CompiledPart, TemplateEngine, TemplateSource } from '../engine.ts'
import { Inclusions } from '../folder/inclusions.ts'
import { Library } from './library.ts'
import { located } from './located-helper.ts'
import { valueHelpers } from './value-helpers.ts'

/** What Handlebars gives a helper as its last argument. */
export interface HandlebarsHelperOptions<Hash extends object = Readonly<Record<string, unknown>>> {
  /** The named arguments of the call, as in `{{money total currency="EUR"}}`. */
  readonly hash: Hash
  /** The data variables. */
  readonly data: {
    /** The language of the reader (BCP 47). */
    readonly locale: string | undefined
    /** The data of the template. */
    readonly root: unknown
    readonly [name: string]: unknown
  }
  /** What is in the block, rendered with a context. Only for a block helper. */
  fn(
    context: unknown,
    options?: { readonly data?: unknown; readonly blockParams?: readonly unknown[] },
  ): string
  /** What follows `{{else}}`. Only for a block helper. */
  inverse(context: unknown): string
}

/**
 * A function for templates: it gets the arguments of its call, and then a {@link HandlebarsHelperOptions}. What it returns is
 * escaped in HTML, unless it is a `SafeString` of Handlebars.
 */
export type HandlebarsHelper = (...args: never[]) => unknown

/** How `handlebars()` works. */
export interface HandlebarsOptions {
  /** Functions that templates call by name, beside those of Handlebars and `optional`. */
  readonly helpers?: Readonly<Record<string, HandlebarsHelper>> | undefined
  /** The folder of partials and layouts, as a path or a `file:` URL. @default the folder of the template */
  readonly partials?: string | URL | undefined
  /**
   * A value that is missing, undefined or null fails the send, except in `{{#if value}}`, `{{#unless value}}`,
   * `{{optional value}}` and a block that has an `{{else}}`. Without it, nothing is shown for such a value. @default true
   */
  readonly strict?: boolean | undefined
}

/**
 * Handlebars as a template engine, with an environment of its own.
 *
 * @throws MailError `config/invalid-config`
 */
export function handlebars(options: HandlebarsOptions = {}): TemplateEngine {
  checkOptions(options, 'handlebars()', { helpers: true, partials: true, strict: true })
  const { helpers = {}, strict = true } = options
  const own = options.partials === undefined ? undefined : pathOf(options.partials)
  const environment = Handlebars.create()
  // Partials are given to each rendering: no template sees those of another.
  Object.assign(environment, { partials: undefined })
  environment.registerHelper(
    valueHelpers(environment.helpers['blockHelperMissing'] as (...args: unknown[]) => unknown),
  )
  for (const [name, helper] of Object.entries(helpers)) {
    if (typeof helper !== 'function')
      throw configError(`the helper ${name} of handlebars() must be a function`)
    environment.registerHelper(name, located(helper))
  }
  const library = new Library(environment, strict)
  const extensions = ['.hbs', '.handlebars']
  return {
    name: 'handlebars',
    extensions,
    compile: (source) =>
      compile(library, new Inclusions({ ...source, folder: own ?? source.folder, extensions }), source),
  }
}

function compile(library: Library, inclusions: Inclusions, { text, part }: TemplateSource): CompiledPart {
  const { template, partials, include } = library.compile(text, inclusions, part !== 'html')
  return {
    render: (data, { locale }) =>
      template(data, {
        data: { locale, include },
        partials,
        // Without these two, Handlebars writes a warning to the console.
        allowProtoPropertiesByDefault: false,
        allowProtoMethodsByDefault: false,
      }),
    files: () => inclusions.files,
    reads: () => inclusions.reads,
  }
}

function pathOf(folder: string | URL): string {
  if (folder instanceof URL && folder.protocol === 'file:') return fileURLToPath(folder)
  if (typeof folder === 'string' && folder !== '') return resolve(folder)
  throw configError('partials of handlebars() must be the path or the file: URL of a folder')
}
