import type { Readable } from 'node:stream'
import type { DsnInput, Message } from '@loudmail/core'
import {
  attachmentName,
  contentTypeOf,
  type Attachment,
  type ComposedMessage,
  type Content,
} from '@loudmail/core/transport'
import type { SendMailOptions } from 'nodemailer'
import { contentFailure, type ContentFailure } from '../local-failure.ts'
import { contentOf } from './content.ts'

/**
 * A message for nodemailer's `sendMail`. It has every field of a message, even the empty ones, so that no default of the
 * transporter, and nothing in `transportData`, adds a recipient that is not in the envelope or changes a field.
 *
 * @param signal ends the reading of streams
 * @param contentFailed called if content cannot be read
 */
export function mailData(
  message: Message,
  signal: AbortSignal,
  contentFailed: (failed: ContentFailure) => void,
): SendMailOptions {
  const read = (content: Content, what: string) =>
    contentOf(content, signal, (cause) => contentFailed(contentFailure(cause, what)))
  const common: SendMailOptions = {
    envelope: { from: message.envelope.from, to: [...message.envelope.to] },
    dsn: message.dsn && dsnOf(message.dsn),
    requireTLSExtensionEnabled: message.requireTlsOnward,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
  const { transportData } = message
  if (message.raw)
    return { ...transportData, ...NO_FIELDS, ...common, raw: read(message.raw, 'the raw message') }
  return { ...transportData, ...common, ...fieldsOf(message), attachments: attachmentsOf(message, read) }
}

const NO_FIELDS: SendMailOptions = {
  from: undefined,
  sender: undefined,
  replyTo: undefined,
  to: undefined,
  cc: undefined,
  bcc: undefined,
  subject: undefined,
  text: undefined,
  html: undefined,
  attachments: undefined,
  alternatives: undefined,
  icalEvent: undefined,
}

function fieldsOf(message: ComposedMessage): SendMailOptions {
  const { from, sender, replyTo, to, cc, subject, text, html, calendar } = message
  return {
    ...NO_FIELDS,
    from: [...from],
    sender,
    replyTo: [...replyTo],
    // Some filters distrust a message that has no field for its recipients.
    to: to.length === 0 && cc.length === 0 ? 'undisclosed-recipients:;' : [...to],
    cc: [...cc],
    subject,
    text,
    html,
    date: message.date,
    messageId: message.messageId,
    inReplyTo: message.inReplyTo.length > 0 ? message.inReplyTo.join(' ') : undefined,
    references: message.references.length > 0 ? [...message.references] : undefined,
    headers: headersOf(message.headers),
    raw: undefined,
    ...(calendar && {
      alternatives: [
        {
          contentType: `text/calendar; charset=utf-8; method=${calendar.method.toUpperCase()}`,
          content: calendar.content,
        },
      ],
    }),
  }
}

/** Grouped by name, so that nodemailer can add the transporter's default headers. */
function headersOf(headers: ComposedMessage['headers']): Record<string, string[]> {
  const byName: Record<string, string[]> = {}
  for (const [name, value] of headers) (byName[name] ??= []).push(value)
  return byName
}

function attachmentsOf(
  { attachments }: ComposedMessage,
  read: (content: Content, what: string) => Buffer | Readable,
): NonNullable<SendMailOptions['attachments']> {
  return attachments.map((attachment: Attachment) => ({
    // If the name is not set, nodemailer makes one up.
    filename: attachment.filename ?? false,
    content: read(attachment, attachmentName(attachment)),
    contentType: typeOf(attachment),
    cid: attachment.contentId,
    contentDisposition: attachment.disposition,
    headers: headersOf(attachment.headers),
  }))
}

/** Of a stream, nodemailer has to know the type before anything is read, so only what the caller and the name say counts. */
function typeOf(attachment: Attachment): string | undefined {
  try {
    return contentTypeOf(attachment) ?? attachment.contentType
  } catch {
    // Reading the content fails with the same reason, and that is reported.
    return attachment.contentType
  }
}

function dsnOf({ notify, ret, envelopeId }: DsnInput): NonNullable<SendMailOptions['dsn']> {
  return {
    ...(ret && { ret: ret === 'full' ? 'FULL' : 'HDRS' }),
    ...(envelopeId !== undefined && { envid: envelopeId }),
    ...(notify && { notify: notify === 'never' ? ['NEVER'] : notify.map((each) => each.toUpperCase()) }),
  }
}
