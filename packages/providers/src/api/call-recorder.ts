import type { Transcript, TranscriptEntry } from '@loudmail/core'
import { redactEntries, timedTranscript, type Secrets } from '@loudmail/core/transport'

let calls = 0

/** Records one call: the request line, the size of its body, and the status of the answer with its words. */
export class CallRecorder {
  readonly #entries: TranscriptEntry[] = []
  readonly #connection = `h${++calls}`
  readonly #begunAt = performance.now()
  readonly #secrets: Secrets

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  note(from: TranscriptEntry['from'], text: string): void {
    const atMs = performance.now() - this.#begunAt
    this.#entries.push({ from, text, atMs, connection: this.#connection, sequence: this.#entries.length })
  }

  get transcript(): Transcript {
    const entries = redactEntries(this.#entries, this.#secrets.redact)
    return timedTranscript({ entries }, this.#begunAt)
  }
}
