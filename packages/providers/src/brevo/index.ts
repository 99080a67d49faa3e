export type { ApiOptions, CallStage } from '../api/api-options.ts'
export type { CommonData } from '../api/common-data.ts'
export type { BrevoData } from './brevo-data.ts'
export { brevo, type BrevoOptions } from './brevo.ts'
