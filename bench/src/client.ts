import type { Work } from './work.ts'

/** Where a mailer sends to, and how. */
export interface Target {
  readonly port: number
  readonly connections: number
  /** Messages under way on one connection, where the mailer can. */
  readonly window: number
  /** A way of using the mailer. */
  readonly variant?: string | undefined
}

/** One mailer, connected to one server. */
export interface Client {
  send(): Promise<unknown>
  /** Sends so many from a source that is read as it goes; for mailers that can. */
  sendMany?(count: number): Promise<void>
  close?(): unknown
  /** It takes any number of messages at once and queues them; others get one for each connection. */
  readonly queues: boolean
}

/** What the file of a mailer in `clients/` exports. */
export interface ClientModule {
  connect(target: Target, work: Work): Client | Promise<Client>
  /** Composes a message into bytes, without sending it. */
  composer?(work: Work, variant?: string): (() => unknown) | Promise<() => unknown>
}
