import { styleText } from 'node:util'
import type { Secrets } from '@loudmail/core/transport'
import { passwordsIn } from './passwords-in.ts'

type Style = Parameters<typeof styleText>[0]

/** The widest text, in columns: longer lines are hard to read. */
const MOST_COLUMNS = 100
/** Without a terminal. */
const PLAIN_COLUMNS = 80

/**
 * Where a command writes: results to standard output, progress and notes to standard error. Both leave out the secrets
 * that the command knows. Colours are for terminals only, and not under `NO_COLOR`.
 */
export class Terminal {
  readonly #args: readonly string[]
  #secrets: Secrets | undefined
  readonly #interruption = new AbortController()

  /** @param args the command line: the passwords in its URLs are never written */
  constructor(args: readonly string[] = []) {
    this.#args = args
  }

  /** Makes `secrets`: core is loaded for a command or an error, and not for `--help`, which it would make slow. */
  async keepSecrets(): Promise<Secrets> {
    const { Secrets } = await import('@loudmail/core/transport')
    return (this.#secrets ??= new Secrets(passwordsIn(this.#args)))
  }

  /** Add every password and token here before anything is written. It is there when a command runs. */
  get secrets(): Secrets {
    if (this.#secrets === undefined) throw new Error('keepSecrets() comes before secrets')
    return this.#secrets
  }

  /** Aborted by Ctrl-C. A second Ctrl-C ends the program at once. */
  get interrupted(): AbortSignal {
    return this.#interruption.signal
  }

  /** Called by the first Ctrl-C. */
  interrupt(): void {
    this.#interruption.abort()
  }

  /** Whether a person reads standard output. */
  get isInteractive(): boolean {
    return process.stdout.isTTY
  }

  /** How many columns a line may have now: people change the size of their windows. */
  get columns(): number {
    return Math.min(process.stdout.columns || PLAIN_COLUMNS, MOST_COLUMNS)
  }

  /** Writes a line of the result. */
  print(line = ''): void {
    process.stdout.write(`${this.#redact(line)}\n`)
  }

  /** Writes a line about the work: progress, notes, errors. */
  note(line = ''): void {
    process.stderr.write(`${this.#redact(line)}\n`)
  }

  /** Writes the result as one JSON object. */
  printJson(value: unknown): void {
    process.stdout.write(`${this.#json(value, 2)}\n`)
  }

  /** Writes one of several results as a JSON object on a line of its own. */
  printJsonLine(value: unknown): void {
    process.stdout.write(`${this.#json(value)}\n`)
  }

  /** Shows a line that the next one replaces, on a terminal. An empty text removes it. */
  status(line: string): void {
    if (!process.stderr.isTTY) return
    // A line that the terminal breaks could not be replaced.
    const shown = this.secrets.redact(line).slice(0, process.stderr.columns - 1)
    process.stderr.write(`\r${shown}\x1B[K`)
  }

  /** Secrets are looked for in each text: a password such as 1234 must not be found in a number. */
  #json(value: unknown, indent?: number): string {
    const replace = (_name: string, part: unknown): unknown =>
      typeof part === 'string' ? this.secrets.redact(part) : part
    return JSON.stringify(value, replace, indent)
  }

  /** A text for `print`, in a style if standard output is a terminal. */
  styled(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout })
  }

  /** A text for `note`, in a style if standard error is a terminal. */
  styledNote(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stderr })
  }

  #redact(text: string): string {
    return this.#secrets?.redact(text) ?? text
  }
}
