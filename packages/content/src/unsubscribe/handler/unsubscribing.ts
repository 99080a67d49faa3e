import type { Subscription } from '../links/subscription.ts'

/** Somebody who unsubscribes. */
export interface Unsubscribing extends Subscription {
  /** True if a mail program sent the request for its user, false if somebody pressed the button of the page. */
  readonly oneClick: boolean
}

/**
 * Takes an address off a list. It may be called several times for the same: then the later calls have nothing to do. If it
 * throws, rejects or takes longer than 30 seconds, the answer is 500.
 */
export type OnUnsubscribe = (unsubscribing: Unsubscribing) => unknown
