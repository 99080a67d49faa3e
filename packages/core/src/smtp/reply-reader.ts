/** The lines of one reply, without line ends. */
export interface ReplyLines {
  /** The basic code of the first line, or of the first line that refuses. */
  readonly code: number
  /** The text of each line, without codes. */
  readonly lines: readonly string[]
}

/** Bytes that are not a reply. */
export interface NotAReply {
  /** Undefined, unlike in a reply. */
  readonly code: undefined
  /** The line that is not a reply, or what is wrong with it. */
  readonly lines: readonly string[]
}

// RFC 5321 section 4.5.3.1.5 allows 512 octets per line. These limits accept more, but not everything.
const LONGEST_LINE = 4_096
const MOST_LINES = 256
const LF = 0x0a
const CR = 0x0d
// As a literal character, it would make the whole module take two octets per character in memory.
const REPLACEMENT = String.fromCodePoint(0xfffd)

/** Splits the bytes of a server into replies (RFC 5321 section 4.2). Part of a line is kept until the rest arrives. */
export class ReplyReader {
  #rest: Buffer | undefined
  #lines: string[] = []
  #code = 0
  /** After bytes that are not a reply, nothing can be trusted. */
  broken = false

  /** Calls `take` for every whole reply in `bytes`. Stops at bytes that are not a reply, which `take` gets too. */
  feed(bytes: Buffer, take: (reply: ReplyLines | NotAReply) => void): void {
    let data = bytes
    if (this.#rest) {
      data = Buffer.concat([this.#rest, bytes])
      this.#rest = undefined
    }
    let start = 0
    while (start < data.length && !this.broken) {
      const end = data.indexOf(LF, start)
      if (end < 0) break
      this.#line(data, start, data[end - 1] === CR && end > start ? end - 1 : end, take)
      start = end + 1
    }
    if (this.broken || start === data.length) return
    // One more octet may be the CR of a line whose LF has not arrived yet.
    if (data.length - start > LONGEST_LINE + 1)
      return this.#break('a reply line is longer than 4096 octets', take)
    // The socket's buffer is reused, so the rest has to be copied.
    this.#rest = Buffer.from(data.subarray(start))
  }

  /** The connection ended. A last line without a line end is a reply, and so is a refusal without its last lines. */
  end(take: (reply: ReplyLines | NotAReply) => void): void {
    if (this.broken) return
    const rest = this.#rest
    this.#rest = undefined
    if (rest && /^\d{3}(?: |\r?$)/.test(rest.toString('latin1')))
      return this.#line(rest, 0, rest.at(-1) === CR ? rest.length - 1 : rest.length, take)
    if (this.#code < 400 || this.#lines.length === 0) return
    const lines = this.#lines
    this.#lines = []
    take({ code: this.#code, lines })
  }

  /** Whether part of a reply has arrived. */
  get pending(): boolean {
    return this.#rest !== undefined || this.#lines.length > 0
  }

  #line(data: Buffer, start: number, end: number, take: (reply: ReplyLines | NotAReply) => void): void {
    if (end - start > LONGEST_LINE) return this.#break('a reply line is longer than 4096 octets', take)
    // Some servers send empty lines between replies. They are ignored.
    if (end === start && this.#lines.length === 0) return
    const text = decode(data, start, end)
    const code = codeOf(data, start, end)
    const mark = end - start > 3 ? data[start + 3] : 0x20
    if (code === 0 || (mark !== 0x20 && mark !== 0x2d)) return this.#break(text, take)
    // A line of a reply that refuses makes it a refusal, whatever its other lines say.
    if (this.#lines.length === 0 || (this.#code < 400 && code >= 400)) this.#code = code
    if (mark === 0x2d) {
      this.#lines.push(text)
      if (this.#lines.length >= MOST_LINES) this.#break('a reply has more than 256 lines', take)
      return
    }
    const lines = this.#lines
    if (lines.length === 0) return take({ code, lines: [text] })
    this.#lines = []
    lines.push(text)
    take({ code: this.#code, lines })
  }

  #break(text: string, take: (reply: NotAReply) => void): void {
    this.broken = true
    this.#rest = undefined
    this.#lines = []
    take({ code: undefined, lines: [text.slice(0, LONGEST_LINE)] })
  }
}

/** 200 to 599, or 0. */
function codeOf(data: Buffer, start: number, end: number): number {
  if (end - start < 3) return 0
  const first = data[start]! - 0x30
  const second = data[start + 1]! - 0x30
  const third = data[start + 2]! - 0x30
  const digits = first >= 2 && first <= 5 && second >= 0 && second <= 9 && third >= 0 && third <= 9
  return digits ? first * 100 + second * 10 + third : 0
}

/** Reads UTF-8, or Latin-1 if it is not UTF-8 (RFC 5321 gives no charset for reply text). */
function decode(data: Buffer, start: number, end: number): string {
  const text = data.toString('latin1', start, end)
  // oxlint-disable-next-line no-control-regex
  if (!/[^\0-\x7F]/.test(text)) return text
  const utf8 = data.toString('utf8', start, end)
  return utf8.includes(REPLACEMENT) ? text : utf8
}
