/** An unsubscribe group of SendGrid. */
export interface SendgridUnsubscribeGroup {
  /** The number of the group. */
  readonly groupId: number
  /** The groups on the page where recipients unsubscribe, at most 25. @default all of them */
  readonly groupsToDisplay?: readonly number[] | undefined
}

/** Something that can be switched on and off. */
export interface SendgridSwitch {
  /** Whether it is on. */
  readonly enable: boolean
}

/** What SendGrid tracks. */
export interface SendgridTracking {
  /** Clicks on links. */
  readonly clickTracking?: SendgridClickTracking | undefined
  /** Whether a mail is opened. */
  readonly openTracking?: SendgridOpenTracking | undefined
  /** A link to unsubscribe, added to the text. */
  readonly subscriptionTracking?: SendgridSubscriptionTracking | undefined
  /** Parameters for Google Analytics, added to links. */
  readonly ganalytics?: SendgridAnalytics | undefined
}

/** Tracking of clicks. */
export interface SendgridClickTracking extends SendgridSwitch {
  /** Whether it changes links in the plain text, too. */
  readonly enableText?: boolean | undefined
}

/** Tracking of mails that are opened. */
export interface SendgridOpenTracking extends SendgridSwitch {
  /** What the picture that tells replaces in the HTML. @default it is added at the end */
  readonly substitutionTag?: string | undefined
}

/** A link to unsubscribe. */
export interface SendgridSubscriptionTracking extends SendgridSwitch {
  /** Plain text with the link, at `<% %>`. */
  readonly text?: string | undefined
  /** HTML with the link, at `<% %>`. */
  readonly html?: string | undefined
  /** What the address of the link replaces in the message. It takes precedence over `text` and `html`. */
  readonly substitutionTag?: string | undefined
}

/** Parameters for Google Analytics. */
export interface SendgridAnalytics extends SendgridSwitch {
  /** Where the visitors come from. */
  readonly utmSource?: string | undefined
  /** By what they come, such as `email`. */
  readonly utmMedium?: string | undefined
  /** Keywords that are paid for. */
  readonly utmTerm?: string | undefined
  /** Which of several links or texts it was. */
  readonly utmContent?: string | undefined
  /** The campaign. */
  readonly utmCampaign?: string | undefined
}

/** Settings of one message. `bypassListManagement` excludes the other three of that kind. */
export interface SendgridMailSettings {
  /** Sends also to recipients on any list of SendGrid: who unsubscribed, bounced or complained. */
  readonly bypassListManagement?: SendgridSwitch | undefined
  /** Sends also to recipients who reported spam. */
  readonly bypassSpamManagement?: SendgridSwitch | undefined
  /** Sends also to recipients whose mail bounced. */
  readonly bypassBounceManagement?: SendgridSwitch | undefined
  /** Sends also to recipients who unsubscribed from everything. */
  readonly bypassUnsubscribeManagement?: SendgridSwitch | undefined
  /** A text at the end of the message. */
  readonly footer?: SendgridFooter | undefined
}

/** A text at the end of a message. */
export interface SendgridFooter extends SendgridSwitch {
  /** As plain text. */
  readonly text?: string | undefined
  /** As HTML. */
  readonly html?: string | undefined
}
