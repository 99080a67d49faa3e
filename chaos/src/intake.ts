const CRLF = '\r\n'
const END_OF_DATA = '\r\n.\r\n'

/** Who is told of what a client sends. */
export interface IntakeOwner {
  command(line: string): void
  /** Some octets of a message's content. */
  piece(bytes: Buffer): void
  /** A BDAT chunk, or the content after DATA, is here to its end. */
  contentEnded(isLast: boolean): void
  /** Nothing more is wanted. */
  readonly isDeaf: boolean
}

/** Takes what a client sends apart, into commands and content. */
export class Intake {
  readonly #owner: IntakeOwner
  #buffer: Buffer = Buffer.alloc(0)
  #content: 'none' | 'data' | { left: number; readonly isLast: boolean } = 'none'

  constructor(owner: IntakeOwner) {
    this.#owner = owner
  }

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
    const end = this.#buffer.indexOf(CRLF)
    if (end < 0) return false
    const line = this.#buffer.toString('latin1', 0, end)
    this.#buffer = this.#buffer.subarray(end + CRLF.length)
    const chunk = /^BDAT (\d+)( LAST)?$/i.exec(line)
    if (chunk) this.#content = { left: Number(chunk[1]), isLast: chunk[2] !== undefined }
    this.#owner.command(line)
    return true
  }

  #data(): boolean {
    const end = this.#buffer.indexOf(END_OF_DATA)
    const isEnd = end >= 0
    // The start of the end may be in what is here.
    const length = isEnd ? end : Math.max(0, this.#buffer.length - END_OF_DATA.length + 1)
    this.#owner.piece(this.#buffer.subarray(0, length))
    this.#buffer = this.#buffer.subarray(isEnd ? end + END_OF_DATA.length : length)
    if (isEnd) this.#end(true)
    return isEnd
  }

  #chunk(content: { left: number; readonly isLast: boolean }): boolean {
    const bytes = this.#buffer.subarray(0, content.left)
    this.#buffer = this.#buffer.subarray(bytes.length)
    content.left -= bytes.length
    this.#owner.piece(bytes)
    if (content.left === 0) this.#end(content.isLast)
    return content.left === 0
  }

  #end(isLast: boolean): void {
    this.#content = 'none'
    this.#owner.contentEnded(isLast)
  }
}
