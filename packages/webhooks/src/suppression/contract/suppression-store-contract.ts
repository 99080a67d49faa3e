import { addingPromises } from './adding.ts'
import { failurePromises } from './failing.ts'
import { listingPromises } from './listing.ts'
import { otherPromises } from './others.ts'
import type { SuppressionStoreSubject } from './subject.ts'

/** What the contract should know about a store. */
export interface SuppressionStoreContractOptions {
  /** Creates a list for each case. */
  readonly create: () => SuppressionStoreSubject | Promise<SuppressionStoreSubject>
}

/** One promise of the contract. Pass `title` and `run` to the `it` of any test runner. */
export interface SuppressionStoreCase {
  /** The promise, in words. */
  readonly title: string
  /** Rejects if the promise is broken. */
  readonly run: () => Promise<void>
}

/** What every suppression list promises to `suppress()` and `suppressFrom()`. */
export function suppressionStoreContract(options: SuppressionStoreContractOptions): SuppressionStoreCase[] {
  const promises = { ...addingPromises, ...listingPromises, ...failurePromises, ...otherPromises }
  return Object.entries(promises).map(([title, test]) => ({
    title,
    run: async () => {
      const subject = await options.create()
      try {
        await test(subject)
      } finally {
        await subject.store.close()
        await subject.release?.()
      }
    },
  }))
}
