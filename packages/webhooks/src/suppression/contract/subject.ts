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
