import { inspect } from 'node:util'
import type { DeliveryState, Envelope, FailureCode, MailError, Transcript } from '@loudmail/core'

/** Where the mails are: a debug transport, or the store of one. */
export type InboxSource = InboxStore | { readonly store: InboxStore }

/** What an inbox needs from a store. The stores of @loudmail/debug have it. */
export interface InboxStore {
  /** The newest first: at most `limit` mails older than the mail with the id `before`. `total` is the number of all mails. */
  list(query: {
    /** The most mails to list. */
    readonly limit?: number | undefined
    /** Only mails older than the one with this id. */
    readonly before?: string | undefined
  }): Promise<{ readonly mails: readonly InboxEntry[]; readonly total: number }>
  /** The mail with this id. */
  get(id: string): Promise<KeptMail | undefined>
  /** Deletes all mails. */
  clear(): Promise<void>
  /** Calls `listener` for every change, even if another process made it. Returns a function that ends this. */
  subscribe(listener: (event: InboxEvent) => void): () => void
}

/** What happened in a store. */
export type InboxEvent =
  | { readonly type: 'added'; readonly mail: InboxEntry }
  | { readonly type: 'deleted'; readonly id: string }
  | { readonly type: 'cleared' }

/** What is known about a mail before it is opened. */
export interface InboxEntry {
  /** Its id in the store. */
  readonly id: string
  /** The sender and the recipients on the wire. */
  readonly envelope: Envelope
}

/** A send as a store keeps it. */
export interface KeptMail extends InboxEntry {
  /** When the send ended. */
  readonly at: Date
  /** How far the message got. */
  readonly state: DeliveryState | 'failed'
  /** As in the headers: `Ann <ann@example.com>`. */
  readonly from: string
  /** The recipients in the headers. */
  readonly to: readonly string[]
  /** The Cc field, as `to`. */
  readonly cc?: readonly string[] | undefined
  /** The Reply-To field, as `to`. */
  readonly replyTo?: readonly string[] | undefined
  /** Decoded; empty if there is none. */
  readonly subject: string
  /** The beginning of its text. */
  readonly text: string
  /** The RFC 5322 message, if there is one. */
  readonly content?: Uint8Array | undefined
  /** The conversation of the send. */
  readonly transcript?: Transcript | undefined
  /** Why it failed. */
  readonly error?: KeptFailure | undefined
  /** The code of the failure. */
  readonly code?: FailureCode | undefined
}

/** Why a send failed, as a store keeps it. A MailError can be used as one. */
export type KeptFailure = Pick<
  MailError,
  | 'code'
  | 'stage'
  | 'kind'
  | 'scope'
  | 'permanence'
  | 'delivered'
  | 'retryable'
  | 'message'
  | 'summary'
  | 'hint'
  | 'reply'
  | 'recipients'
  | 'transport'
  | 'messageId'
>

/**
 * The store of a source.
 *
 * @param owner the function to name in the error
 * @param besides what else that function accepts, for the error: `a receipt, `
 * @throws TypeError if it is not a source; the message says what to pass instead
 */
export function storeOf(source: unknown, owner: string, besides: string): InboxStore {
  const store = has(source, 'store') ? source.store : source
  if (isStore(store)) return store
  const [given] = inspect(source, { depth: 0, breakLength: Infinity }).split('\n')
  throw new TypeError(
    `${owner} needs ${besides}a debug() transport or its store: ${advice(source)}. It received ${given}`,
  )
}

function advice(source: unknown): string {
  if (has(source, 'then')) return 'await the promise first'
  if (has(source, 'durationMs')) return 'a receipt is about one send only'
  if (has(source, 'stats')) return 'a Mailer keeps no mails, so pass its transport'
  if (has(source, 'messages') && has(source, 'send'))
    return 'memory() keeps messages, not the mails that go over the wire, so use debug() from @loudmail/debug'
  if (has(source, 'send'))
    return 'other transports keep no mails, so pass the debug() inside it, or the store of record(transport, { store })'
  return '`const transport = debug()` creates one'
}

function isStore(value: unknown): value is InboxStore {
  return ['list', 'get', 'clear', 'subscribe'].every(
    (name) => has(value, name) && typeof value[name] === 'function',
  )
}

function has<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === 'object' && value !== null && name in value
}
