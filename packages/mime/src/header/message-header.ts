import type { Address } from '@loudmail/core'
import type { ComposedMessage } from '@loudmail/core/transport'
import { customField } from './custom-field.ts'
import { headerField } from './header-field.ts'
import { mailboxWords } from './mailbox.ts'
import { unstructuredWords } from './unstructured.ts'

/**
 * The header fields of a message (RFC 5322 section 3.6) before its Content fields, always in this order, without Bcc.
 *
 * @param replaced the name of a field that is written elsewhere
 */
export function messageHeader(message: ComposedMessage, replaced?: string): string {
  const { date, from, sender, replyTo, to, cc, subject, messageId, inReplyTo, references, headers } = message
  let fields = headerField('Date', [`${date.toUTCString().slice(0, -'GMT'.length)}+0000`])
  fields += mailboxField('From', from)
  if (sender) fields += mailboxField('Sender', [sender])
  fields += mailboxField('Reply-To', replyTo) + mailboxField('To', to) + mailboxField('Cc', cc)
  // The recipients are only in the envelope. Some filters distrust a message that has no field for them.
  if (to.length === 0 && cc.length === 0) fields += headerField('To', ['undisclosed-recipients:;'])
  if (subject !== undefined) fields += headerField('Subject', unstructuredWords('Subject', subject))
  fields += headerField('Message-ID', [messageId])
  if (inReplyTo.length > 0) fields += headerField('In-Reply-To', inReplyTo)
  if (references.length > 0) fields += headerField('References', references)
  const other = replaced?.toLowerCase()
  for (const [name, value] of headers)
    if (other === undefined || name.toLowerCase() !== other) fields += customField(name, value)
  return `${fields}MIME-Version: 1.0\r\n`
}

function mailboxField(name: string, mailboxes: readonly Address[]): string {
  return mailboxes.length === 0 ? '' : headerField(name, mailboxWords(name, mailboxes))
}
