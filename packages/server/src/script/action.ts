import type { CapturedMessage, Envelope } from '../message/captured-message.ts'
import type { ConnectionRecord } from '../session/connection-record.ts'
import type { EventName } from './script.ts'

/** What to do at an event: a reply, a misdeed, or a composition of them. Plain data, except for functions. */
export type Action = string | ActionFunction | ActionObject

/** Decides at the event itself; `undefined` means the correct thing. */
export type ActionFunction = (context: ActionContext) => Action | undefined | Promise<Action | undefined>

/** The actions that are not a reply in a string. */
export type ActionObject =
  /** Bytes as given: in a string without characters above U+00FF, each character is one byte. */
  | { readonly raw: string | Uint8Array }
  /** `s` repeated `n` times. */
  | { readonly fill: { readonly s: string; readonly n: number } }
  /** Never answer again; the connection stays open. At CONNECT, commands with an action of their own still get it. */
  | { readonly stall: true }
  /** End the connection: politely, or with a TCP reset. */
  | { readonly close: 'fin' | 'rst' }
  /** One after the other. */
  | { readonly seq: readonly Action[] }
  /** After so many milliseconds; never, if the client leaves before. */
  | { readonly delay: number; readonly then: Action }
  /** By the recipient at hand (at RCPT, and at DOT under LMTP), or else by any accepted recipient. */
  | { readonly byRcpt: { readonly [address: string]: Action }; readonly default?: Action }
  /** The first time the first, and so on; the last one stays. Counted per connection. */
  | { readonly nth: readonly Action[] }
  /** The same, counted over all connections. */
  | { readonly nthGlobal: readonly Action[] }
  /** At BODY: once so many octets of content came. Nothing if it ends before. */
  | { readonly after: number; readonly do: Action }
  /** One byte per `ms` milliseconds. */
  | { readonly trickle: { readonly s: string; readonly ms: number } }
  /** Stop reading, so that the client's writes block. */
  | { readonly pauseRead: true }
  /** At STARTTLS, after its 220: plaintext in answer to the handshake; plaintext slipped in before it; or silence. */
  | {
      readonly starttls: { readonly garbage: string } | { readonly inject: string } | { readonly stall: true }
    }
  /** At DOT: record the message as accepted now, whatever is answered. */
  | { readonly accept: true; readonly then?: Action }
  /** The correct thing, as if nothing were scripted. */
  | { readonly pass: true }

/** What a function given as an action is told. */
export interface ActionContext {
  readonly event: EventName
  /** The command line as it came, without its line end; empty at CONNECT, BODY and DOT. */
  readonly line: string
  readonly connection: ConnectionRecord
  /** Sender and accepted recipients so far. */
  readonly envelope: Envelope | undefined
  /** At RCPT, and at DOT under LMTP. */
  readonly recipient: string | undefined
  /** At AUTH. */
  readonly credentials: Credentials | undefined
  /** At DOT: what would be captured. */
  readonly message: CapturedMessage | undefined
}

/** What a client proved, or tried to prove, with AUTH. */
export interface Credentials {
  readonly mechanism: string
  readonly user: string
  /** For mechanisms that show it. */
  readonly password?: string
  /** For XOAUTH2 and OAUTHBEARER. */
  readonly token?: string
}
