import type { Address } from '@loudmail/core'
import { attachmentName, type ComposedMessage } from '@loudmail/core/transport'
import { encodedWords } from '@loudmail/mime'
import { onlyAuthor } from '../api/author.ts'
import type { ApiRequest } from '../api/call-api.ts'
import { filesOf, JSON_HEADERS, jsonBody } from '../api/parts.ts'
import { invalid } from '../api/provider-data.ts'
import type { Item } from '../api/provider-api.ts'
import { composedOnly, recipientsOf } from '../api/recipients.ts'
import type { BrevoData } from './brevo-data.ts'
import { brevoHeaders } from './brevo-headers.ts'

/** @see https://developers.brevo.com/reference/send-transac-email */
export async function brevoRequest(item: Item<BrevoData>): Promise<ApiRequest> {
  return {
    method: 'POST',
    path: '/v3/smtp/email',
    headers: JSON_HEADERS,
    body: jsonBody(await brevoMessage(item)),
  }
}

async function brevoMessage(item: Item<BrevoData>): Promise<object> {
  const composed = composedOnly(item.message, 'Brevo')
  const { to, cc, bcc } = recipientsOf(composed, 'Brevo')
  const { subject, text, html, replyTo } = composed
  const { tags = [], sendAt, own } = item.data
  const sendAtMs = sendAt === undefined ? 0 : new Date(sendAt).getTime()
  const sender = authorOf(composed)
  refuseInlineImages(composed)
  const headers = brevoHeaders(item, composed)
  const files = await filesOf(composed, item.signal)
  return {
    sender: person(sender),
    to: to.map(person),
    ...(cc.length > 0 && { cc: cc.map(person) }),
    ...(bcc.length > 0 && { bcc: bcc.map(person) }),
    ...(replyTo.length > 0 && { replyTo: person(replyTo[0]!) }),
    ...(subject !== undefined && { subject }),
    ...(html && { htmlContent: html }),
    ...(text && { textContent: text }),
    ...(own.templateId !== undefined && { templateId: own.templateId }),
    ...(own.params !== undefined && { params: own.params }),
    headers,
    ...(files.length > 0 && {
      attachment: files.map(({ filename, base64 }) => ({ name: filename, content: base64 })),
    }),
    ...(tags.length > 0 && { tags }),
    ...(sendAtMs > Date.now() && { scheduledAt: new Date(sendAtMs).toISOString() }),
    ...(own.batchId !== undefined && { batchId: own.batchId }),
  }
}

/** The author. Brevo has room for one, for one address to answer to, and for nobody who sent it for the author. */
function authorOf(message: ComposedMessage): Address {
  const from = onlyAuthor(message, 'Brevo')
  const { sender, replyTo } = message
  if (sender && sender.address !== from.address)
    throw invalid(
      'Brevo cannot name a `sender` beside `from`',
      'Put the address that you verified at Brevo into `from`, and that of the author into `replyTo`.',
    )
  if (replyTo.length > 1)
    throw invalid(
      `Brevo takes one address in \`replyTo\`, and this message has ${replyTo.length}`,
      'Leave one address in `replyTo`.',
    )
  return from
}

/** Brevo attaches files, and shows none within the text. */
function refuseInlineImages({ attachments, html = '' }: ComposedMessage): void {
  const shown = attachments.find(
    ({ contentId }) => contentId !== undefined && html.includes(`cid:${contentId}`),
  )
  if (!shown) return
  throw invalid(
    `Brevo cannot show ${attachmentName(shown)} within the HTML: it only attaches files`,
    'Put the image on a web server and link to it, or send the message with another transport.',
  )
}

/** Brevo drops a name that has a comma or the like and characters beyond ASCII, unless it is encoded (RFC 2047). */
function person({ name, address }: Address): object {
  const isAtRisk = /[^ -~]/.test(name) && /[()<>[\]:;@\\,."]/.test(name)
  return { email: address, ...(name !== '' && { name: isAtRisk ? encodedWords(name).join(' ') : name }) }
}
