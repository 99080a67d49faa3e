import { simpleParser, type AddressObject } from 'mailparser'
import PostalMime, { decodeWords, type Address } from 'postal-mime'

/** What a parser found in a message, in one shape for both parsers. */
export interface Parsed {
  from: Mailbox[]
  to: Mailbox[]
  cc: Mailbox[]
  subject: string
  messageId: string | undefined
  date: string | undefined
  text: string
  html: string
  custom: string
  attachments: ParsedAttachment[]
}

export interface Mailbox {
  name: string
  address: string
}

interface ParsedAttachment {
  filename: string | undefined
  type: string
  disposition: string | undefined
  contentId: string | undefined
  content: string
}

/** What two parsers that share no code find; the custom header is X-Custom. */
export async function parsedTwice(bytes: Buffer): Promise<readonly [postalMime: Parsed, mailparser: Parsed]> {
  return [await withPostalMime(bytes), await withMailparser(bytes)]
}

/** Text as it compares: line ends as LF, without those at the end, which MIME does not keep. */
export function comparable(text: string): string {
  return text.replace(/\r\n|\r/g, '\n').replace(/\n+$/, '')
}

async function withPostalMime(bytes: Buffer): Promise<Parsed> {
  const email = await PostalMime.parse(bytes, { forceRfc822Attachments: true })
  return {
    from: mailboxes(email.from ? [email.from] : []),
    to: mailboxes(email.to),
    cc: mailboxes(email.cc),
    subject: email.subject ?? '',
    messageId: email.messageId,
    date: email.date,
    text: comparable(email.text ?? ''),
    html: comparable(email.html ?? ''),
    custom: decodeWords(email.headers.find(({ key }) => key === 'x-custom')?.value ?? ''),
    attachments: email.attachments.map((each) => ({
      filename: each.filename ?? undefined,
      type: each.mimeType,
      disposition: each.disposition ?? undefined,
      contentId: each.contentId,
      content: Buffer.from(each.content as ArrayBuffer).toString('base64'),
    })),
  }
}

async function withMailparser(bytes: Buffer): Promise<Parsed> {
  const skip = {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
    keepCidLinks: true,
  }
  const email = await simpleParser(bytes, skip)
  return {
    from: mailboxesOf(email.from),
    to: mailboxesOf(email.to),
    cc: mailboxesOf(email.cc),
    subject: email.subject ?? '',
    messageId: email.messageId,
    date: email.date?.toISOString(),
    text: comparable(email.text ?? ''),
    html: comparable(email.html || ''),
    custom: decodeWords((email.headers.get('x-custom') as string | undefined) ?? ''),
    attachments: email.attachments.map((each) => ({
      filename: each.filename,
      type: each.contentType,
      disposition: each.contentDisposition,
      contentId: each.contentId,
      content: each.content.toString('base64'),
    })),
  }
}

function mailboxes(list: readonly Address[] = []): Mailbox[] {
  return list.map(({ name, address }) => ({ name, address: address ?? '' }))
}

function mailboxesOf(list: AddressObject | AddressObject[] | undefined): Mailbox[] {
  const found = [list ?? []].flat().flatMap(({ value }) => value)
  return found.map(({ name, address }) => ({ name, address: address ?? '' }))
}
