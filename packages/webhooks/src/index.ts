export type { MailNews, NewsFrom, NewsType } from './mail-news.ts'
export { WebhookError, type WebhookProblem } from './webhook-error.ts'
export type { ReadWebhook, WebhookRequest, WebhookSource } from './webhook-source.ts'
