import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { MailError } from '@loudmail/core'
import { nearestName } from '@loudmail/core/transport'
import type { TemplateEngine, TemplateSource } from '../engine.ts'
import { Part } from '../part.ts'
import { localesFor } from './locales-for.ts'

const KINDS = ['subject', 'html', 'text'] as const

/** Finds the parts of templates in a folder. */
export class FolderParts {
  readonly #engine: TemplateEngine
  readonly #folder: string
  readonly #locale: string | undefined
  readonly #reload: boolean
  readonly #parts = new Map<string, Part>()
  #listing: Promise<ReadonlySet<string>> | undefined

  constructor(engine: TemplateEngine, folder: string, locale: string | undefined, reload: boolean) {
    this.#engine = engine
    this.#folder = folder
    this.#locale = locale
    this.#reload = reload
  }

  /**
   * The parts of a template in the first locale that has some: a mail is in one language.
   *
   * @throws MailError `compose/template`
   */
  async of(name: string, locale: string | undefined): Promise<Part[]> {
    const files = await this.#files()
    for (const suffix of localesFor(locale, this.#locale)) {
      const found = KINDS.flatMap((part) => this.#part(files, part, name, suffix))
      if (found.some(({ source }) => source.part !== 'subject')) return found
    }
    throw this.#unknown(name, files)
  }

  /** @throws MailError `compose/template` */
  async compile(): Promise<void> {
    const files = await this.#files()
    for (const file of files) {
      const extension = this.#engine.extensions.find((end) => file.endsWith(end))
      if (extension !== undefined)
        await this.#partOf(file, partOf(file.slice(0, -extension.length)), undefined).compile()
    }
  }

  #part(files: ReadonlySet<string>, part: TemplateSource['part'], name: string, suffix: string): Part[] {
    const stem = `${name}${suffix}${part === 'html' ? '' : `.${part}`}`
    const extension = this.#engine.extensions.find((end) => files.has(stem + end))
    return extension === undefined ? [] : [this.#partOf(stem + extension, part, suffix.slice(1) || undefined)]
  }

  #partOf(name: string, part: TemplateSource['part'], locale: string | undefined): Part {
    let found = this.#parts.get(name)
    if (!found) {
      const file = join(this.#folder, name)
      found = new Part(this.#engine, { part, file, folder: this.#folder, locale }, this.#reload)
      this.#parts.set(name, found)
    }
    return found
  }

  /** The names of all files in the folder, with `/`. */
  async #files(): Promise<ReadonlySet<string>> {
    if (this.#reload) return this.#list()
    this.#listing ??= this.#list()
    return this.#listing
  }

  async #list(): Promise<ReadonlySet<string>> {
    try {
      const names = await readdir(this.#folder, { recursive: true })
      return new Set(names.map((name) => name.replaceAll(sep, '/')))
    } catch (cause) {
      this.#listing = undefined
      throw this.#failure('the folder of the templates cannot be read', cause)
    }
  }

  #unknown(name: string, files: ReadonlySet<string>): MailError {
    const names = [...files].flatMap((file) => {
      const extension = this.#engine.extensions.find((end) => file.endsWith(end))
      return extension === undefined ? [] : [file.slice(0, -extension.length)]
    })
    const near = nearestName(name, names)
    const advice = near === undefined ? '' : `. Did you mean ${near}?`
    return this.#failure(
      `there is no template ${JSON.stringify(name.slice(0, 100))} with a file that ends in ${this.#engine.extensions.join(' or ')}${advice}`,
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

function partOf(stem: string): TemplateSource['part'] {
  return stem.endsWith('.subject') ? 'subject' : stem.endsWith('.text') ? 'text' : 'html'
}
