export type { BounceInput } from './bounce/bounded-content.ts'
export {
  readBounce,
  type NoNews,
  type ReadBounce,
  type ReadBounceOptions,
  type ReportedMessage,
} from './bounce/read-bounce.ts'
export type { DeliveryReport, FeedbackReport, OriginalMessage, ReportedRecipient } from './bounce/report.ts'
export { brevoWebhook, type BrevoToken, type BrevoWebhookOptions } from './brevo/brevo-webhook.ts'
export type { OnNews, WebhookOptions } from './handler/options.ts'
export type { WebhookReport } from './handler/report.ts'
export { memorySeen, type MemorySeenOptions, type SeenStore } from './handler/seen-store.ts'
export type { NodeRequest, NodeResponse } from '@loudmail/core/transport'
export { handleWebRequest, readWebhook } from './handler/web-request.ts'
export { webhook, type WebhookHandler } from './handler/webhook.ts'
export type { MailNews, NewsFrom, NewsType } from './mail-news.ts'
export { memorySuppressions, type MemorySuppressionsOptions } from './suppression/memory-suppressions.ts'
export {
  suppressFrom,
  type SoftBounceOptions,
  type SuppressFromOptions,
} from './suppression/suppress-from.ts'
export { suppress, type SuppressOptions } from './suppression/suppress.ts'
export type {
  SoftBounce,
  Suppression,
  SuppressionPage,
  SuppressionReason,
  SuppressionStore,
} from './suppression/suppression.ts'
export { mailgunWebhook, type MailgunWebhookOptions } from './mailgun/mailgun-webhook.ts'
export { postmarkWebhook, type PostmarkWebhookOptions } from './postmark/postmark-webhook.ts'
export { resendWebhook, type ResendWebhookOptions } from './resend/resend-webhook.ts'
export { sesWebhook, type SesWebhookOptions } from './ses/ses-webhook.ts'
export type { SnsFetch } from './ses/sns-fetch.ts'
export { sendgridWebhook, type SendgridWebhookOptions } from './sendgrid/sendgrid-webhook.ts'
export type { BasicCredentials, HeaderCredentials } from './signing/credentials.ts'
export type { FreshOptions } from './signing/fresh.ts'
export type { Secrets } from './signing/secrets.ts'
export { WebhookError, type WebhookProblem } from './webhook-error.ts'
export type { ReadWebhook, WebhookRequest, WebhookSource } from './webhook-source.ts'
export { whyOf, type WhyInit } from './why.ts'
