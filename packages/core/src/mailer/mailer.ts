import { configError } from '../failure/config-error.ts'
import {
  checkSendOptions,
  mergedOptions,
  NO_OPTIONS,
  ownSendOptions,
  type MailerOptions,
  type SendOptions,
} from './mailer-options.ts'
import type { MessageInput } from '../message/message-input.ts'
import type { MailerHealth } from './mailer-health.ts'
import type { Receipt, SentOne } from './receipt.ts'
import type { SendManyOptions } from './send-many.ts'
import { SharedMailer, type MailerStats } from './shared-mailer.ts'
import type { VerifyOptions } from './verify-options.ts'

/** Sends messages through a transport. Every failure is counted and reported to observers, then thrown or returned, as the policy says. */
export class Mailer {
  readonly #shared: SharedMailer
  /** The options of a view, which {@link with} created. */
  #sendOptions = NO_OPTIONS

  /** @throws MailError `config/invalid-config`, under every policy */
  constructor(options: MailerOptions) {
    // A view is created from the shared part, without checking anything again.
    this.#shared = options instanceof SharedMailer ? options : new SharedMailer(options)
  }

  /**
   * Sends one message: attempt, count, call the observers, then throw or return.
   *
   * @throws MailError unless the failure is silenced
   */
  send(input: MessageInput, options: SendOptions = NO_OPTIONS): Promise<Receipt> {
    return this.#shared.send(input, mergedOptions(this.#sendOptions, options))
  }

  /**
   * Sends one message after the current turn, so that the time of an HTTP answer does not show whether mail is sent. It
   * returns at once and never throws: every failure is counted and goes to the observers, and if none takes it, it is
   * printed, whatever the policy says. `close()` waits for it. The fields of the message and the options are copied at the
   * call; what they contain, such as lists and streams, is read later.
   */
  sendInBackground(input: MessageInput, options: SendOptions = NO_OPTIONS): void {
    let merged = options
    try {
      merged = mergedOptions(this.#sendOptions, options)
    } catch {
      // An option cannot be read. The send fails because of that, later.
    }
    this.#shared.sendInBackground(input, merged)
  }

  /**
   * Sends many messages while you loop over the result, which yields each one as it settles. At most `concurrency` are in
   * progress or not yet yielded. A failed message never throws: its receipt contains the failure, and if nobody reads that
   * receipt, the failure is printed. If you leave the loop, no more messages are read, and the sends in progress are
   * awaited. An error of the source is thrown after them.
   */
  sendMany(
    inputs: Iterable<MessageInput> | AsyncIterable<MessageInput>,
    options: SendManyOptions = {},
  ): AsyncIterable<SentOne> {
    if (
      typeof inputs !== 'object' ||
      inputs === null ||
      !(Symbol.asyncIterator in inputs || Symbol.iterator in inputs)
    )
      throw configError('sendMany() needs an array or another iterable of messages')
    return this.#shared.sendMany(inputs, mergedOptions(this.#sendOptions, options))
  }

  /**
   * A view of this mailer whose sends have these options by default, such as those of one request or tenant. Contexts are
   * merged, and either signal ends a send. The views share counts, transport and closing.
   *
   * @throws MailError `config/invalid-config`
   */
  with(options: SendOptions): Mailer {
    checkSendOptions(options, 'with()')
    const view = new Mailer(this.#shared as never)
    view.#sendOptions = ownSendOptions(mergedOptions(this.#sendOptions, options))
    return view
  }

  /**
   * Checks at start that the server is reachable and accepts the credentials, without sending anything. With `to`, it also
   * asks whether the server accepts these recipients, up to RCPT; a refusal is thrown as the failure that a send would have.
   *
   * @throws MailError under every policy
   */
  verify(options: VerifyOptions = {}): Promise<void> {
    return this.#shared.verify(options)
  }

  /**
   * How the mailer is, without sending or connecting: up, degraded or down, with the last failure of the transport, counts,
   * and what is in progress. A mailer that never sent is up.
   */
  health(): MailerHealth {
    return this.#shared.health
  }

  /**
   * Accepts no more messages, waits for the sends in progress, then closes the transport. Sends that take longer than
   * `drainMs` are aborted. Calling it again does nothing.
   */
  close(): Promise<void> {
    return this.#shared.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Counts since the mailer was created, and the last failure. */
  get stats(): MailerStats {
    return this.#shared.stats
  }
}
