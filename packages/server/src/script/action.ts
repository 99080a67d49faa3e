import type { CapturedMessage, Envelope } from '../message/captured-message.ts'
import type { ConnectionRecord } from '../session/connection-record.ts'
import type { EventName } from './event-name.ts'

/** What to do at an event: send a reply, misbehave, or several of these combined. Plain data, except for functions. */
export type Action = string | ActionFunction | ActionObject

/** Decides when the event happens. `undefined` means what a correct server does. */
export type ActionFunction = (context: ActionContext) => Action | undefined | Promise<Action | undefined>

/** The actions that are not simply a reply. */
export type ActionObject =
  /** These exact bytes. In a string without characters above U+00FF, each character is one byte. */
  | { readonly raw: string | Uint8Array }
  /** `s` repeated `n` times. */
  | { readonly fill: { readonly s: string; readonly n: number } }
  /** Never reply again, but keep the connection open. At CONNECT, commands that have an action are still answered. */
  | { readonly stall: true }
  /** End the connection normally (`fin`) or with a TCP reset (`rst`). */
  | { readonly close: 'fin' | 'rst' }
  /** One action after the other. */
  | { readonly seq: readonly Action[] }
  /** After this many milliseconds, unless the client leaves before. */
  | { readonly delay: number; readonly then: Action }
  /** By the current recipient (at RCPT, and at DOT in LMTP), otherwise by any accepted recipient. */
  | { readonly byRcpt: { readonly [address: string]: Action }; readonly default?: Action }
  /** The first action the first time, the second the second time, and so on; then always the last. Counted per connection. */
  | { readonly nth: readonly Action[] }
  /** The same, counted over all connections. */
  | { readonly nthGlobal: readonly Action[] }
  /** At BODY: after this many octets of content. Does nothing if the content ends before. */
  | { readonly after: number; readonly do: Action }
  /** One byte per `ms` milliseconds. */
  | { readonly trickle: { readonly s: string; readonly ms: number } }
  /** Stop reading, so that the client's writes are blocked. */
  | { readonly pauseRead: true }
  /** At STARTTLS, after its 220: answer the handshake in plain text, inject plain text before it, or stay silent. */
  | {
      /** How the handshake goes wrong. */
      readonly starttls: { readonly garbage: string } | { readonly inject: string } | { readonly stall: true }
    }
  /** At DOT: record the message as accepted, whatever the reply is. */
  | { readonly accept: true; readonly then?: Action }
  /** Do what a correct server does, as if there were no script. */
  | { readonly pass: true }

/** What an action function is called with. */
export interface ActionContext {
  /** What the client did. */
  readonly event: EventName
  /** The command line as it arrived, without its line end; empty at CONNECT, BODY and DOT. */
  readonly line: string
  /** The connection that it did it on. */
  readonly connection: ConnectionRecord
  /** The sender and the recipients accepted so far. */
  readonly envelope: Envelope | undefined
  /** At RCPT, and at DOT in LMTP. */
  readonly recipient: string | undefined
  /** At AUTH. */
  readonly credentials: Credentials | undefined
  /** At DOT: what would be captured. */
  readonly message: CapturedMessage | undefined
}

/** The credentials that a client sent with AUTH. */
export interface Credentials {
  /** The SASL mechanism that was used. */
  readonly mechanism: string
  /** The user name. */
  readonly user: string
  /** For mechanisms that send it. */
  readonly password?: string
  /** For XOAUTH2 and OAUTHBEARER. */
  readonly token?: string
}
