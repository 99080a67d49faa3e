import { addingPromises } from './contract/adding.ts'
import { contentPromises } from './contract/content.ts'
import { failurePromises } from './contract/failing.ts'
import { leasingPromises } from './contract/leasing.ts'
import { listingPromises } from './contract/listing.ts'
import { settlingPromises } from './contract/settling.ts'
import { transactionPromises } from './contract/transactions.ts'
import type { StoreContractOptions, StoreSubject } from './contract/options.ts'

/** One promise of the contract. Pass `title` and `run` to the `it` of any test runner. */
export interface StoreContractCase {
  /** The promise, in words. */
  readonly title: string
  /** Rejects if the promise is broken. */
  readonly run: () => Promise<void>
}

/** What every store promises to an outbox. */
export function outboxStoreContract<Subject extends StoreSubject>(
  given: StoreContractOptions<Subject>,
): StoreContractCase[] {
  const options = given as unknown as StoreContractOptions
  const promises = {
    ...addingPromises,
    ...leasingPromises,
    ...settlingPromises,
    ...contentPromises,
    ...listingPromises,
    ...failurePromises,
    ...transactionPromises(options),
  }
  return Object.entries(promises).map(([title, test]) => ({
    title,
    run: async () => {
      const subject = await options.create()
      try {
        await test(subject, options)
      } finally {
        await subject.store.close()
        await subject.release?.()
      }
    },
  }))
}
