/** What `transportData.brevo` may contain. */
export interface BrevoData {
  /** The number of a template at Brevo. It replaces `text` and `html`. */
  readonly templateId?: number | undefined
  /** The values for the template, or for `{{params.name}}` in the text. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
  /** A UUID (version 4): scheduled messages with the same one can be cancelled together. @default one that Brevo makes */
  readonly batchId?: string | undefined
  /** The dedicated IP address to send from. */
  readonly senderIp?: string | undefined
  /** Brevo checks the request and sends nothing: the receipt says `discarded`. @default false */
  readonly sandboxMode?: boolean | undefined
}

/** For `readData`. */
export const BREVO_FIELDS: Readonly<Record<keyof BrevoData, true>> = {
  templateId: true,
  params: true,
  batchId: true,
  senderIp: true,
  sandboxMode: true,
}
