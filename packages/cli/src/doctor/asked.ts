import type { Source } from './target/source.ts'
import type { Wishes } from './target.ts'

/** All that the command line asks of the doctor. */
export interface Asked {
  /** False: only the domain of the sender is examined. */
  readonly source: Source | false
  readonly wishes: Omit<Wishes, 'signal' | 'onStep' | 'onWait'>
  /** The domain whose records are checked. */
  readonly sender:
    | {
        readonly domain: string
        readonly selector: string | undefined
        /** The address that receivers see. */
        readonly ip: string | undefined
        /** The name servers to ask. */
        readonly servers: readonly string[] | undefined
      }
    | undefined
  /** Try changes that may help. */
  readonly fixes: boolean
  readonly json: boolean
}
