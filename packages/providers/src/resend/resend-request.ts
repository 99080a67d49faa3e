import type { ApiRequest } from '../api/call-api.ts'
import { filesOf, headersOf, JSON_HEADERS, jsonBody } from '../api/parts.ts'
import type { Item } from '../api/provider-api.ts'
import { composedOnly, mailbox, recipientsOf } from '../api/recipients.ts'

/** What `transportData.resend` may contain. */
export interface ResendData {
  /** The topic that the message belongs to, for recipients who unsubscribed from some topics. */
  readonly topicId?: string | undefined
}

/** The body of a message. @see https://resend.com/docs/api-reference/emails/send-email */
export async function resendMessage({ message, data, signal }: Item<ResendData>): Promise<object> {
  const composed = composedOnly(message, 'Resend')
  const { to, cc, bcc } = recipientsOf(composed, 'Resend')
  const { from, sender, replyTo, subject = '', text, html } = composed
  const files = await filesOf(composed, signal)
  const { tags = [], metadata = {}, sendAt, own } = data
  const labels = [
    ...tags.map((tag) => ({ name: tag, value: 'true' })),
    ...Object.entries(metadata).map(([name, value]) => ({ name, value })),
  ]
  return {
    from: mailbox(sender ?? from[0]!),
    to: to.map(mailbox),
    subject,
    ...(cc.length > 0 && { cc: cc.map(mailbox) }),
    ...(bcc.length > 0 && { bcc: bcc.map(mailbox) }),
    ...(replyTo.length > 0 && { reply_to: replyTo.map(mailbox) }),
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
    headers: Object.fromEntries(headersOf(composed)),
    ...(files.length > 0 && {
      attachments: files.map(({ filename, contentType, contentId, base64 }) => ({
        filename,
        content: base64,
        content_type: contentType,
        ...(contentId !== undefined && { content_id: contentId }),
      })),
    }),
    ...(labels.length > 0 && { tags: labels }),
    ...(sendAt !== undefined && { scheduled_at: new Date(sendAt).toISOString() }),
    ...(own.topicId !== undefined && { topic_id: own.topicId }),
  }
}

export async function resendRequest(item: Item<ResendData>): Promise<ApiRequest> {
  const { idempotencyKey } = item.message
  return {
    method: 'POST',
    path: '/emails',
    headers: { ...JSON_HEADERS, ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }) },
    body: jsonBody(await resendMessage(item)),
  }
}
