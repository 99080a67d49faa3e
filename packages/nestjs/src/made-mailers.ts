import type { Mailer, MailerOptions, MessageInput, Observer, Transport } from '@loudmail/core'

/** The part of an outbox that is used without `@loudmail/outbox`. */
export interface OutboxTransport extends Transport {
  /** Where the messages are. It is opened when the application starts. */
  readonly store: { open(): Promise<void> }
  /** Keeps a message, without a `Mailer`. */
  enqueue(message: MessageInput, options?: object): Promise<unknown>
}

/** What belongs to a mailer that MailerModule created. */
export interface MadeMailer {
  readonly options: MailerOptions
  /** Undefined if its transport is not an outbox, or if a test has replaced it. */
  readonly outbox: OutboxTransport | undefined
  /** A test has replaced its transport: nothing may be sent by the real one. */
  readonly isOverridden: boolean
  /** Those that the module added: its log and its events. */
  readonly observers: readonly Observer[]
  /** They are closed before the mailer is. */
  readonly workers: { close(): Promise<void> }[]
}

/** The mailers that MailerModule created. One that a test puts in their place is not among them. */
export const madeMailers = new WeakMap<Mailer, MadeMailer>()

export function isOutbox(transport: Transport): transport is OutboxTransport {
  const { enqueue, store } = transport as Partial<OutboxTransport>
  return typeof enqueue === 'function' && typeof store?.open === 'function'
}
