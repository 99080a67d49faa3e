import type { Transcript, TranscriptEntry } from '@loudmail/core'
import { redactEntries, timedTranscript, type Secrets } from '@loudmail/core/transport'

let calls = 0

/** Records one call: the request line, the size of its body, and the status of the answer with its words. */
export class CallRecorder {
  readonly #entries: TranscriptEntry[] = []
  readonly #connection = `h${++calls}`
  readonly #begunAt = performance.now()
  readonly #secrets: Pick<Secrets, 'redact'>

  constructor(secrets: Pick<Secrets, 'redact'>) {
    this.#secrets = secrets
  }

  note(from: TranscriptEntry['from'], text: string): void {
    const atMs = performance.now() - this.#begunAt
    this.#entries.push({ from, text, atMs, connection: this.#connection, sequence: this.#entries.length })
  }

  /** Undefined if nothing was asked. */
  get transcriptIfAny(): Transcript | undefined {
    return this.#entries.length === 0 ? undefined : this.transcript
  }

  get transcript(): Transcript {
    const entries = redactEntries(this.#entries, this.#secrets.redact)
    return timedTranscript({ entries }, this.#begunAt)
  }
}
