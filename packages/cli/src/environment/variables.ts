import { nearestName } from '@loudmail/core/transport'
import type { Application } from './application.ts'
import { readEnvFiles, usualNames, type EnvFile } from './env-files.ts'

/** The value of a variable in one place. */
export interface Place {
  /** Such as `the environment` or `.env`. */
  readonly name: string
  readonly value: string
  /** Undefined for the environment. */
  readonly file: EnvFile | undefined
}

/** The variables of an application: its environment first, then its files. */
export class Variables {
  readonly files: readonly EnvFile[]
  readonly #application: Application
  readonly #given: readonly string[]

  /** @throws UsageError if a file of `given` cannot be read */
  constructor(application: Application, given: readonly string[]) {
    this.#application = application
    this.#given = given
    this.files = readEnvFiles(application.folder, given, application.env['NODE_ENV'])
  }

  /** Every place that has the variable. The first one counts. */
  places(name: string): Place[] {
    const own = this.#application.env[name]
    return [
      ...(own === undefined ? [] : [{ name: this.#application.name, value: own, file: undefined }]),
      ...this.files.flatMap((file) =>
        Object.hasOwn(file.values, name) ? [{ name: file.name, value: file.values[name]!, file }] : [],
      ),
    ]
  }

  get(name: string): string | undefined {
    return this.places(name)[0]?.value
  }

  /** The variable that was probably meant: spelled almost the same, or the only one with the URL of a mail server. */
  similarTo(name: string): string | undefined {
    const names = this.#names()
    const near = nearestName(name, names)
    if (near !== undefined) return near
    const urls = names.filter((each) => /^["']?(?:smtps?|lmtp):\/\//i.test(this.get(each) ?? ''))
    return urls.length === 1 ? urls[0] : undefined
  }

  /** Every variable with every value that it has, and the whole lines of files, which may be cut when they are read. */
  all(): (readonly [name: string, value: string])[] {
    const lines = this.files.flatMap(({ text }) =>
      [...text.matchAll(/^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(.*)$/gm)].map(
        (line) => [line[1]!, line[2]!.trim()] as const,
      ),
    )
    const values = this.#names().flatMap((name) =>
      this.places(name).map(({ value }) => [name, value] as const),
    )
    return [...lines, ...values]
  }

  /** Where was looked, as the end of a sentence. */
  searched(): string {
    const read = this.files.map((file) => file.name)
    const absent = this.#given.length > 0 ? [] : usualNames(this.#application.env['NODE_ENV'])
    const missing = absent.filter((name) => !read.includes(name))
    const inFiles = [this.#application.name, ...read].join(', nor in ')
    return missing.length === 0
      ? inFiles
      : `${inFiles} (${this.#application.folder} has no ${missing.join(', no ')})`
  }

  #names(): string[] {
    const all = [this.#application.env, ...this.files.map((file) => file.values)].flatMap((each) =>
      Object.keys(each),
    )
    return [...new Set(all)]
  }
}
