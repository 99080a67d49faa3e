export type { ApiOptions, CallStage } from './api/api-options.ts'
export type { BatchOptions, BatchableOptions } from './api/batch-options.ts'
export type { CommonData } from './api/common-data.ts'
export { providerSchemes } from './schemes.ts'
