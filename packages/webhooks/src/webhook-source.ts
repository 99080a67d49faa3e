import type { MailNews } from './mail-news.ts'

/** A request as a web server received it. */
export interface WebhookRequest {
  /** By name in small letters, as Node has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The body as it was received: signatures are of its octets. */
  readonly body: Uint8Array
}

/** What a request said, once its signature was found to be right. */
export interface ReadWebhook {
  /**
   * Names what is told. A provider that tells the same again, because it did not hear of our answer, uses the same; so does
   * somebody who copied a request.
   */
  readonly id: string
  /**
   * Names this one signature, if the provider signs anew each time that it tells the same. Whoever uses it twice has copied a
   * request, and is refused.
   */
  readonly once?: string | undefined
  /** What it tells. Empty if it tells nothing that concerns the delivery of mail, such as a test of the provider. */
  readonly news: readonly MailNews[]
  /** The names of events that are in no documentation that this package knows, or that name no recipient. */
  readonly unknown: readonly string[]
  /** What has to be done before the provider tells anything, such as to confirm a subscription. */
  readonly confirm?: (() => Promise<void>) | undefined
}

/** Reads the webhooks of one provider. */
export interface WebhookSource {
  /** As people call it. */
  readonly provider: string
  /**
   * Checks the signature in constant time, and then reads the body.
   *
   * @param now the time, in ms since 1970
   * @throws WebhookError
   */
  read(request: WebhookRequest, now: number): Promise<ReadWebhook> | ReadWebhook
}
