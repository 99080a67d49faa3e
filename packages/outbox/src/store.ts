export type {
  Added,
  EntryChange,
  EntryFilter,
  EntryRecord,
  KeptState,
  Lease,
  NewBody,
  NewEntry,
  OutboxStore,
  StateCounts,
} from './store/store.ts'
export { outboxStoreContract, type StoreContractCase } from './store/contract.ts'
export type { CallerTransaction, StoreContractOptions, StoreSubject } from './store/contract/options.ts'
export { closedError, storageError } from './store/storage-error.ts'
