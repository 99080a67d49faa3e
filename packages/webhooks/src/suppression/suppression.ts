/**
 * Why nothing is sent to an address: mail to it bounced, its owner complained or unsubscribed, or somebody put it on the list.
 */
export type SuppressionReason = 'bounced' | 'complained' | 'unsubscribed' | 'manual'

/** An address to which nothing is sent. */
export interface Suppression {
  /** `local-part@domain`. Of two spellings with the same mailbox, the list has one. */
  readonly address: string
  /** Why. */
  readonly reason: SuppressionReason
  /** The code of the bounce, such as `rcpt-to/mailbox-unknown`. */
  readonly code?: string | undefined
  /** Since when. */
  readonly at: Date
  /** Who said so: `postmark`, or whatever the list came from. */
  readonly from?: string | undefined
  /** When it ends. @default never */
  readonly until?: Date | undefined
}

/** A bounce that may pass, such as that of a full mailbox. */
export interface SoftBounce {
  /** `local-part@domain`. */
  readonly address: string
  /** The id of the news. The same bounce counts once, however often it is told. */
  readonly id: string
  /** When it happened. */
  readonly at: Date
}

/** A part of a list. */
export interface SuppressionPage {
  /** Begins behind this address, whether it is on the list or not. @default at the first one */
  readonly after?: string | undefined
  /** At most so many, 1 to 1,000. @default 100 */
  readonly limit?: number | undefined
}

/**
 * Keeps a suppression list. Addresses are compared as mailboxes: case counts before the @ and not after it. A suppression
 * whose time is over is not on the list any more. Every method rejects with a MailError `submit/storage` if the list cannot
 * be read or written, and with `queue/pool-closed` after `close()`.
 */
export interface SuppressionStore {
  /** The expression that created it, without secrets. */
  readonly name: string
  /** Those of these addresses that are on the list; in one query, however many they are. */
  find(addresses: readonly string[]): Promise<readonly Suppression[]>
  /**
   * Puts one or many on the list. If an address is on it already, the stronger suppression stays: the one that lasts longer,
   * then that with the graver reason (complained, unsubscribed, manual, bounced), then the older one. So the same news can be
   * added again, in any order. If it fails, some of them may be on the list: add them again.
   *
   * @throws MailError `compose/invalid-address`, or `config/invalid-config` if something else is not valid; nothing is added
   */
  add(suppressions: Suppression | readonly Suppression[]): Promise<void>
  /** Takes an address off the list, and forgets its soft bounces. @returns whether it was on the list */
  remove(address: string): Promise<boolean>
  /** A part of the list, in an order that stays the same. The next part begins after the last address of this one. */
  list(page?: SuppressionPage): Promise<readonly Suppression[]>
  /** Remembers a bounce that may pass. @returns how many the address had since then, with this one */
  addSoftBounce(bounce: SoftBounce, since: Date): Promise<number>
  /** Ends what it has open. `suppress()` does not call it, because a list is often used by several. Can be called again. */
  close(): Promise<void>
}
