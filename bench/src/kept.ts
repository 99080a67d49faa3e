import type { Work } from './work.ts'

/** Where messages are kept, and where they are sent to. */
export interface KeptTarget {
  /** A path or a URL. */
  readonly location: string
  readonly port: number
  readonly connections: number
}

/** Keeps messages on disk. */
export interface Keeper {
  /** Resolves once the message is kept. */
  keep(): Promise<unknown>
  close(): Promise<unknown>
}

/** The exports of a file in `clients/` that keeps messages. */
export interface KeptModule {
  keeper(target: KeptTarget, work: Work): Promise<Keeper>
  /** Sends what is kept. @param sent called after every message */
  startSending(target: KeptTarget, sent: () => void): Promise<{ close(): Promise<unknown> }>
}

/** How many messages a worker sends at once, and how many callers keep messages at once. */
export const AT_ONCE = 100

/** What a worker process is told. */
export interface WorkerJob {
  readonly client: string
  readonly target: KeptTarget
}

/** What a worker process says. */
export type WorkerNews =
  | { readonly type: 'ready' }
  | { readonly type: 'sent'; readonly count: number }
  | { readonly type: 'ended'; readonly cpu: number; readonly peak: number }
