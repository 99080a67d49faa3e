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
export { WebhookError, type WebhookProblem } from './webhook-error.ts'
export type { ReadWebhook, WebhookRequest, WebhookSource } from './webhook-source.ts'
export { whyOf, type WhyInit } from './why.ts'
