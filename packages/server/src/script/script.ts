import type { TlsOptions } from 'node:tls'
import type { Action } from './action.ts'
import type { CapturedMessage } from '../message/captured-message.ts'
import type { CertificateName } from '../certificates.ts'

/**
 * The moments of a conversation that an action can be given for, in the order they come.
 * `AUTHCMD` is the AUTH command, `AUTH` the verdict on complete credentials; `BODY` is content arriving, `DOT` its end
 * (or the last BDAT chunk), `BDAT` any chunk before that; `*` is every command that has no action of its own.
 */
export const eventNames = [
  'CONNECT',
  'EHLO',
  'HELO',
  'LHLO',
  'STARTTLS',
  'AUTHCMD',
  'AUTH',
  'MAIL',
  'RCPT',
  'DATA',
  'BODY',
  'BDAT',
  'DOT',
  'RSET',
  'NOOP',
  'VRFY',
  'QUIT',
  '*',
] as const

/** The name of a moment that an action can be given for. */
export type EventName = (typeof eventNames)[number]

/** What the server does, as data: nothing in it makes a correct server that takes any mail. */
export interface ServerScript {
  /** Accepted so that scenario files can be passed as they are; only `smtp` is played here. */
  kind?: 'smtp'
  /** `implicit`: TLS from the first byte. */
  tls?: 'implicit'
  /** Which test certificate TLS shows. @default 'good' */
  cert?: CertificateName
  /** Options of the TLS context, over the certificate's. */
  tlsOpts?: TlsOptions
  /** EHLO keywords. @default PIPELINING, SIZE 10485760, ENHANCEDSTATUSCODES, 8BITMIME, SMTPUTF8 */
  caps?: readonly string[]
  /** EHLO keywords once TLS is on. @default `caps` without STARTTLS */
  capsTls?: readonly string[]
  /** What to do at which event, in place of the correct thing. */
  on?: { readonly [event in EventName]?: Action }
  /** Refuse MAIL and RCPT paths with bytes outside ASCII (553 5.6.7). */
  strictAscii?: boolean
  /** Refuse paths that are not `<mailbox>` by RFC 5321 section 4.1.2 (501). */
  strictAddr?: boolean
  /** Record a violation for 8-bit content that was not declared with BODY=8BITMIME. */
  strict7bit?: boolean
  /** Octets of content above which a message is refused, at MAIL if SIZE= says so, else after the dot (552). */
  enforceSize?: number
  /** End reply lines with a bare LF. */
  lf?: boolean
  /** Send everything one byte at a time, one per this many milliseconds. */
  drip?: number
  /** Close (FIN) a connection that sent nothing for this many milliseconds. */
  idleClose?: number
  /** Speak LMTP (RFC 2033): LHLO, and one reply per accepted recipient after the content. */
  lmtp?: boolean
  /** Passwords by user name; without it and `tokens`, any credentials are good. SCRAM needs it. */
  users?: Readonly<Record<string, string>>
  /** Bearer tokens by user name, for XOAUTH2 and OAUTHBEARER. */
  tokens?: Readonly<Record<string, string>>
  /** Refuse MAIL before a successful AUTH (530 5.7.0). */
  requireAuth?: boolean
}

/** Where to listen and what to keep; never anything about the conversation. */
export interface ServerOptions {
  /** @default 0, a free one */
  port?: number
  /** @default '127.0.0.1' */
  host?: string
  /** `envelope` drops content as it comes; `wire` also keeps every byte each client sent. @default 'all' */
  keep?: 'all' | 'envelope' | 'wire'
  /** Messages kept at most, the oldest dropped first. @default Infinity */
  maxMessages?: number
  /** Octets of content kept at most, the oldest messages dropped first. @default Infinity */
  maxBytes?: number
  /** Records of closed connections kept at most, the oldest dropped first. @default Infinity */
  maxConnections?: number
  /** Conversation entries kept per connection at most, the oldest dropped first. @default Infinity */
  maxEntries?: number
  /** The server alone does not keep the process alive. @default false */
  unref?: boolean
  /** Called with each message as it is captured, before its acceptance is sent. */
  onMessage?: (message: CapturedMessage) => void
}
