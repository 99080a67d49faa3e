import type { Address } from '@loudmail/core'
import { jsonBody, filesOf, JSON_HEADERS, type ApiFile } from '../api/parts.ts'
import type { ApiRequest } from '../api/call-api.ts'
import type { Item } from '../api/provider-api.ts'
import { invalid } from '../api/provider-data.ts'
import { fieldsOfRecipients } from '../api/recipients.ts'

const KEEP =
  'Keep the message in Sent Items (`saveToSentItems: true`): then it is sent as it is composed here.'

/**
 * A message in parts, which Exchange composes. Only in this form can it be told not to keep it in Sent Items.
 *
 * @see https://learn.microsoft.com/graph/api/user-sendmail
 * @throws MailError `compose/invalid-message` for what has no place in it
 */
export async function jsonRequest(
  { message, signal }: Pick<Item<object>, 'message' | 'signal'>,
  path: string,
): Promise<ApiRequest> {
  if (message.raw)
    throw invalid('Microsoft Graph keeps every message in Sent Items that was composed before (`raw`)', KEEP)
  const { from, sender, replyTo, subject, text, html, messageId, inReplyTo, references, headers } = message
  if (message.calendar) throw unable('an invitation (`calendar`)')
  if (from.length > 1) throw unable('several authors')
  const stranger = headers.find(([name]) => !/^x-/i.test(name))
  if (stranger) throw unable(`the header field ${stranger[0]}: only names that begin with X- are allowed`)
  const { to, cc, bcc } = fieldsOfRecipients(message)
  const files = await filesOf(message, signal)
  const threads = [
    { id: 'String 0x1042', value: inReplyTo.join(' ') },
    { id: 'String 0x1039', value: references.join(' ') },
  ].filter(({ value }) => value !== '')
  const body = {
    message: {
      subject: subject ?? '',
      body: { contentType: html === undefined ? 'Text' : 'HTML', content: html ?? text ?? '' },
      from: recipient(from[0]!),
      ...(sender && { sender: recipient(sender) }),
      toRecipients: to.map(recipient),
      ccRecipients: cc.map(recipient),
      bccRecipients: bcc.map(recipient),
      ...(replyTo.length > 0 && { replyTo: replyTo.map(recipient) }),
      internetMessageId: messageId,
      ...(headers.length > 0 && {
        internetMessageHeaders: headers.map(([name, value]) => ({ name, value })),
      }),
      ...(threads.length > 0 && { singleValueExtendedProperties: threads }),
      ...(files.length > 0 && { attachments: files.map(fileAttachment) }),
    },
    saveToSentItems: false,
  }
  return { method: 'POST', path, headers: JSON_HEADERS, body: jsonBody(body) }
}

/** A file as Graph takes it in JSON. @see https://learn.microsoft.com/graph/api/resources/fileattachment */
export function fileAttachment({ filename, contentType, contentId, disposition, base64 }: ApiFile): object {
  return {
    '@odata.type': '#microsoft.graph.fileAttachment',
    name: filename,
    contentType,
    contentBytes: base64,
    ...(disposition === 'inline' && { isInline: true }),
    ...(contentId !== undefined && { contentId }),
  }
}

function recipient({ name, address }: Address): object {
  return { emailAddress: { ...(name !== '' && { name }), address } }
}

function unable(what: string): Error {
  return invalid(
    `Microsoft Graph cannot take ${what} in a message that is not kept in Sent Items (\`saveToSentItems: false\`)`,
    KEEP,
  )
}
