export {
  suppressionStoreContract,
  type SuppressionStoreCase,
  type SuppressionStoreContractOptions,
  type SuppressionStoreSubject,
} from './suppression/contract/suppression-store-contract.ts'
