import { isUtf8 } from 'node:buffer'

/** The longest reply that is taken, in octets; RFC 5321 allows 512 a line, and lists of keywords have few. */
const LONGEST_REPLY = 65_536

/** Cuts what a server sends into whole replies (RFC 5321 section 4.2.1); bare LF ends a line as well. */
export class ReplyReader {
  #rest: Buffer[] = []
  #lines: string[] = []
  #octets = 0

  /** The replies that are complete now, each as its lines; undefined where one grows beyond any sense. */
  read(bytes: Buffer): string[][] | undefined {
    const replies: string[][] = []
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      this.#octets += end + 1 - from
      this.#rest.push(bytes.subarray(from, end))
      from = end + 1
      const line = this.#takeLine()
      // Some servers send empty lines between replies; they mean nothing.
      if (line === '' && this.#lines.length === 0) continue
      this.#lines.push(line)
      if (this.#octets > LONGEST_REPLY) return undefined
      if (/^\d{3}-/.test(line)) continue
      replies.push(this.#take())
    }
    if (from < bytes.length) {
      this.#rest.push(Buffer.from(bytes.subarray(from)))
      this.#octets += bytes.length - from
    }
    return this.#octets > LONGEST_REPLY ? undefined : replies
  }

  /** Something came that is no whole reply yet. */
  get isPartial(): boolean {
    return this.#lines.length > 0 || this.#rest.length > 0
  }

  /** The reply that the end of the connection cut short, where enough of it came to see that it is negative. */
  takeCutShort(): string[] | undefined {
    const rest = this.#takeLine()
    const lines = [...this.#take(), ...(rest === '' ? [] : [rest])]
    return lines.length > 0 && lines.every((line) => /^[45]\d\d(?:[ -]|$)/.test(line)) ? lines : undefined
  }

  #takeLine(): string {
    const line = this.#rest.length === 1 ? this.#rest[0]! : Buffer.concat(this.#rest)
    this.#rest = []
    return line.toString(isUtf8(line) ? 'utf8' : 'latin1').replace(/\r$/, '')
  }

  #take(): string[] {
    const lines = this.#lines
    this.#lines = []
    this.#octets = 0
    return lines
  }
}
