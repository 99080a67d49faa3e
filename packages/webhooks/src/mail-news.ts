import type { MailError } from '@loudmail/core'

/** What became of a message after it was sent, for one recipient. */
export type NewsType =
  | 'delivered'
  | 'bounced'
  | 'complained'
  | 'deferred'
  | 'unsubscribed'
  | 'opened'
  | 'clicked'

/** Who brings the news: a provider, or a message that came back by mail. */
export type NewsFrom = 'resend' | 'postmark' | 'ses' | 'sendgrid' | 'mailgun' | 'brevo' | 'dsn' | 'arf'

/**
 * News about one message and one recipient, whoever brings it. Of a webhook it is true only as far as its signature says
 * so; of a bounce by mail, anybody can write one.
 */
export interface MailNews {
  /** What happened. `bounced`: it will not be delivered. `deferred`: the provider tries again. */
  readonly type: NewsType
  /** Who says so. */
  readonly from: NewsFrom
  /** Names this news: the same each time that it is told. */
  readonly id: string
  /** When it happened, as far as the provider says; otherwise when it was told. */
  readonly at: Date
  /** The recipient: `local-part@domain`. */
  readonly recipient: string
  /**
   * If the provider does not say which recipient of the message it means: all that it can be. `recipient` is then the first of
   * them, and not to be blamed.
   */
  readonly oneOf?: readonly string[] | undefined
  /** The id that the provider gave the message when it was sent: `providerId` of the receipt. */
  readonly providerId?: string | undefined
  /** The Message-ID with its angle brackets, if the news has it. */
  readonly messageId?: string | undefined
  /**
   * Why, for `bounced`, `deferred` and `complained`: with the code, the permanence, the hint and the reply of the recipient's
   * server, as a send of our own would have failed. Its only recipient is `recipient`.
   */
  readonly why?: MailError | undefined
  /** Which link was followed, for `clicked`. */
  readonly link?: string | undefined
  /** The tags of the message. */
  readonly tags?: readonly string[] | undefined
  /** The metadata of the message. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** What was told, as it was told. It contains addresses, and whatever a stranger put into it. */
  readonly raw: unknown
}
