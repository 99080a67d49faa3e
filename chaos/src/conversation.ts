import { Intake, type IntakeOwner } from './intake.ts'
import type { ChunkingLie, Lies, PipeliningLie } from './lies.ts'
import type { Deed, Occasion } from './mischief.ts'
import type { ServerPlan } from './plan.ts'
import type { Random } from './random.ts'
import { ReceivedContent, type ServerRecord } from './record.ts'

/** Who says the replies, if any, and may have something else in mind. */
export interface ConversationHost {
  readonly isDeaf: boolean
  readonly offersTls: boolean
  /** Carries out, and says of it, what was asked; unless it is refused, or something strange is due. */
  answer(occasion: Occasion | undefined, asked: string, carryOut: () => string, refusals?: number): void
  say(text: string): void
  /** Waits before it says the next. */
  think(ms: number): void
  /** Writes down what it does without a word. */
  note(text: string): void
  act(deed: Deed): void
  quit(): void
  startTls(): void
}

/** After so many commands that it does not know, a server closes. */
const MOST_UNKNOWN = 20

/** What a server does about the commands and the content of one connection. */
export class Conversation implements IntakeOwner {
  readonly #intake = new Intake(this)
  readonly #host: ConversationHost
  readonly #plan: ServerPlan
  /** How it does not do as it says, on this connection. */
  readonly #lies: Lies | undefined
  readonly #record: ServerRecord
  readonly #random: Random
  #taken = 0
  #unknown = 0
  /** Those accepted so far; undefined outside a transaction. */
  #recipients: string[] | undefined
  #content: ReceivedContent | undefined
  /** The content is refused once it has so many octets. */
  #refuseAtOctet = Infinity
  /** This chunk, or content, was refused before its end: it has its reply. */
  #isAnswered = false

  constructor(
    host: ConversationHost,
    plan: ServerPlan,
    lies: Lies | undefined,
    record: ServerRecord,
    random: Random,
  ) {
    this.#host = host
    this.#plan = plan
    this.#lies = lies
    this.#record = record
    this.#random = random
  }

  feed(bytes: Buffer): void {
    this.#intake.feed(bytes)
  }

  get isDeaf(): boolean {
    return this.#host.isDeaf
  }

  /** It took a message, and another one has not begun. */
  get isBetweenMessages(): boolean {
    return this.#taken > 0 && !this.#recipients && !this.#content
  }

  get pipeliningLie(): PipeliningLie | undefined {
    return this.#isLying ? this.#lies?.pipelining : undefined
  }

  someIgnored({ worksOn, says, closes }: PipeliningLie): void {
    this.#lie(`works on ${worksOn} of these commands`, says, closes)
  }

