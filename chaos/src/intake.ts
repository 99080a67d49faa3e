import { chosenOf, type ChunkingLie, type PipeliningLie } from './lies.ts'

const CRLF = '\r\n'
const END_OF_DATA = '\r\n.\r\n'
const BDAT = /^BDAT (\d+)( LAST)?$/i

/** Who is told of what a client sends. */
export interface IntakeOwner {
  command(line: string): void
  /** A BDAT chunk begins. Returns what becomes of its octets. */
  chunk(isLast: boolean): ChunkingLie['octets']
  /** Some octets of a message's content. */
  piece(bytes: Buffer): void
  /** A BDAT chunk, or the content after DATA, is here to its end. */
  contentEnded(isLast: boolean, isChunk: boolean): void
  /** The octets of a chunk went nowhere. */
  chunkDropped(): void
  /** What it does about several commands at once; undefined: it works on all. */
  readonly pipeliningLie: PipeliningLie | undefined
  /** It did so. */
  someIgnored(lie: PipeliningLie): void
  /** Nothing more is wanted. */
  readonly isDeaf: boolean
}

interface Chunk {
  left: number
  readonly isLast: boolean
  readonly isKept: boolean
}

/** Takes what a client sends apart, into commands and content. */
export class Intake {
  readonly #owner: IntakeOwner
  #buffer: Buffer = Buffer.alloc(0)
  #content: 'none' | 'data' | Chunk = 'none'

  constructor(owner: IntakeOwner) {
    this.#owner = owner
  }

  /** @param bytes what one read brought */
  feed(bytes: Buffer): void {
    this.#buffer = this.#buffer.length > 0 ? Buffer.concat([this.#buffer, bytes]) : bytes
    let more = true
    while (more && !this.#owner.isDeaf) {
      const content = this.#content
      if (content === 'none') more = this.#command()
      else if (content === 'data') more = this.#data()
      else more = this.#chunk(content)
    }
  }

  /** What comes next is content, up to a lone dot. */
  expectData(): void {
    this.#content = 'data'
    // The end of an empty content has no line end of its own before it.
    this.#buffer = Buffer.concat([Buffer.from(CRLF), this.#buffer])
  }

  #command(): boolean {
    const lie = this.#owner.pipeliningLie
    const lines = this.#takeLines(lie ? Infinity : 1)
    if (!lie || lines.length <= 1) for (const line of lines) this.#perform(line)
    else this.#performSome(lines, lie)
    return lines.length > 0
  }

  /** The commands that are here, up to a BDAT: what comes behind it is no command. */
  #takeLines(most: number): string[] {
    const lines: string[] = []
    while (lines.length < most && !BDAT.test(lines.at(-1) ?? '')) {
      const end = this.#buffer.indexOf(CRLF)
      if (end < 0) break
      lines.push(this.#buffer.toString('latin1', 0, end))
      this.#buffer = this.#buffer.subarray(end + CRLF.length)
    }
    return lines
  }

  #performSome(lines: readonly string[], lie: PipeliningLie): void {
    const chosen = chosenOf(lines, lie)
    // The octets of a chunk are ignored with its command, as far as they came in the same read.
    if (BDAT.test(lines.at(-1)!) && chosen.at(-1) !== lines.at(-1)) this.#buffer = Buffer.alloc(0)
    for (const line of chosen) if (!this.#owner.isDeaf) this.#perform(line)
    if (chosen.length < lines.length && !this.#owner.isDeaf) this.#owner.someIgnored(lie)
  }

  #perform(line: string): void {
    const chunk = BDAT.exec(line)
    if (!chunk) return this.#owner.command(line)
    const isLast = chunk[2] !== undefined
    const octets = this.#owner.chunk(isLast)
    if (octets !== 'taken for commands')
      this.#content = { left: Number(chunk[1]), isLast, isKept: octets === 'kept' }
  }

  #data(): boolean {
    const end = this.#buffer.indexOf(END_OF_DATA)
    const isEnd = end >= 0
    // The start of the end may be in what is here.
    const length = isEnd ? end : Math.max(0, this.#buffer.length - END_OF_DATA.length + 1)
    this.#owner.piece(this.#buffer.subarray(0, length))
    this.#buffer = this.#buffer.subarray(isEnd ? end + END_OF_DATA.length : length)
    if (!isEnd) return false
    this.#content = 'none'
    this.#owner.contentEnded(true, false)
    return true
  }

  #chunk(content: Chunk): boolean {
    const bytes = this.#buffer.subarray(0, content.left)
    this.#buffer = this.#buffer.subarray(bytes.length)
    content.left -= bytes.length
    if (content.isKept) this.#owner.piece(bytes)
    if (content.left > 0) return false
    this.#content = 'none'
    if (content.isKept) this.#owner.contentEnded(content.isLast, true)
    else this.#owner.chunkDropped()
    return true
  }
}
