import type { Kind, Message, Scope } from '@loudmail/core'
import type { Secrets } from '@loudmail/core/transport'
import type { Answer } from './answer.ts'
import type { Endpoint } from './api-options.ts'
import type { ApiRequest } from './call-api.ts'
import type { CommonData } from './common-data.ts'
import type { Support } from './support.ts'

/** What a refusal means. */
export interface Refusal {
  readonly kind: Kind
  /** @default that of the kind */
  readonly scope?: Scope | undefined
  /** @default that of the kind */
  readonly permanence?: 'permanent' | 'transient' | undefined
  /** The provider may have taken the message all the same. @default only for the statuses 500, 502, 504 and their like */
  readonly isInDoubt?: boolean | undefined
  /** What the provider said, in one line. @default the start of the body */
  readonly words?: string | undefined
  /** What to do. @default the usual hint of the kind */
  readonly hint?: string | undefined
  /** How long to wait, in ms, if the provider says it anywhere else than in Retry-After. */
  readonly retryAfterMs?: number | undefined
  /** Those it is about, if it is not about all: `local-part@domain`. The others were not attempted. */
  readonly recipients?: readonly RefusedRecipient[] | undefined
}

/** A recipient whom the provider refused. */
export interface RefusedRecipient {
  /** As the provider has it; small and capital letters do not matter. */
  readonly address: string
  readonly kind: Kind
  /** What the provider said about it. */
  readonly words?: string | undefined
}

/** What a positive answer says about one message. */
export interface Acceptance {
  /** The id that the provider gave the message. */
  readonly id?: string | undefined
  /** What the provider said, in one line. */
  readonly words?: string | undefined
  /** Those whom it refused nevertheless. The others were accepted. */
  readonly refused?: readonly RefusedRecipient[] | undefined
  /** It was asked to try the message only: nobody gets it. */
  readonly isDiscarded?: boolean | undefined
  /** It refused the message after all, such as one of a batch. */
  readonly refusal?: Refusal | undefined
}

/** A message with what its `transportData` says to this provider. */
export interface Item<Own extends object> {
  readonly message: Message
  readonly data: CommonData & { readonly own: Own }
  readonly signal: AbortSignal | undefined
}

/** The calls before the one that sends. */
export interface Steps {
  /**
   * Asks for something that sends nothing.
   *
   * @throws MailError for anything but a positive answer
   */
  readonly ask: (request: ApiRequest) => Promise<Answer>
  /** Says what removes again that which was prepared. It is asked for if the message is not sent. */
  readonly undoWith: (request: ApiRequest) => void
}

/** What one provider knows. Everything else is the same for all of them. */
export interface ProviderApi<Own extends object> {
  /** Its name in code, such as `microsoftGraph`. */
  readonly id: string
  /** Its name as people write it. */
  readonly title: string
  readonly endpoint: Endpoint
  /** Everything that must not be shown. Tokens that become known later are added. */
  readonly secrets: Secrets
  readonly support: Support
  /** The fields of its own in `transportData`. */
  readonly ownFields: Readonly<Record<keyof Own & string, true>>
  /**
   * The header fields that say who asks.
   *
   * @param renew the last ones were refused; undefined is returned if there are no others
   * @throws MailError if there are none
   */
  authorize(
    request: ApiRequest,
    ask: { readonly renew: boolean },
  ): Promise<Readonly<Record<string, string>> | undefined> | Readonly<Record<string, string>> | undefined
  /** Whether a refusal may be one of old credentials, so that others are worth a try. @default the status is 401 */
  refusesCredentials?(answer: Answer): boolean
  /** What to do in place of `requireTlsOnward`, which no provider promises. @default the usual hint */
  readonly requireTlsHint?: string | undefined
  /**
   * The request that sends one message.
   *
   * @param steps for a provider that needs other calls before
   * @throws MailError `compose/...` if the provider cannot send such a message
   */
  request(item: Item<Own>, steps: Steps): Promise<ApiRequest> | ApiRequest
  /** Reads a positive answer that came whole. Undefined if it is not what the provider documents. */
  accepted(answer: Answer, message: Message): Acceptance | undefined
  /**
   * Reads a negative answer, also one that was cut off (`isWhole`), whose body is not JSON then. Undefined if its status alone
   * decides.
   */
  refused(answer: Answer, message: Message): Refusal | undefined
  /** A request that shows that the credentials are right, and sends nothing. */
  readonly check?: ApiRequest | undefined
  /** What a positive answer to `check` shows to be missing, such as a permission; undefined if nothing is. */
  granted?(answer: Answer): Refusal | undefined
  /** What the answer to `check` means if it is negative: undefined if it shows that the credentials are right. */
  checked?(answer: Answer): Refusal | undefined
  /** Several messages in one request. */
  readonly batch?: BatchApi<Own> | undefined
}

/** How a provider takes several messages in one request. */
export interface BatchApi<Own extends object> {
  /** The most messages of a request. */
  readonly most: number
  /** The largest body of a request, in octets. */
  readonly octets: number
  /** Whether a message may be one of several. One with an idempotency key that the provider honours never is. */
  takes(item: Item<Own>): boolean
  /**
   * A message as it stands in the request for several.
   *
   * @throws MailError `compose/...` if the provider cannot send such a message
   */
  part(item: Item<Own>): Promise<Uint8Array> | Uint8Array
  /** The request for one message, from its part. */
  single(part: Uint8Array): ApiRequest
  /** The request for several messages, from their parts. */
  request(parts: readonly Uint8Array[]): ApiRequest
  /**
   * What the answer says about each of them, in their order; undefined for one of which it says nothing. Undefined if it is
   * not what the provider documents.
   */
  accepted(answer: Answer, messages: readonly Message[]): readonly (Acceptance | undefined)[] | undefined
}
