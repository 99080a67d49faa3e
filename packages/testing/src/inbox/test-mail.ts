import type { Address, DeliveryState, Envelope, FailureCode, Transcript } from '@loudmail/core'
import PostalMime, { decodeWords, type Attachment } from 'postal-mime'
import { findCodes } from './find-codes.ts'
import { findLinks } from './find-links.ts'
import type { KeptFailure, KeptMail } from './inbox-source.ts'
import { mailboxesIn } from './mailbox.ts'
import { readHtml } from './read-html.ts'
import { TestHeaders } from './test-headers.ts'

/** A send as its recipient would see it, read from the message that went over the wire. */
export interface TestMail extends Opened {
  /** Unique within the store. */
  readonly id: string
  readonly at: Date
  readonly state: DeliveryState | 'failed'
  /** Who it was for on the wire, Bcc included. */
  readonly envelope: Envelope
  /** Why it failed. */
  readonly error?: KeptFailure | undefined
  /** Of the failure: `rcpt-to/mailbox-full`, say. */
  readonly code?: FailureCode | undefined
  /** The conversation that carried it, or tried to. */
  readonly transcript?: Transcript | undefined
  /**
   * The RFC 5322 message. Undefined where a failed send left none; then only `from`, `to`, `subject` and the beginning of
   * `text` are known of it.
   */
  readonly raw?: Uint8Array | undefined
}

export interface TestAttachment {
  /** Empty where it has none. */
  readonly filename: string
  /** In lower case, without parameters. */
  readonly contentType: string
  readonly content: Uint8Array
  /** Without angle brackets. */
  readonly contentId?: string | undefined
}

interface Opened {
  /** Empty in both parts where there is none. */
  readonly from: Address
  /** Of the header. */
  readonly to: readonly Address[]
  readonly cc: readonly Address[]
  readonly replyTo: readonly Address[]
  /** Empty where there is none. */
  readonly subject: string
  /** The text part with `\n` as line ends and none at its end; empty where there is none. */
  readonly text: string
  /** The HTML part, likewise. */
  readonly html: string
  readonly headers: TestHeaders
  readonly attachments: readonly TestAttachment[]
  /** Where its links lead, each once: http, https and mailto, those of the HTML first. */
  readonly links: readonly string[]
  /** The one-time codes in it, each once, as they are typed in: those of the HTML first, those of the subject last. */
  readonly codes: readonly string[]
}

/** What was read already, for as long as the store keeps it: many tests may look at the same mails. */
const opened = new WeakMap<Uint8Array, Promise<Opened>>()

/** Opens a mail; rejects where it cannot be read as a message. */
export async function readTestMail(kept: KeptMail): Promise<TestMail> {
  const { id, at, state, envelope, error, code, transcript, content: raw } = kept
  return { id, at, state, ...(await open(kept)), envelope, error, code, transcript, raw }
}

function open(kept: KeptMail): Promise<Opened> {
  const { content } = kept
  if (!content) return Promise.resolve(outside(kept))
  const reading = opened.get(content) ?? read(content, kept)
  opened.set(content, reading)
  return reading
}

async function read(content: Uint8Array, { id, subject: shown }: KeptMail): Promise<Opened> {
  const {
    headers,
    subject = '',
    text = '',
    html = '',
    attachments,
  } = await PostalMime.parse(content).catch((cause: unknown) => {
    throw new Error(`the mail ${id}, ${JSON.stringify(shown)}, cannot be read: ${String(cause)}`, { cause })
  })
  const fields = new TestHeaders(
    headers.map(({ originalKey, value }) => ({ name: originalKey, value: decodeWords(value) })),
  )
  const mailboxes = (name: string): Address[] =>
    headers.flatMap(({ key, value }) => (key === name ? mailboxesIn(value) : []))
  return {
    from: mailboxes('from')[0] ?? NOBODY,
    to: mailboxes('to'),
    cc: mailboxes('cc'),
    replyTo: mailboxes('reply-to'),
    ...parts(subject, text.replace(/\n+$/, ''), html.replace(/\n+$/, '')),
    headers: fields,
    attachments: attachments.map(attachment),
  }
}

const NOBODY: Address = { name: '', address: '' }

/** What is known of a mail that cannot be opened. */
function outside({ from, to, subject, text }: KeptMail): Opened {
  return {
    from: mailboxesIn(from)[0] ?? NOBODY,
    to: to.flatMap(mailboxesIn),
    cc: [],
    replyTo: [],
    ...parts(subject, text, ''),
    headers: new TestHeaders([]),
    attachments: [],
  }
}

function parts(
  subject: string,
  text: string,
  html: string,
): Pick<Opened, 'subject' | 'text' | 'html' | 'links' | 'codes'> {
  const page = readHtml(html)
  return {
    subject,
    text,
    html,
    links: [...new Set([...page.links, ...findLinks(text)])],
    codes: [...new Set([page.text, text, subject].flatMap(findCodes))],
  }
}

function attachment({ filename, mimeType, contentId, content }: Attachment): TestAttachment {
  return {
    filename: filename ?? '',
    contentType: mimeType,
    content: typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content),
    ...(contentId !== undefined && { contentId: contentId.replaceAll(/^<|>$/g, '') }),
  }
}
