import { readdirSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { nearestName } from '@loudmail/core/transport'
import { TemplateProblem } from '../template-problem.ts'
import { isLanguageTag, notALanguageTag } from './language-tag.ts'
import { localesFor } from './locales-for.ts'
import { readInside } from './read-inside.ts'
import { problemOfName } from './safe-name.ts'

/** A file that a template includes. */
export interface IncludedFile {
  /** Its absolute path. */
  readonly file: string
  /** What is in it. */
  readonly text: string
}

/** Where partials and layouts are looked up. */
export interface InclusionRules {
  /** The absolute path of the folder; undefined if there is none. */
  readonly folder: string | undefined
  /** The language of the template (BCP 47). Its files come first. */
  readonly locale: string | undefined
  /** How the names of the files end. A name may have the end already. */
  readonly extensions: readonly string[]
}

/** The partials and layouts of one template: each is looked up and read once. */
export class Inclusions {
  readonly #rules: InclusionRules
  readonly #found = new Map<string, IncludedFile | undefined>()
  /** The text of each file, and undefined for a file that was looked for and is not there. */
  readonly reads = new Map<string, string | undefined>()

  /** @throws TemplateProblem if the locale is not a language tag */
  constructor(rules: InclusionRules) {
    if (rules.locale !== undefined && !isLanguageTag(rules.locale))
      throw new TemplateProblem(notALanguageTag(rules.locale))
    this.#rules = rules
  }

  /** The absolute paths of the files. */
  get files(): string[] {
    return [...this.reads].flatMap(([file, text]) => (text === undefined ? [] : [file]))
  }

  /**
   * The file with a name such as `partials/button`, or undefined.
   *
   * @throws Error if the name or a link leads out of the folder
   */
  find(name: string): IncludedFile | undefined {
    if (!this.#found.has(name)) this.#found.set(name, this.#look(name, this.reads))
    return this.#found.get(name)
  }

  /**
   * The same for a name that is made when a mail is rendered. If it has no file, it is not kept: it may come from data, and
   * there is no end to such names.
   *
   * @throws Error if the name or a link leads out of the folder
   */
  seek(name: string): IncludedFile | undefined {
    const known = this.#found.get(name)
    if (known) return known
    const reads = new Map<string, string | undefined>()
    const found = this.#look(name, reads)
    if (!found) return undefined
    this.#found.set(name, found)
    for (const [file, text] of reads) this.reads.set(file, text)
    return found
  }

  /** What to say about a name that has no file. */
  missing(name: string): string {
    const { folder } = this.#rules
    const quoted = JSON.stringify(name)
    if (folder === undefined) return `there is no ${quoted}, because the template has no folder`
    const tried = this.#candidates(name).map((file) => relative(folder, file).replaceAll('\\', '/'))
    const near = nearestName(basename(name), this.#neighbours(name))
    const beside = dirname(name) === '.' ? '' : `${dirname(name)}/`
    const advice = near === undefined ? '' : `. Did you mean ${beside}${near}?`
    return `there is no ${quoted}: looked for ${tried.join(', ')}${advice}`
  }

  #look(name: string, reads: Map<string, string | undefined>): IncludedFile | undefined {
    const { folder } = this.#rules
    const problem = problemOfName(name)
    if (problem !== undefined) throw new Error(problem)
    if (folder === undefined) return undefined
    for (const file of this.#candidates(name)) {
      const text = readInside(folder, file)
      reads.set(file, text)
      if (text !== undefined) return { file, text }
    }
    return undefined
  }

  #candidates(name: string): string[] {
    const { folder, locale, extensions } = this.#rules
    const own = extensions.find((end) => name.endsWith(end))
    const stem = own === undefined ? name : name.slice(0, -own.length)
    // File systems that tell case apart have the tag as people write it, or in lower case.
    const locales = localesFor(locale, undefined).flatMap((lower) => {
      const usual = locale?.slice(0, lower.length) ?? ''
      return lower === usual ? [lower] : [usual, lower]
    })
    return locales.flatMap((tag) =>
      (own === undefined ? extensions : [own]).map((end) =>
        join(folder!, `${stem}${tag === '' ? '' : `.${tag}`}${end}`),
      ),
    )
  }

  #neighbours(name: string): string[] {
    try {
      return readdirSync(join(this.#rules.folder!, dirname(name))).flatMap((file) => {
        const end = this.#rules.extensions.find((each) => file.endsWith(each))
        return end === undefined ? [] : [file.slice(0, -end.length)]
      })
    } catch {
      return []
    }
  }
}
