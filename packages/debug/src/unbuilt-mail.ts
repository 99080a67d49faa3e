import type { MailError, WrittenMessage } from '@loudmail/core'
import { oneLine, withoutTags } from './new-mail.ts'
import type { NewMail } from './stores/mail-store.ts'

/** How many characters of a field are kept. */
const FIELD_LENGTH = 2_000

/** What a store keeps of a message that could not be built: its fields as they were written, and the failure. */
export function unbuiltMail(written: WrittenMessage, error: MailError, transport: string): NewMail {
  const { from, to, cc, bcc, replyTo, subject, text, html, raw, attachments, envelope } = written
  const { from: sender, to: recipients } = (envelope ?? {}) as { from?: unknown; to?: unknown }
  const isListed = [to, cc, bcc].some((list) => list !== undefined)
  const content = [text, raw].find((each) => typeof each === 'string')
  return {
    state: 'failed',
    transport,
    // There is no valid address that an envelope could hold.
    envelope: { from: '', to: [], smtputf8: false },
    from: addressesIn(from ?? sender).join(', '),
    to: addressesIn(isListed ? to : recipients),
    cc: addressesIn(cc),
    bcc: addressesIn(bcc),
    replyTo: addressesIn(replyTo),
    subject: asText(subject),
    text: oneLine(content ?? (typeof html === 'string' ? withoutTags(html) : '')),
    attachments: listIn(attachments).map(nameOf).filter(Boolean),
    problem: 'the message could not be built',
    error,
  }
}

/** Addresses as they were written, whatever they are. */
function addressesIn(value: unknown): string[] {
  return listIn(value)
    .map((each) => {
      if (typeof each !== 'object' || each === null) return asText(each)
      const { name, address } = each as { name?: unknown; address?: unknown }
      return asText(name) === '' ? asText(address) : `${asText(name)} <${asText(address)}>`
    })
    .filter(Boolean)
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [value]
}

function nameOf(attachment: unknown): string {
  if (typeof attachment !== 'object' || attachment === null) return ''
  const { filename, path } = attachment as { filename?: unknown; path?: unknown }
  return asText(filename ?? path)
}

function asText(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value).slice(0, FIELD_LENGTH) : ''
}
