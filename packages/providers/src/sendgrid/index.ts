export type { ApiOptions, CallStage } from '../api/api-options.ts'
export type { CommonData } from '../api/common-data.ts'
export type { SendgridData } from './sendgrid-data.ts'
export type {
  SendgridAnalytics,
  SendgridClickTracking,
  SendgridFooter,
  SendgridMailSettings,
  SendgridOpenTracking,
  SendgridSubscriptionTracking,
  SendgridSwitch,
  SendgridTracking,
  SendgridUnsubscribeGroup,
} from './sendgrid-settings.ts'
export { sendgrid, type SendgridOptions } from './sendgrid.ts'
