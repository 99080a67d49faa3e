/** What the original message was, as far as a report names it. Anybody can write a report: compare it with what you sent. */
export interface OriginalMessage {
  /** The Message-ID with its angle brackets. Everybody who has the message knows it. */
  readonly messageId?: string | undefined
  /** `dsn.envelopeId` of the message (RFC 3461 section 4.4). Only the mail servers on the way know it. */
  readonly envelopeId?: string | undefined
}

/** A delivery status notification (RFC 3464). */
export interface DeliveryReport extends OriginalMessage {
  /** Always `dsn`. */
  readonly type: 'dsn'
  /** The mail server that tells it, from Reporting-MTA. */
  readonly reportedBy?: string | undefined
  /** When that server got the message, from Arrival-Date. */
  readonly arrivedAt?: Date | undefined
  /** Every recipient that it tells of, also those of whom there is no news. */
  readonly recipients: readonly ReportedRecipient[]
}

/** What a delivery status notification says about one recipient (RFC 3464 section 2.3). */
export interface ReportedRecipient {
  /** The recipient as the sender wrote it, if the report knows it, otherwise `finalRecipient`; undefined if neither is an address. */
  readonly recipient?: string | undefined
  /** Where the message was on its way to when the report was made: behind an alias, this is another address. */
  readonly finalRecipient?: string | undefined
  /** `failed`, `delayed`, `delivered`, `relayed` or `expanded`, or another word, in small letters; empty if there is none. */
  readonly action: string
  /** The enhanced status code (RFC 3463), such as `5.1.1`. */
  readonly status?: string | undefined
  /** What the server said, with the type in front: `smtp; 550 5.1.1 User unknown`. */
  readonly diagnosticCode?: string | undefined
  /** The mail server that said it. */
  readonly remoteMta?: string | undefined
  /** When delivery was last tried. */
  readonly lastAttemptAt?: Date | undefined
  /** Until when it will be tried again, if it was delayed. */
  readonly willRetryUntil?: Date | undefined
}

/** A feedback report (RFC 5965). */
export interface FeedbackReport extends OriginalMessage {
  /** Always `arf`. */
  readonly type: 'arf'
  /** From Feedback-Type, in small letters: `abuse`, `fraud`, `virus`, `not-spam`, `opt-out`, `auth-failure`, or another word. */
  readonly feedback: string
  /** The recipients who complained, from Original-Rcpt-To. Many providers leave them out: then only the message tells. */
  readonly recipients: readonly string[]
  /** The sender in the envelope of the message, from Original-Mail-From. */
  readonly mailFrom?: string | undefined
  /** When the message arrived, from Arrival-Date or Received-Date. */
  readonly arrivedAt?: Date | undefined
  /** The domain that the report is about, from Reported-Domain. */
  readonly domain?: string | undefined
  /** The mail server that tells it, from Reporting-MTA. */
  readonly reportedBy?: string | undefined
  /** The address that the message came from, from Source-IP. */
  readonly sourceIp?: string | undefined
  /** The program that wrote the report, from User-Agent. */
  readonly userAgent?: string | undefined
}
