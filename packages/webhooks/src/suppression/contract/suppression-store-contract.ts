import { addingPromises } from './adding.ts'
import { failurePromises } from './failing.ts'
import { listingPromises } from './listing.ts'
import { otherPromises } from './others.ts'
import type { SuppressionStore } from '../suppression.ts'

/** A list under test; every case gets a new, empty one. */
export interface SuppressionStoreSubject {
  /** The list under test. The case closes it. */
  readonly store: SuppressionStore
  /** The same list once more, as another process would have it. The case closes it. @default there is no such thing */
  readonly another?: (() => SuppressionStore) | undefined
  /** One of the same kind that cannot be read or written. The case closes it. @default there is no such thing */
  readonly unusable?: (() => SuppressionStore) | undefined
  /** Ends what the test started for this subject, after the case. */
  readonly release?: (() => Promise<void> | void) | undefined
}

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
