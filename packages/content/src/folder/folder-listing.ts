import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { stampOf } from './file-states.ts'
import { isLanguageTag } from './language-tag.ts'

const KINDS = ['subject', 'html', 'text'] as const

/** A part of a template in one language. */
export interface ListedPart {
  readonly part: (typeof KINDS)[number]
  /** The path of the file in the folder, with `/`. */
  readonly file: string
  /** The locale in the name of the file, as it is written there; undefined if there is none. */
  readonly locale: string | undefined
}

/** The templates of a folder: of each name the locales, in lower case and empty for none, and of each locale the parts. */
export type Listing = ReadonlyMap<string, ReadonlyMap<string, readonly ListedPart[]>>

/** Lists the templates of a folder, once or again when a file in it has come or gone. */
export class FolderListing {
  readonly #folder: string
  readonly #extensions: readonly string[]
  readonly #reload: boolean
  #listing: Listing | undefined
  #stamps = new Map<string, ReturnType<typeof stampOf>>()

  constructor(folder: string, extensions: readonly string[], reload: boolean) {
    this.#folder = folder
    this.#extensions = extensions
    this.#reload = reload
  }

  /** @throws Error if the folder cannot be read */
  get(): Listing {
    if (this.#reload && this.#listing && this.#hasChanged()) this.#listing = undefined
    this.#listing ??= this.#list()
    return this.#listing
  }

  #hasChanged(): boolean {
    for (const [folder, { stamp, isFresh }] of this.#stamps)
      if (isFresh || stampOf(folder).stamp !== stamp) return true
    return false
  }

  #list(): Listing {
    this.#stamps = new Map()
    const listing = new Map<string, Map<string, ListedPart[]>>()
    const files = this.#filesIn('')
    for (const extension of this.#extensions)
      for (const file of files) if (file.endsWith(extension)) list(listing, file, extension)
    return listing
  }

  #filesIn(path: string): string[] {
    const folder = join(this.#folder, path)
    this.#stamps.set(folder, stampOf(folder))
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const { name } = entry
      if (name.startsWith('.') || name === 'node_modules') return []
      return entry.isDirectory() ? this.#filesIn(`${path}${name}/`) : [`${path}${name}`]
    })
  }
}

function list(listing: Map<string, Map<string, ListedPart[]>>, file: string, extension: string): void {
  const stem = file.slice(0, -extension.length)
  const part = KINDS.find((kind) => kind !== 'html' && stem.endsWith(`.${kind}`)) ?? 'html'
  const whole = part === 'html' ? stem : stem.slice(0, -part.length - 1)
  add(listing, whole, { part, file, locale: undefined })
  const dot = whole.lastIndexOf('.')
  const locale = whole.slice(dot + 1)
  if (dot > whole.lastIndexOf('/') + 1 && isLanguageTag(locale))
    add(listing, whole.slice(0, dot), { part, file, locale })
}

function add(listing: Map<string, Map<string, ListedPart[]>>, name: string, part: ListedPart): void {
  const locales = listing.get(name) ?? new Map<string, ListedPart[]>()
  const key = part.locale?.toLowerCase() ?? ''
  const parts = locales.get(key) ?? []
  if (!parts.some((other) => other.part === part.part)) parts.push(part)
  parts.sort((one, other) => KINDS.indexOf(one.part) - KINDS.indexOf(other.part))
  listing.set(name, locales.set(key, parts))
}
