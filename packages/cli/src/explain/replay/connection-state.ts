import type { Stage } from '@loudmail/core'
import type { Answer, Breach, RefusedStep } from '@loudmail/core/transport'
import type { Ending } from './ending-in.ts'
import type { Expected } from './expected.ts'
import { Surroundings } from './surroundings.ts'
import type { Answered, Transaction } from './transaction.ts'

/** What is known about a connection, as far as its log was followed. */
export class ConnectionState {
  readonly transactions: Transaction[] = []
  readonly surroundings = new Surroundings()
  /** The refusal of a step before MAIL that nothing recovered from. */
  refusal: (RefusedStep & Answered) | undefined
  /** Something that is not a reply, or not one to this command; before MAIL. */
  breach: Breach | undefined
  ending: Ending | undefined
  /** What the server said when it closed the connection by itself. */
  closing: Answer | undefined
  /** The last step that was answered. */
  progress: Stage = 'connect'
  /** The client left with QUIT. */
  hasLeft = false
  /** What the server said about an access token before it refused it. */
  problem: string | undefined
  endsAt: number | undefined
  readonly expected: Expected[] = []
  /** The server waits for the next part of a log-in. */
  isChallenged = false

  /** The message that the client speaks of. */
  get current(): Transaction | undefined {
    const last = this.transactions.at(-1)
    return last?.isGivenUp ? undefined : last
  }

  /** A refused greeting stays the reason, even if the client tries to go on. */
  refuse(isRefused: boolean, answered: Answered): void {
    if (this.refusal?.stage === 'greeting') return
    const problem = answered.stage === 'auth' ? this.problem : undefined
    this.refusal = isRefused ? { ...answered, problem } : undefined
  }

  /** Something that no server may answer. */
  breaks(transaction: Transaction | undefined, breach: Breach): void {
    if (transaction) transaction.exchange.breach ??= breach
    else this.breach ??= breach
  }
}
