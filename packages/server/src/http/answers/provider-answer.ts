/** The providers whose APIs are played. */
export type ProviderName =
  | 'resend'
  | 'postmark'
  | 'ses'
  | 'sendgrid'
  | 'mailgun'
  | 'brevo'
  | 'microsoftGraph'
  | 'gmail'

/** The kinds of failure, of those that can occur at the stage `submit`, that an answer of a provider can mean. */
export type ProviderFailureKind =
  | 'account-blocked'
  | 'bad-credentials'
  | 'content-rejected'
  | 'invalid-address'
  | 'invalid-config'
  | 'invalid-message'
  | 'message-too-large'
  | 'missing-credentials'
  | 'oauth-token'
  | 'policy'
  | 'rate-limited'
  | 'rejected'
  | 'sender-not-owned'
  | 'server-error'
  | 'server-storage'
  | 'service-unavailable'
  | 'suppressed'
  | 'timeout'
  | 'too-many-recipients'

/** What a failure answer means, in the words of a `MailError`. */
export interface ExpectedFailure {
  /** The kind of the failure, at the stage `submit`. */
  readonly kind: ProviderFailureKind
  /** Whether another attempt may succeed. */
  readonly permanence: 'permanent' | 'transient' | 'unknown'
  /** Who may have the message. */
  readonly delivered: 'none' | 'some' | 'unknown'
  /** How long the answer asks to wait, in milliseconds; undefined if it does not say. */
  readonly retryAfterMs?: number
  /** Whose fault it is, where that is not what the kind says. */
  readonly scope?: 'transport' | 'sender' | 'recipient' | 'message'
  /** The recipients that the answer names. The message of a failure with `delivered: 'some'` reached all others. */
  readonly recipients?: readonly ExpectedRecipient[]
  /** For the answer to a batch: what became of each message, in their order. The fields above are those of the first failure. */
  readonly messages?: readonly ('accepted' | ExpectedFailure)[]
}

/** What became of a recipient. */
export interface ExpectedRecipient {
  /** The address. */
  readonly address: string
  /** Whether the provider takes responsibility for it. */
  readonly status: 'accepted' | 'rejected' | 'unknown'
  /** Why it was refused. */
  readonly kind?: ProviderFailureKind
}

/** What successes and failures have in common. Each of them is an `HttpAnswer`, so that a script can contain it as it is. */
export interface ProviderAnswer {
  /** A short name, unique among the answers of its provider. */
  readonly name: string
  /** What it is, in a sentence. */
  readonly about: string
  /** True for an answer to a batch of two messages. */
  readonly batch?: true
  /** The status code. */
  readonly status: number
  /** The headers. */
  readonly headers: Readonly<Record<string, string>>
  /** The body: JSON, or text. Undefined if there is none. */
  readonly body: unknown
  /** The page of the provider that documents it. */
  readonly source: string
}

/** An answer that accepts a message, or each message of a batch, for all recipients. */
export interface ProviderSuccess extends ProviderAnswer {
  /** The request that is answered like this. */
  readonly request: { readonly method: 'POST'; readonly path: string }
  /** The ids of the messages, in their order. Empty where the provider tells none. */
  readonly ids: readonly string[]
}

/** An answer that refuses a message, or somebody, or that leaves open whether it was accepted. */
export interface ProviderFailure extends ProviderAnswer {
  /** What it means. */
  readonly expect: ExpectedFailure
}

/** What the API of a provider documents. */
export interface ProviderAnswers {
  /** How a message, or a batch, is accepted. */
  readonly successes: readonly ProviderSuccess[]
  /** How one is refused. */
  readonly failures: readonly ProviderFailure[]
}
