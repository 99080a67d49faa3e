import { inspect } from 'node:util'
import type { DeliveryState, Envelope, FailureCode, MailError, Transcript } from '@loudmail/core'

/** Where mails are: a debug transport, or a store such as it has. */
export type InboxSource = InboxStore | { readonly store: InboxStore }

/** What an inbox needs of a store; those of @loudmail/debug have it. */
export interface InboxStore {
  /** The newest first: at most `limit` of them, older than the mail with the id `before`; `total` counts all. */
  list(query: {
    readonly limit?: number | undefined
    readonly before?: string | undefined
  }): Promise<{ readonly mails: readonly InboxEntry[]; readonly total: number }>
  get(id: string): Promise<KeptMail | undefined>
  clear(): Promise<void>
  /** Calls `listener` at every change, also at one that another process made; what comes back ends that. */
  subscribe(listener: (event: InboxEvent) => void): () => void
}

export type InboxEvent =
  | { readonly type: 'added'; readonly mail: InboxEntry }
  | { readonly type: 'deleted'; readonly id: string }
  | { readonly type: 'cleared' }

/** What is known of a mail before it is opened. */
export interface InboxEntry {
  readonly id: string
  readonly envelope: Envelope
}

/** A send as a store keeps it. */
export interface KeptMail extends InboxEntry {
  readonly at: Date
  readonly state: DeliveryState | 'failed'
  /** As the headers show them: `Ann <ann@example.com>`; `to` holds Cc, too. */
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  /** The beginning of its text. */
  readonly text: string
  /** The RFC 5322 message, where it can be had. */
  readonly content?: Uint8Array | undefined
  readonly transcript?: Transcript | undefined
  readonly error?: KeptFailure | undefined
  readonly code?: FailureCode | undefined
}

/** Why a send failed, as a store keeps it; a MailError is one. */
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
 * @param owner who was given it, for the error, with what it takes besides: `a receipt, `
 * @throws TypeError where it is none, with what to give instead
 */
export function storeOf(source: unknown, owner: string, besides: string): InboxStore {
  const store = has(source, 'store') ? source.store : source
  if (isStore(store)) return store
  const [given] = inspect(source, { depth: 0, breakLength: Infinity }).split('\n')
  throw new TypeError(
    `${owner} needs ${besides}a debug() transport or its store: ${advice(source)}. It got ${given}`,
  )
}

function advice(source: unknown): string {
  if (has(source, 'then')) return 'await what was given first'
  if (has(source, 'durationMs')) return 'a receipt tells of one send alone'
  if (has(source, 'stats')) return 'a Mailer keeps no mails, so give the transport it was made with'
  if (has(source, 'messages') && has(source, 'send'))
    return 'memory() keeps messages, not mails as they are sent, so use debug() of @loudmail/debug'
  if (has(source, 'send'))
    return 'other transports keep no mails, so give the debug() inside it, or the store of record(transport, { store })'
  return '`const transport = debug()` makes one'
}

function isStore(value: unknown): value is InboxStore {
  return ['list', 'get', 'clear', 'subscribe'].every(
    (name) => has(value, name) && typeof value[name] === 'function',
  )
}

function has<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === 'object' && value !== null && name in value
}
