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
export { outboxStoreContract, type StoreContractOptions, type StoreSubject } from './store/contract.ts'
export { closedError, storageError } from './store/storage-error.ts'
