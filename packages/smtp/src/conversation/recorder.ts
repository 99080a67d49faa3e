import type { Transcript, TranscriptEntry } from '@loudmail/core'
import type { Redact } from '@loudmail/core/transport'

let connections = 0

/** Numbers and times the lines of one connection, and hands each to the message it belongs to. */
export class Recorder {
  /** What happened before the first message: greeting, EHLO, log-in. Every transcript of this connection begins with it. */
  readonly preamble: TranscriptEntry[] = []
  readonly #connection = `c${++connections}`
  readonly #begunAt = performance.now()
  /** Takes the known secrets out of a text; undefined where there are none. */
  readonly redact: Redact | undefined
  #sequence = 0

  constructor(redact: Redact | undefined) {
    this.redact = redact
  }

  /** @param text already without what its position makes secret; known secrets are taken out of it here */
  note(to: TranscriptEntry[], from: TranscriptEntry['from'], text: string): void {
    to.push({
      from,
      text: this.redact ? this.redact(text) : text,
      atMs: performance.now() - this.#begunAt,
      connection: this.#connection,
      sequence: this.#sequence++,
    })
  }

  transcript(entries: readonly TranscriptEntry[] = []): Transcript {
    return { entries: [...this.preamble, ...entries] }
  }
}
