import type { Source } from './target/source.ts'
import type { Wishes } from './target.ts'

/** All that the command line asks of the doctor. */
export interface Asked {
  readonly source: Source
  readonly wishes: Omit<Wishes, 'signal' | 'onStep' | 'onWait'>
  /** The domain whose records are checked. */
  readonly sender:
    | { readonly domain: string; readonly selector: string | undefined; readonly ip: string | undefined }
    | undefined
  /** Try changes that may help. */
  readonly fixes: boolean
  readonly json: boolean
}
