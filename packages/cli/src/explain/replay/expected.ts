import type { Stage } from '@loudmail/core'
import type { Transaction } from './transaction.ts'

/** A reply that the client waits for. */
export interface Expected {
  readonly stage: Stage
  readonly verb: string
  readonly command: string
  readonly commandAt: number | undefined
  readonly transaction?: Transaction | undefined
  /** Which recipient, by position; -1 if nobody is to receive the content. */
  readonly index?: number
}

/** The line with what a reply answers. */
export function lineOf({ verb, commandAt, transaction }: Expected): number | undefined {
  return verb === 'content' ? (transaction?.contentAt ?? commandAt) : commandAt
}
