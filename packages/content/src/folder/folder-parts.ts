import { join } from 'node:path'
import { MailError } from '@loudmail/core'
import { nearestName } from '@loudmail/core/transport'
import type { TemplateEngine } from '../engine.ts'
import { Part } from '../part.ts'
import { compileAll } from './compile-all.ts'
import { FolderListing, type ListedPart, type Listing } from './folder-listing.ts'
import { isLanguageTag, notALanguageTag } from './language-tag.ts'
import { localesFor } from './locales-for.ts'
import { readInside } from './read-inside.ts'
import { problemOfName } from './safe-name.ts'

/** A template in one language. */
export interface FoundTemplate {
  readonly parts: readonly Part[]
  /** The language that it is rendered in: that of the reader if the template is for it, or that of its files. */
  readonly locale: string | undefined
}

/** Finds the parts of templates in a folder. */
export class FolderParts {
  readonly #engine: TemplateEngine
  readonly #folder: string
  readonly #usual: string | undefined
  readonly #reload: boolean
  readonly #listing: FolderListing
  readonly #parts = new Map<string, Part>()

  constructor(engine: TemplateEngine, folder: string, usual: string | undefined, reload: boolean) {
    this.#engine = engine
    this.#folder = folder
    this.#usual = usual
    this.#reload = reload
    this.#listing = new FolderListing(folder, engine.extensions, reload)
  }

  /**
   * The parts of a template in the first locale that has some: a mail is in one language.
   *
   * @throws MailError `compose/template`
   */
  of(name: string, wanted: string | undefined): FoundTemplate {
    const problem = typeof name === 'string' ? problemOfName(name) : 'the name of a template must be a string'
    if (problem !== undefined) throw this.#failure(problem)
    if (wanted !== undefined && !isLanguageTag(wanted)) throw this.#failure(notALanguageTag(wanted))
    const listing = this.#list()
    const locales = listing.get(name)
    for (const locale of localesFor(wanted, this.#usual)) {
      const found = locales?.get(locale)
      if (!found?.some(({ part }) => part !== 'subject')) continue
      const parts = found.map((listed) => this.#part(listed))
      return { parts, locale: localeOf(locale, [wanted, this.#usual], found[0]!.locale) }
    }
    throw this.#unknown(name, wanted, listing)
  }

  /** @throws MailError `compose/template` */
  async compile(): Promise<void> {
    const listing = this.#list()
    if (listing.size === 0)
      throw this.#failure(`the folder has no file that ends in ${this.#engine.extensions.join(' or ')}`)
    const listed = [...listing.values()].flatMap((locales) => [...locales.values()].flat())
    // `welcome.de.hbs` is listed as the template `welcome.de`, too.
    const named = new Set(listed.flatMap(({ file, locale }) => (locale === undefined ? [] : [file])))
    await compileAll(
      listed
        .filter(({ file, locale }) => locale !== undefined || !named.has(file))
        .map((part) => this.#part(part)),
    )
  }

  #part({ part, file, locale }: ListedPart): Part {
    const key = `${locale ?? ''}:${file}`
    let found = this.#parts.get(key)
    if (!found) {
      const folder = this.#folder
      // A file without a locale is in the usual language.
      const source = { part, file: join(folder, file), folder, locale: locale ?? this.#usual }
      found = new Part(this.#engine, source, this.#reload, (path) => readInside(folder, path))
      this.#parts.set(key, found)
    }
    return found
  }

  #list(): Listing {
    try {
      return this.#listing.get()
    } catch (cause) {
      const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
      throw this.#failure(
        `the folder of the templates ${isMissing ? 'does not exist' : 'cannot be read'}`,
        cause,
      )
    }
  }

  #unknown(name: string, locale: string | undefined, listing: Listing): MailError {
    const shown = JSON.stringify(name.slice(0, 100))
    const [end] = this.#engine.extensions
    const locales = [...(listing.get(name)?.keys() ?? [])].filter((key) => key !== '')
    if (listing.get(name)?.has(''))
      return this.#failure(
        `the template ${shown} has only a subject: add ${name}${end} or ${name}.text${end}`,
      )
    if (locales.length > 0)
      return this.#failure(
        `there is no template ${shown} for ${locale === undefined ? 'readers without a locale' : `the locale ${locale}`}, only for ${locales.join(', ')}: add ${name}${end}, or name a usual locale in render()`,
      )
    const ending = this.#engine.extensions.find((each) => name.endsWith(each)) ?? ''
    const bare = ending === '' ? name : name.slice(0, -ending.length)
    const near = listing.has(bare) ? bare : nearestName(name, [...listing.keys()])
    const advice = near === undefined ? '' : `. Did you mean ${near}?`
    return this.#failure(
      `there is no template ${shown} with a file that ends in ${this.#engine.extensions.join(' or ')}${advice}`,
    )
  }

  #failure(summary: string, cause?: unknown): MailError {
    return new MailError({
      stage: 'compose',
      kind: 'template',
      summary,
      location: { file: this.#folder },
      cause,
    })
  }
}

/** The locale of the reader can say more than that of the file, such as `de-AT` for `de`. It never says another language. */
function localeOf(
  found: string,
  wanted: readonly (string | undefined)[],
  written: string | undefined,
): string | undefined {
  const fits = (tag: string | undefined): boolean =>
    tag !== undefined && (found === '' || `${tag.toLowerCase()}-`.startsWith(`${found}-`))
  return wanted.find(fits) ?? written
}
