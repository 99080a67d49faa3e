import { Mailer, type MailError } from '@loudmail/core'
import { thrownInWords } from '@loudmail/core/transport'
import type { MailStore, StoredMail } from '@loudmail/debug'
import type { Terminal } from '../terminal/terminal.ts'
import { UsageError } from '../usage-error.ts'
import type { ForwardTarget } from './checked-options.ts'

/** Sends caught mails on. What fails is told on standard error, and kept in the store beside the mail. */
export class Forwarding {
  readonly #target: ForwardTarget
  readonly #mailer: Mailer
  readonly #store: MailStore
  readonly #terminal: Terminal
  readonly #abort = new AbortController()
  readonly #pending = new Set<Promise<void>>()

  /** @throws UsageError if the target is this server: a mail would go round and round */
  constructor(target: ForwardTarget, ownPort: number, store: MailStore, terminal: Terminal) {
    const { transport } = target
    if (new RegExp(`\\((?:localhost|127\\.[\\d.]+|::1|\\[::1\\]):${ownPort}\\)`).test(transport.name))
      throw new UsageError('the URL to forward to is this server itself')
    this.#target = target
    // Every failure is told below.
    this.#mailer = new Mailer({ transport, failure: 'silent', observe: () => {} })
    this.#store = store
    this.#terminal = terminal
  }

  /** Begins to send a mail on, to those recipients that it was accepted for. */
  forward(mail: StoredMail): void {
    const sending = this.#send(mail).catch((error: unknown) => {
      this.#terminal.note(`loudmail: a failed mail could not be kept: ${thrownInWords(error)}`)
    })
    this.#pending.add(sending)
    void sending.then(() => this.#pending.delete(sending))
  }

  /** Waits for mails that are under way, but at most so many ms. */
  async close(atMostMs: number): Promise<void> {
    const timer = setTimeout(() => this.#abort.abort(), atMostMs / 2)
    await Promise.all(this.#pending)
    clearTimeout(timer)
    await this.#mailer.close()
  }

  async #send(mail: StoredMail): Promise<void> {
    const { content, envelope, error } = mail
    const accepted = error
      ? error.recipients.filter(({ status }) => status === 'accepted').map(({ address }) => address)
      : envelope.to
    if (!content || accepted.length === 0) return
    const to = this.#target.to === undefined ? accepted : [this.#target.to]
    const receipt = await this.#mailer.send(
      { raw: content, envelope: { from: envelope.from, to: to.map((address) => ({ address })) } },
      { signal: this.#abort.signal },
    )
    if (!receipt.ok) await this.#tell(mail, receipt.error)
  }

  async #tell(mail: StoredMail, error: MailError): Promise<void> {
    this.#terminal.note(`loudmail: a mail could not be sent on: ${error.message}`)
    this.#terminal.note(`  ${error.hint}`)
    const { id: _, at: __, size: ___, code: ____, ...facts } = mail
    await this.#store.add({
      ...facts,
      state: 'failed',
      transport: this.#target.transport.name,
      transcript: error.transcript,
      error,
    })
  }
}
