import { redactor, type Redact } from './redact.ts'

/** How many of the secrets that became known later are kept. A server may still repeat those of an earlier log-in. */
const MOST_ADDED = 32

/** Secrets, of which some become known only while a conversation goes on, such as a new access token. */
export class Secrets {
  readonly #given: ReadonlySet<string>
  readonly #added = new Set<string>()
  #redact: Redact | undefined

  /** @param given the secrets that never change; what is not a text is ignored */
  constructor(given: Iterable<unknown> = []) {
    this.#given = new Set([...given].filter(isSecret))
  }

  /** Remembers one more. If there are many, the oldest of those that were added is forgotten. */
  add(value: unknown): void {
    if (!isSecret(value) || this.#given.has(value) || this.#added.has(value)) return
    this.#added.add(value)
    if (this.#added.size > MOST_ADDED) this.#added.delete(this.#added.values().next().value!)
    this.#redact = undefined
  }

  readonly redact: Redact = (text) => {
    this.#redact ??= redactor([...this.#given, ...this.#added])
    return this.#redact(text)
  }
}

function isSecret(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
