import { onlyAuthor } from '../api/author.ts'
import type { ApiRequest } from '../api/call-api.ts'
import { headerObject } from '../api/header-object.ts'
import { filesOf, headersOf, JSON_HEADERS, jsonBody, jsonList } from '../api/parts.ts'
import type { Item } from '../api/provider-api.ts'
import { invalid } from '../api/provider-data.ts'
import { composedOnly, mailbox, recipientsOf } from '../api/recipients.ts'

/** What `transportData.resend` may contain. */
export interface ResendData {
  /** The topic that the message belongs to: recipients who unsubscribed from it do not get the message. */
  readonly topicId?: string | undefined
}

/** @see https://resend.com/docs/dashboard/emails/tags */
const MOST_TAGS = 75
const TAG = /^[\w-]{1,256}$/

/** The body of a message. @see https://resend.com/docs/api-reference/emails/send-email */
async function resendMessage({ message, data, signal }: Item<ResendData>): Promise<object> {
  const composed = composedOnly(message, 'Resend')
  const { to, cc, bcc } = recipientsOf(composed, 'Resend')
  const { replyTo, subject = '', text, html } = composed
  const tags = tagsOf(data)
  const { sendAt, own } = data
  if (own.topicId !== undefined && typeof own.topicId !== 'string')
    throw invalid('transportData.resend.topicId must be a text')
  const files = await filesOf(composed, signal)
  return {
    from: mailbox(onlyAuthor(composed, 'Resend')),
    to: to.map(mailbox),
    subject,
    ...(cc.length > 0 && { cc: cc.map(mailbox) }),
    ...(bcc.length > 0 && { bcc: bcc.map(mailbox) }),
    ...(replyTo.length > 0 && { reply_to: replyTo.map(mailbox) }),
    // Without a text, Resend makes one from the HTML.
    text: text ?? '',
    ...(html !== undefined && { html }),
    headers: headerObject(headersOf(composed), 'Resend'),
    ...(files.length > 0 && {
      attachments: files.map(({ filename, contentType, contentId, base64 }) => ({
        filename,
        content: base64,
        content_type: contentType,
        ...(contentId !== undefined && { content_id: contentId }),
      })),
    }),
    ...(tags.length > 0 && { tags }),
    ...(sendAt !== undefined && { scheduled_at: new Date(sendAt).toISOString() }),
    ...(own.topicId !== undefined && { topic_id: own.topicId }),
  }
}

/** Every tag has a name and a value. */
function tagsOf({ tags = [], metadata = {} }: Item<ResendData>['data']): { name: string; value: string }[] {
  const named = [
    ...tags.map((tag) => ({ name: tag, value: 'true' })),
    ...Object.entries(metadata).map(([name, value]) => ({ name, value })),
  ]
  if (named.some(({ name, value }) => !TAG.test(name) || !TAG.test(value)))
    throw invalid(
      'Resend takes only letters a to z, digits, underscores and dashes in transportData.tags and transportData.metadata, at most 256 of them',
      'Write `order-4711` and not `order 4711`.',
    )
  if (named.length > MOST_TAGS)
    throw invalid(`Resend takes at most ${MOST_TAGS} tags and fields of metadata, and this message has more`)
  return named
}

export async function resendRequest(item: Item<ResendData>): Promise<ApiRequest> {
  const { idempotencyKey } = item.message
  const request = resendSingle(await resendPart(item))
  if (idempotencyKey === undefined) return request
  return { ...request, headers: { ...request.headers, 'idempotency-key': idempotencyKey } }
}

export async function resendPart(item: Item<ResendData>): Promise<Uint8Array> {
  return jsonBody(await resendMessage(item))
}

export function resendSingle(part: Uint8Array): ApiRequest {
  return { method: 'POST', path: '/emails', headers: JSON_HEADERS, body: part }
}

/** One message that is not valid must not stop the others. */
const PERMISSIVE = { ...JSON_HEADERS, 'x-batch-validation': 'permissive' }

export function resendBatch(parts: readonly Uint8Array[]): ApiRequest {
  return { method: 'POST', path: '/emails/batch', headers: PERMISSIVE, body: jsonList(parts) }
}
