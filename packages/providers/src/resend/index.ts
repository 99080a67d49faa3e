export type { ApiOptions, CallStage } from '../api/api-options.ts'
export type { CommonData } from '../api/common-data.ts'
export { resend, type ResendOptions } from './resend.ts'
export type { ResendData } from './resend-request.ts'
