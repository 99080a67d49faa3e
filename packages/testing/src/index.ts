export {
  transportContract,
  type ContractCase,
  type ContractOptions,
  type ContractSubject,
} from './transport-contract.ts'
