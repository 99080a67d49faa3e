import type { ComposedMessage } from '@loudmail/core/transport'
import { customFieldValue } from '@loudmail/mime'
import { onlyAuthor } from '../api/author.ts'
import type { ApiRequest } from '../api/call-api.ts'
import { filesOf, headersOf, JSON_HEADERS, jsonBody, jsonList } from '../api/parts.ts'
import type { Item } from '../api/provider-api.ts'
import { invalid } from '../api/provider-data.ts'
import { checkCount } from '../api/recipient-count.ts'
import { composedOnly, mailbox, recipientsOf } from '../api/recipients.ts'
import { checkPostmarkData, type PostmarkData } from './postmark-data.ts'

/** The most recipients of a message: To, Cc and Bcc together. */
export const MOST_RECIPIENTS = 50

/**
 * The body of a message.
 *
 * @param defaults what the options say
 * @see https://postmarkapp.com/developer/api/email-api
 */
async function postmarkMessage(
  { message, data, signal }: Item<PostmarkData>,
  defaults: PostmarkData,
): Promise<object> {
  const composed = composedOnly(message, 'Postmark')
  const recipients = recipientsOf(composed, 'Postmark')
  checkCount(recipients, 'Postmark', MOST_RECIPIENTS)
  const { to, cc, bcc } = recipients
  checkPostmarkData('transportData.postmark', data.own)
  const own = { ...defaults, ...data.own }
  const content = contentOf(composed, own)
  const metadata = metadataOf(data.metadata)
  const [tag] = data.tags ?? []
  const files = await filesOf(composed, signal)
  // Without X-PM-KeepID, Postmark replaces the Message-ID.
  const headers = [...headersOf(composed), ['X-PM-KeepID', 'true'] as const]
  const { replyTo } = composed
  return {
    From: mailbox(onlyAuthor(composed, 'Postmark')),
    To: to.map(mailbox).join(', '),
    ...(cc.length > 0 && { Cc: cc.map(mailbox).join(', ') }),
    ...(bcc.length > 0 && { Bcc: bcc.map(mailbox).join(', ') }),
    ...(replyTo.length > 0 && { ReplyTo: replyTo.map(mailbox).join(', ') }),
    ...content,
    Headers: headers.map(([Name, value]) => ({ Name, Value: customFieldValue(Name, value) })),
    ...(files.length > 0 && {
      Attachments: files.map(({ filename, contentType, contentId, base64 }) => ({
        Name: filename,
        Content: base64,
        ContentType: contentType,
        ...(contentId !== undefined && { ContentID: `cid:${contentId}` }),
      })),
    }),
    ...(tag !== undefined && { Tag: tag }),
    ...(metadata && { Metadata: metadata }),
    ...(own.trackOpens !== undefined && { TrackOpens: own.trackOpens }),
    ...(own.trackLinks !== undefined && { TrackLinks: own.trackLinks }),
    ...(own.messageStream !== undefined && { MessageStream: own.messageStream }),
  }
}

function contentOf({ subject, text, html }: ComposedMessage, own: PostmarkData): object {
  const { templateAlias, templateModel = {} } = own
  if (templateAlias === undefined)
    return {
      Subject: subject ?? '',
      ...(text !== undefined && { TextBody: text }),
      ...(html !== undefined && { HtmlBody: html }),
    }
  if ([subject, text, html].some((each) => each !== undefined))
    throw invalid(
      'a template of Postmark brings the subject and the text, and this message has its own',
      'Leave out `subject`, `text` and `html`, or `transportData.postmark.templateAlias`.',
    )
  return { TemplateAlias: templateAlias, TemplateModel: templateModel }
}

/** @see https://postmarkapp.com/support/article/1125-custom-metadata-faq */
function metadataOf(metadata: Readonly<Record<string, string>> = {}): object | undefined {
  const entries = Object.entries(metadata)
  if (entries.length === 0) return undefined
  if (entries.length > 10) throw invalid('Postmark takes at most 10 fields in transportData.metadata')
  const names = new Set(entries.map(([name]) => name.toLowerCase()))
  if (names.size < entries.length)
    throw invalid('two fields of transportData.metadata have the same name for Postmark, which ignores case')
  for (const [name, value] of entries) {
    if (name.length <= 20 && value.length <= 80) continue
    throw invalid(
      `transportData.metadata.${name.slice(0, 30)} is too long for Postmark`,
      'A name has at most 20 characters, and a value 80.',
    )
  }
  return metadata
}

export function postmarkSingle(part: Uint8Array): ApiRequest {
  return { method: 'POST', path: '/email', headers: JSON_HEADERS, body: part }
}

export function postmarkBatch(parts: readonly Uint8Array[]): ApiRequest {
  return { method: 'POST', path: '/email/batch', headers: JSON_HEADERS, body: jsonList(parts) }
}

export async function postmarkPart(item: Item<PostmarkData>, defaults: PostmarkData): Promise<Uint8Array> {
  return jsonBody(await postmarkMessage(item, defaults))
}

export async function postmarkRequest(item: Item<PostmarkData>, defaults: PostmarkData): Promise<ApiRequest> {
  const request = postmarkSingle(await postmarkPart(item, defaults))
  return item.data.own.templateAlias === undefined ? request : { ...request, path: '/email/withTemplate' }
}
