import type { TlsOptions } from 'node:tls'
import type { Action } from './action.ts'
import type { CapturedMessage } from '../message/captured-message.ts'
import type { CertificateName } from '../certificates.ts'
import type { EventName } from './event-name.ts'

/** What the server does, as data. With an empty script it is a correct server that accepts all mail. */
export interface ServerScript {
  /** Allowed so that scenario files can be passed as they are. Only `smtp` is supported. */
  kind?: 'smtp'
  /** `implicit`: TLS from the first byte. */
  tls?: 'implicit'
  /** Which test certificate the server presents. @default 'good' */
  cert?: CertificateName
  /** More options for the TLS context; they override those of the certificate. */
  tlsOpts?: TlsOptions
  /** EHLO keywords. @default PIPELINING, SIZE 10485760, ENHANCEDSTATUSCODES, 8BITMIME, SMTPUTF8 */
  caps?: readonly string[]
  /** EHLO keywords once TLS is on. @default `caps` without STARTTLS */
  capsTls?: readonly string[]
  /** What to do at which event, instead of what a correct server does. */
  on?: { readonly [event in EventName]?: Action }
  /** Refuse MAIL and RCPT paths that are not ASCII (553 5.6.7). */
  strictAscii?: boolean
  /** Refuse paths that are not a `<mailbox>` as in RFC 5321 section 4.1.2 (501). */
  strictAddr?: boolean
  /** Record a violation for 8-bit content that was not declared with BODY=8BITMIME. */
  strict7bit?: boolean
  /** The largest content in octets. A larger message is refused at MAIL if SIZE= says so, otherwise after the dot (552). */
  enforceSize?: number
  /** End reply lines with a bare LF. */
  lf?: boolean
  /** Send everything byte by byte, with this many milliseconds after each. */
  drip?: number
  /** Close (FIN) a connection that sends nothing for this many milliseconds. */
  idleClose?: number
  /** Speak LMTP (RFC 2033): LHLO, and one reply per accepted recipient after the content. */
  lmtp?: boolean
  /** Passwords by user name. If neither this nor `tokens` is set, all credentials are accepted. SCRAM needs it. */
  users?: Readonly<Record<string, string>>
  /** Bearer tokens by user name, for XOAUTH2 and OAUTHBEARER. */
  tokens?: Readonly<Record<string, string>>
  /** Refuse MAIL before a successful AUTH (530 5.7.0). */
  requireAuth?: boolean
}

/** Where to listen and what to keep. Nothing here changes the conversation. */
export interface ServerOptions {
  /** @default 0, which picks a free port */
  port?: number
  /** @default '127.0.0.1' */
  host?: string
  /** `envelope` keeps no content; `wire` also keeps every byte that a client sends. @default 'all' */
  keep?: 'all' | 'envelope' | 'wire'
  /** The most messages to keep; the oldest are dropped first. @default Infinity */
  maxMessages?: number
  /** The most octets of content to keep; the oldest messages are dropped first. @default Infinity */
  maxBytes?: number
  /** The most records of closed connections to keep; the oldest are dropped first. @default Infinity */
  maxConnections?: number
  /** The most conversation entries to keep per connection; the oldest are dropped first. @default Infinity */
  maxEntries?: number
  /** If true, the server does not keep the process alive. @default false */
  unref?: boolean
  /** Called for each captured message, before the reply that accepts it is sent. */
  onMessage?: (message: CapturedMessage) => void
}
