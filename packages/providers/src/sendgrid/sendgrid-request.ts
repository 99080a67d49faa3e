import type { Address } from '@loudmail/core'
import type { ComposedMessage } from '@loudmail/core/transport'
import type { ApiRequest } from '../api/call-api.ts'
import { onlyAuthor } from '../api/author.ts'
import { headerObject } from '../api/header-object.ts'
import { filesOf, headersOf, JSON_HEADERS, jsonBody } from '../api/parts.ts'
import type { Item } from '../api/provider-api.ts'
import { composedOnly, mailbox, recipientsOf } from '../api/recipients.ts'
import { sendgridSettings, type SendgridData } from './sendgrid-data.ts'

/** @see https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send */
export async function sendgridRequest(item: Item<SendgridData>): Promise<ApiRequest> {
  return {
    method: 'POST',
    path: '/v3/mail/send',
    headers: JSON_HEADERS,
    body: jsonBody(await sendgridMessage(item)),
  }
}

async function sendgridMessage({ message, data, signal }: Item<SendgridData>): Promise<object> {
  const composed = composedOnly(message, 'SendGrid')
  const { to, cc, bcc } = recipientsOf(composed, 'SendGrid')
  const { replyTo, subject } = composed
  const { tags = [], metadata = {}, sendAt, own } = data
  const sendAtMs = sendAt === undefined ? 0 : new Date(sendAt).getTime()
  const from = onlyAuthor(composed, 'SendGrid')
  const settings = sendgridSettings(own)
  const files = await filesOf(composed, signal)
  return {
    personalizations: [
      {
        to: to.map(recipient),
        ...(cc.length > 0 && { cc: cc.map(recipient) }),
        ...(bcc.length > 0 && { bcc: bcc.map(recipient) }),
        ...(own.dynamicTemplateData !== undefined && { dynamic_template_data: own.dynamicTemplateData }),
      },
    ],
    from: person(from),
    ...(replyTo.length === 1 && { reply_to: person(replyTo[0]!) }),
    ...(replyTo.length > 1 && { reply_to_list: replyTo.map(person) }),
    ...(subject !== undefined && { subject }),
    ...contentOf(composed, own),
    headers: headerObject([...senderOf(composed), ...headersOf(composed)], 'SendGrid'),
    ...(files.length > 0 && {
      attachments: files.map(({ filename, contentType, contentId, disposition, base64 }) => ({
        content: base64,
        // SendGrid refuses parameters.
        type: contentType.split(';', 1)[0]!.trim(),
        filename,
        disposition,
        ...(contentId !== undefined && { content_id: contentId }),
      })),
    }),
    ...(tags.length > 0 && { categories: tags }),
    ...(Object.keys(metadata).length > 0 && { custom_args: metadata }),
    ...(sendAtMs > Date.now() && { send_at: Math.floor(sendAtMs / 1_000) }),
    ...settings,
  }
}

/** The text before the HTML. SendGrid refuses an empty text, and a message without any, unless there is a template. */
function contentOf({ text, html }: ComposedMessage, { templateId }: SendgridData): object {
  const content = [
    ...(text ? [{ type: 'text/plain', value: text }] : []),
    ...(html ? [{ type: 'text/html', value: html }] : []),
  ]
  if (content.length > 0) return { content }
  return templateId === undefined ? { content: [{ type: 'text/plain', value: ' ' }] } : {}
}

/** SendGrid has no field for who sent it for the author. */
function senderOf({ sender, from }: ComposedMessage): (readonly [string, string])[] {
  return sender && sender.address !== from[0]!.address ? [['Sender', mailbox(sender)]] : []
}

function person({ name, address }: Address): object {
  return { email: address, ...(name !== '' && { name }) }
}

/** SendGrid does not quote the names of recipients, so a comma or a semicolon would end the name. */
function recipient({ name, address }: Address): object {
  const quoted = /[,;]/.test(name) ? `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"` : name
  return person({ name: quoted, address })
}
