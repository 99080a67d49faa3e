import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOptions, configError } from '@loudmail/core/transport'
import type { TemplateEngine } from '../engine.ts'
import { Inclusions } from '../folder/inclusions.ts'
import { Bundle } from './bundle.ts'
import { Compiler } from './compiler.ts'
import { renderBundle } from './render-bundle.ts'
import { isCallable } from './syntax-problem.ts'

/** A function that templates call by its name. */
export type EtaHelper = (...args: never[]) => unknown

/** How `eta()` works. */
export interface EtaOptions {
  /** Functions that templates call by name, as in `<%= money(it.total) %>`. */
  readonly helpers?: Readonly<Record<string, EtaHelper>> | undefined
  /** The folder of partials and layouts, as a path or a `file:` URL. @default the folder of the template */
  readonly partials?: string | URL | undefined
  /**
   * A value that is shown and is undefined or null fails the send. Without it, it is shown as nothing. Write
   * `<%= it.title ?? '' %>` for one that is optional. @default true
   */
  readonly strict?: boolean | undefined
}

/** What a template has already under a name. */
const TAKEN = new Set(
  'it options locale helpers include includeAsync layout output capture captureAsync block blockAsync'.split(
    ' ',
  ),
)

/**
 * Eta as a template engine. The data is `it`, and the language of the reader is `locale`.
 *
 * @throws MailError `config/invalid-config`
 */
export function eta(options: EtaOptions = {}): TemplateEngine {
  checkOptions(options, 'eta()', { helpers: true, partials: true, strict: true })
  const { helpers = {}, strict = true } = options
  for (const [name, helper] of Object.entries(helpers)) {
    if (!isCallable(name) || name.startsWith('__') || TAKEN.has(name))
      throw configError(
        `the helper ${name} of eta() needs another name: templates cannot call it by this one`,
      )
    if (typeof helper !== 'function') throw configError(`the helper ${name} of eta() must be a function`)
  }
  const own = options.partials === undefined ? undefined : pathOf(options.partials)
  const extensions = ['.eta']
  const names = Object.keys(helpers)
  const html = new Compiler({ helpers: names, strict, isText: false })
  const text = new Compiler({ helpers: names, strict, isText: true })
  return {
    name: 'eta',
    extensions,
    compile(source) {
      const inclusions = new Inclusions({ ...source, folder: own ?? source.folder, extensions })
      const bundle = new Bundle(source.part === 'html' ? html : text, inclusions, helpers, source.text)
      return {
        render: (data, { locale }) => renderBundle(bundle, data, { locale, strict }),
        files: () => inclusions.files,
        reads: () => inclusions.reads,
      }
    },
  }
}

function pathOf(folder: string | URL): string {
  if (folder instanceof URL && folder.protocol === 'file:') return fileURLToPath(folder)
  if (typeof folder === 'string' && folder !== '') return resolve(folder)
  throw configError('partials of eta() must be the path or the file: URL of a folder')
}
