import { formsOf } from '../redaction/forms.ts'
import { Needles } from '../redaction/needles.ts'
import { mask, type Redact } from './redact.ts'

/** How many of the secrets that became known later are kept. A server may still repeat those of an earlier log-in. */
const MOST_ADDED = 64

/** The secrets of a transport, of which some become known only while a conversation goes on, such as a new access token. */
export class Secrets {
  readonly #given: ReadonlySet<string>
  readonly #added = new Set<string>()
  /** Those that are not looked for yet: many connections never need it. */
  #waiting: string[]
  #needles = new Needles()

  /** @param given the secrets that never change; what is not a text is ignored */
  constructor(given: Iterable<unknown> = []) {
    this.#given = new Set([...given].filter(isSecret))
    this.#waiting = [...this.#given]
  }

  /** Whether there is nothing to remove. */
  get isEmpty(): boolean {
    return this.#given.size === 0 && this.#added.size === 0
  }

  /** Remembers one more: a password, a token, or a SASL response before it is put into base64. Of very many, the oldest are forgotten. */
  add(value: unknown): void {
    if (!isSecret(value) || this.#given.has(value) || this.#added.has(value)) return
    this.#added.add(value)
    this.#waiting.push(value)
    if (this.#added.size > MOST_ADDED) this.#forget()
  }

  /** Replaces every secret by `<redacted>`, as `redactor()` does. */
  readonly redact: Redact = (text) => {
    for (const secret of this.#waiting) for (const form of formsOf(secret)) this.#needles.add(form)
    if (this.#waiting.length > 0) this.#waiting = []
    return mask(text, this.#needles)
  }

  /** Half of them at once: what is looked for has to be built again. */
  #forget(): void {
    for (const value of [...this.#added].slice(0, MOST_ADDED / 2)) this.#added.delete(value)
    this.#needles = new Needles()
    this.#waiting = [...this.#given, ...this.#added]
  }
}

function isSecret(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
