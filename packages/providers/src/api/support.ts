/** What a provider's API can do. `docs/providers.md` shows it as a table. */
export interface Support {
  /** The message is sent as it is composed here (RFC 5322). Otherwise the provider composes it from its parts. */
  readonly mime: boolean
  readonly attachments: boolean
  readonly inlineImages: boolean
  readonly calendar: boolean
  readonly tags: boolean
  readonly metadata: boolean
  /** How far ahead a message can be scheduled, in ms; 0 if it cannot. */
  readonly scheduleMs: number
  /** How long a key is remembered, in ms; 0 if keys are not honoured. */
  readonly idempotencyMs: number
  /** The most messages of a request; 1 if there are no batches. */
  readonly batch: number
  /** The most recipients of a message. */
  readonly recipients: number
  /** The largest message with its attachments, in octets. */
  readonly octets: number
  /** Whether it says for each recipient that it was refused. */
  readonly perRecipient: boolean
  /** Whether `verify()` asks the provider. */
  readonly verify: boolean
  /** What reads its webhooks, in `@loudmail/webhooks`; undefined if it has none for mail. */
  readonly webhook: string | undefined
}
