import type { Envelope, FailureCode, MailError, Stage, Transcript, TranscriptEntry } from '@loudmail/core'
import { redactEntries, Secrets } from '@loudmail/core/transport'
import type { CapturedMessage, ConnectionRecord, ConversationEntry } from '@loudmail/server'
import { CredentialFilter } from './credential-filter.ts'
import { HeardOpening } from './heard-opening.ts'
import { HeardTransaction } from './heard-transaction.ts'
import { stageOf } from './heard-stage.ts'

/** How a mail ended, as the server heard it. */
export interface Heard {
  readonly envelope: Envelope
  readonly transcript: Transcript
  /** Undefined if the client did not send all of it. */
  readonly content?: Uint8Array | undefined
  /** Undefined if all recipients were accepted. */
  readonly error?: MailError | undefined
}

/** A client may go on for ever. */
const MOST_ENTRIES = 5_000

/** The conversation on one connection, line by line. It reports every mail that failed, at its end. */
export class HeardConversation {
  readonly #connection: ConnectionRecord
  readonly #report: (heard: Heard) => void
  readonly #rehearsed: FailureCode | undefined
  readonly #secrets = new Secrets()
  readonly #credentials = new CredentialFilter(this.#secrets)
  readonly #opening: HeardOpening
  /** The lines before the first message. Every transcript of the connection begins with them. */
  readonly #preamble: TranscriptEntry[] = []
  #entries = this.#preamble
  #sequence = 0
  #isEncrypted = false
  #transaction: HeardTransaction | undefined
  /** The step that the server has not answered yet, and the command. */
  #asked: { readonly stage: Stage | undefined; readonly command: string } | undefined

  constructor(
    connection: ConnectionRecord,
    report: (heard: Heard) => void,
    rehearsed: FailureCode | undefined,
  ) {
    this.#connection = connection
    this.#report = report
    this.#rehearsed = rehearsed
    this.#opening = new HeardOpening(connection, rehearsed)
    this.#asked = { stage: 'greeting', command: '' }
    this.#note('event', `a client connected from port ${connection.remotePort}`, 0)
  }

  /** Adds what was said. */
  add(entry: ConversationEntry): void {
    if (entry.tls && !this.#isEncrypted) {
      this.#isEncrypted = true
      this.#note('event', `encrypted with ${this.#connection.tlsVersion}`, entry.offsetMs)
    }
    if (entry.from === 'server') this.#answered(entry)
    else this.#said(entry)
  }

  /** All of the content has arrived, and is not answered yet. */
  complete(message: CapturedMessage): void {
    this.#transaction?.complete(message)
  }

  /** The mail as it ends with this positive reply, which is about to be sent. */
  accepted(reply: string): Heard {
    const transaction = this.#transaction!
    transaction.answer('body', reply, '', this.#secrets.redact)
    transaction.isKept = true
    const last = this.#entryOf('server', reply, this.#entries.at(-1)?.atMs ?? 0)
    return this.#heard(transaction, transaction.failure(), [last])
  }

  /** The connection is closed. */
  end(): void {
    this.#note('event', 'the connection was closed', this.#elapsedMs)
    const transaction = this.#transaction
    if (transaction) return this.#endTransaction(transaction.failure('closed', this.#rehearsed))
    const error = this.#opening.failure(this.#asked?.stage)
    if (error)
      this.#report({ envelope: { from: '', to: [], smtputf8: false }, transcript: this.#transcript(), error })
  }

  #said({ text, command, octets, offsetMs }: ConversationEntry): void {
    const stage = stageOf(command, octets)
    const shown = octets === undefined ? this.#credentials.shown(text, command) : text
    if (stage === 'mail-from' || /^(?:RSET|QUIT|EHLO|HELO)$/.test(command ?? ''))
      this.#endTransaction(this.#transaction?.failure())
    if (stage === 'mail-from') {
      this.#transaction = new HeardTransaction(text)
      this.#entries = []
    } else if (stage === 'rcpt-to') this.#transaction?.addRecipient(text)
    this.#opening.said(stage)
    this.#note('client', shown, offsetMs)
    this.#asked = { stage, command: octets === undefined ? shown : '' }
  }

  #answered({ text, offsetMs }: ConversationEntry): void {
    for (const line of text.split('\n')) this.#note('server', line, offsetMs)
    const { stage, command } = this.#asked ?? { command: '' }
    this.#asked = undefined
    if (stage === undefined) return
    const transaction = this.#transaction
    if (!transaction) return this.#opening.answered(stage, text, command)
    if (transaction.isKept && stage === 'body') return void (this.#transaction = undefined)
    transaction.answer(stage, text, command, this.#secrets.redact)
    if (transaction.isOver) this.#endTransaction(transaction.failure())
  }

  #endTransaction(error: MailError | undefined): void {
    const transaction = this.#transaction
    this.#transaction = undefined
    if (transaction && error && !transaction.isKept) this.#report(this.#heard(transaction, error))
  }

  #heard(
    transaction: HeardTransaction,
    error: MailError | undefined,
    more: readonly TranscriptEntry[] = [],
  ): Heard {
    const { envelope, content } = transaction
    return { envelope, content, error, transcript: this.#transcript(more) }
  }

  #transcript(more: readonly TranscriptEntry[] = []): Transcript {
    const own = this.#entries === this.#preamble ? [] : this.#entries
    return { entries: redactEntries([...this.#preamble, ...own, ...more], this.#secrets.redact) }
  }

  get #elapsedMs(): number {
    return Date.now() - this.#connection.openedAt.getTime()
  }

  #note(from: TranscriptEntry['from'], text: string, atMs: number): void {
    if (this.#entries.length < MOST_ENTRIES) this.#entries.push(this.#entryOf(from, text, atMs))
  }

  #entryOf(from: TranscriptEntry['from'], text: string, atMs: number): TranscriptEntry {
    return { from, text, atMs, connection: `s${this.#connection.id}`, sequence: this.#sequence++ }
  }
}
