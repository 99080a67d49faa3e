export type { SuppressionStoreSubject } from './suppression/contract/subject.ts'
export {
  suppressionStoreContract,
  type SuppressionStoreCase,
  type SuppressionStoreContractOptions,
} from './suppression/contract/suppression-store-contract.ts'
