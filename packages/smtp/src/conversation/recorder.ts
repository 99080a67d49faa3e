import type { Transcript, TranscriptEntry } from '@loudmail/core'
import { redactEntries, timedTranscript, type Redact } from '@loudmail/core/transport'

let connections = 0

/** Records the lines of one connection with number and time, each for its message. */
export class Recorder {
  /**
   * The lines before the first message: greeting, EHLO, log-in. Every transcript of the connection begins with them. As they
   * were said: see {@link transcript}.
   */
  readonly preamble: TranscriptEntry[] = []
  /** The lines of the connections that this one replaces. */
  readonly #earlier: readonly TranscriptEntry[]
  readonly #connection = `c${++connections}`
  readonly #begunAt = performance.now()
  /** Removes the known secrets from a text; undefined if there are none. */
  readonly redact: Redact | undefined
  #sequence = 0

  /** @param before the recorder of the connection that this one replaces */
  constructor(redact: Redact | undefined, before?: Recorder) {
    this.redact = redact
    this.#earlier = before ? [...before.#earlier, ...before.preamble] : []
  }

  /** @param text without the secret parts of its command */
  note(to: TranscriptEntry[], from: TranscriptEntry['from'], text: string): void {
    to.push({
      from,
      text,
      atMs: performance.now() - this.#begunAt,
      connection: this.#connection,
      sequence: this.#sequence++,
    })
  }

  /** The lines of one message, without secrets. They are removed here, because a server can split one over several lines. */
  transcript(entries: readonly TranscriptEntry[] = []): Transcript {
    // What came for no message, such as the last words of a server, is in the preamble.
    const own = [...this.preamble, ...entries].toSorted((a, b) => a.sequence - b.sequence)
    const all = [...this.#earlier, ...own]
    return timedTranscript({ entries: this.redact ? redactEntries(all, this.redact) : all }, this.#begunAt)
  }
}
