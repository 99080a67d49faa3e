export type { ApiOptions, CallStage } from '../api/api-options.ts'
export type { CommonData } from '../api/common-data.ts'
export type {
  SendgridData,
  SendgridMailSettings,
  SendgridSwitch,
  SendgridTracking,
  SendgridUnsubscribeGroup,
} from './sendgrid-data.ts'
export { sendgrid, type SendgridOptions } from './sendgrid.ts'
