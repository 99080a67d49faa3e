export {
  UnsubscribeLinks,
  type UnsubscribeLink,
  type UnsubscribeLinksOptions,
} from './links/unsubscribe-links.ts'
export type { Subscription, SubscriptionInput } from './links/subscription.ts'
export type { UnsubscribeOptions } from './handler/options.ts'
export type { OnUnsubscribe, Unsubscribing } from './handler/unsubscribing.ts'
export type { UnsubscribeTexts, UnsubscribeView } from './handler/page.ts'
export type { UnsubscribeReport } from './handler/report.ts'
export { UnsubscribeError, type UnsubscribeProblem } from './handler/unsubscribe-error.ts'
export { unsubscribeHandler, type UnsubscribeHandler } from './handler/unsubscribe-handler.ts'
export type { NodeRequest, NodeResponse } from '@loudmail/core/transport'
export { unsubscribeWebHandler } from './handler/unsubscribe-web-handler.ts'