  command(line: string): void {
    const host = this.#host
    const { refusals } = this.#plan
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'EHLO' || verb === 'HELO')
      host.answer('EHLO', line, () => this.#greet(verb), refusals.opening)
    else if (line === 'STARTTLS') host.answer('STARTTLS', line, () => this.#startTls(), refusals.opening)
    else if (verb === 'MAIL') host.answer('MAIL', line, () => this.#mail(), refusals.mail)
    else if (verb === 'RCPT') host.answer('RCPT', line, () => this.#rcpt(line), refusals.rcpt)
    else if (verb === 'DATA') host.answer('DATA', line, () => this.#data(), refusals.data)
    else if (verb === 'RSET') host.answer('RSET', line, () => this.#reset())
    else if (verb === 'QUIT') host.quit()
    else this.#ignore(line)
  }

  chunk(isLast: boolean): ChunkingLie['octets'] {
    const lie = this.#chunkingLie(isLast)
    const octets = lie?.octets ?? 'kept'
    if (octets === 'kept') this.#beginContent()
    else if (octets === 'taken for commands') this.#refuseChunk(lie!)
    return octets
  }

  chunkDropped(): void {
    this.#refuseChunk(this.#lies!.chunking!)
  }

  piece(bytes: Buffer): void {
    const content = this.#content!
    content.add(bytes)
    if (content.octets < this.#refuseAtOctet) return
    this.#refuseAtOctet = Infinity
    this.#recipients = []
    this.#isAnswered = true
    this.#host.say('552 5.3.4 Too much of it')
  }

  contentEnded(isLast: boolean, isChunk: boolean): void {
    const lie = isChunk ? this.#chunkingLie(isLast) : undefined
    const content = this.#content!
    const recipients = this.#recipients ?? []
    const asked = `<${content.octets} octets of ${content.id}>`
    if (isLast) {
      this.#content = undefined
      this.#recipients = undefined
    }
    if (this.#isAnswered) return
    if (lie && lie.lateMs === undefined) {
      if (isLast && recipients.length > 0) this.#take(content, recipients)
      this.#lie(`takes ${asked}`, lie.says, lie.closes)
      // Words for another reason would be taken for the reply to this.
      if (!lie.closes) this.#host.act('falls silent and works on')
      return
    }
    if (lie?.lateMs !== undefined) this.#host.think(lie.lateMs)
    if (recipients.length === 0) this.#host.answer(undefined, asked, () => '503 5.5.1 No recipients')
    else if (!isLast) this.#host.answer(undefined, asked, () => '250 2.0.0 Go on')
    else
      this.#host.answer('CONTENT', asked, () => this.#take(content, recipients), this.#plan.refusals.content)
    if (lie?.closes) this.#host.act('closes')
    const leaves = this.#lies?.leaves
    if (isLast && leaves && this.#taken >= leaves.afterMessages) this.#host.act(leaves.deed)
  }

  /** By now. */
  get #isLying(): boolean {
    return this.#lies !== undefined && this.#taken >= this.#lies.from
  }

  #chunkingLie(isLast: boolean): ChunkingLie | undefined {
    const lie = this.#isLying ? this.#lies?.chunking : undefined
    return isLast || lie?.at === 'every chunk' ? lie : undefined
  }

  #refuseChunk({ octets, says, closes }: ChunkingLie): void {
    // A server that took the chunks before has nothing to add this one to.
    if (this.#content) this.#reset()
    this.#lie(`a chunk is ${octets}`, says, closes)
  }

  #lie(what: string, says: string | undefined, closes: boolean): void {
    this.#host.note(what)
    if (says !== undefined) this.#host.say(says)
    if (closes) this.#host.act('closes')
  }

  #ignore(line: string): void {
    const host = this.#host
    host.note(`does not know ${line.slice(0, 40)}`)
    if (++this.#unknown <= MOST_UNKNOWN) return host.say('500 5.5.2 What?')
    host.say('421 4.7.0 Too many errors')
    host.act('closes')
  }

  #greet(verb: string): string {
    this.#reset()
    const offered = verb === 'EHLO' ? this.#plan.extensions : []
    return ['chaos.example', ...offered, ...(verb === 'EHLO' && this.#host.offersTls ? ['STARTTLS'] : [])]
      .map((text, index, { length }) => `250${index === length - 1 ? ' ' : '-'}${text}`)
      .join('\r\n')
  }

  #startTls(): string {
    this.#host.startTls()
    return '220 2.0.0 Go ahead'
  }

  #mail(): string {
    if (this.#recipients) return '503 5.5.1 There is a sender already'
    this.#recipients = []
    return '250 2.1.0 Ok'
  }

  #rcpt(line: string): string {
    if (!this.#recipients) return '503 5.5.1 Who sends it?'
    this.#recipients.push(/<(.*?)>/.exec(line)![1]!)
    return '250 2.1.5 Ok'
  }

  #data(): string {
    if (!this.#recipients?.length) return '554 5.5.1 No valid recipients'
    this.#beginContent()
    this.#intake.expectData()
    return '354 Go ahead'
  }

  #reset(): string {
    this.#recipients = undefined
    this.#content = undefined
    return '250 2.0.0 Ok'
  }

  /** After DATA, or at each BDAT chunk. */
  #beginContent(): void {
    this.#isAnswered = false
    if (this.#content) return
    this.#content = new ReceivedContent()
    const isRefused = this.#random.chance(this.#plan.refusals.middle)
    this.#refuseAtOctet = isRefused
      ? this.#random.whole(1, this.#random.one([500, 5_000, 200_000]))
      : Infinity
  }

  #take(content: ReceivedContent, recipients: readonly string[]): string {
    this.#taken++
    this.#record.take(content, recipients)
    return `250 2.0.0 Ok: took ${content.id} for ${recipients.length}`
  }
}
