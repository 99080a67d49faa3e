import type { Work } from './work.ts'

/** Where a mailer sends to, and how. */
export interface Target {
  readonly port: number
  readonly connections: number
  /** Messages in flight on one connection, if the mailer supports it. */
  readonly window: number
  /** With STARTTLS, and a certificate of this authority. */
  readonly logIn?: LogIn | undefined
  /** A way of using the mailer. */
  readonly variant?: string | undefined
  /** The checkout whose build is used instead of this one. */
  readonly folder?: string | undefined
}

/** Who logs in, and which authority vouches for the server. */
export interface LogIn {
  readonly auth: { readonly user: string; readonly pass: string }
  readonly ca: string
}

/** One mailer, connected to one server. */
export interface Client {
  send(): Promise<unknown>
  /** Sends this many messages from an iterable, if the mailer supports it. */
  sendMany?(count: number): Promise<void>
  close?(): unknown
  /** It queues any number of messages at once. Other mailers get one message per connection. */
  readonly queues: boolean
}

/** The exports of a file in `clients/`. */
export interface ClientModule {
  connect(target: Target, work: Work): Client | Promise<Client>
  /** Composes a message into bytes, without sending it. */
  composer?(work: Work, variant?: string): (() => unknown) | Promise<() => unknown>
}
