import type { Address, DeliveryState, Envelope, FailureCode, Transcript } from '@loudmail/core'
import { splitMessage, type AttachedPart } from '@loudmail/mime/read'
import PostalMime, { decodeWords } from 'postal-mime'
import { findCodes } from './find-codes.ts'
import { findLinks } from './find-links.ts'
import type { KeptFailure, KeptMail } from './inbox-source.ts'
import { mailboxesIn } from './mailbox.ts'
import { readHtml } from './read-html.ts'
import { TestHeaders } from './test-headers.ts'

/** A sent mail as its recipient would see it, read from the message that went over the wire. */
export interface TestMail extends Opened {
  /** Unique within the store. */
  readonly id: string
  /** When the send ended. */
  readonly at: Date
  /** How far the message got. */
  readonly state: DeliveryState | 'failed'
  /** The sender and the recipients on the wire, including Bcc. */
  readonly envelope: Envelope
  /** Why it failed. */
  readonly error?: KeptFailure | undefined
  /** The code of the failure, such as `rcpt-to/mailbox-full`. */
  readonly code?: FailureCode | undefined
  /** The conversation that carried it, or tried to. */
  readonly transcript?: Transcript | undefined
  /**
   * The RFC 5322 message. Undefined if a send failed before there was one; then only `from`, `to`, `subject` and the
   * beginning of `text` are known.
   */
  readonly raw?: Uint8Array | undefined
}

/** A file in a mail. */
export interface TestAttachment {
  /** Empty if it has none. */
  readonly filename: string
  /** In lower case, without parameters. */
  readonly contentType: string
  /** Exactly the octets that were put into the message. */
  readonly content: Uint8Array
  /** Without angle brackets. */
  readonly contentId?: string | undefined
}

/** What is read from the content of a mail. */
interface Opened {
  /** Empty in both parts if there is none. */
  readonly from: Address
  /** From the header, as are `cc` and `replyTo`. */
  readonly to: readonly Address[]
  /** The recipients in the Cc field. */
  readonly cc: readonly Address[]
  /** Who gets the answers. */
  readonly replyTo: readonly Address[]
  /** Empty if there is none. */
  readonly subject: string
  /** The text part, with `\n` as line ends but not at its end; empty if there is none. */
  readonly text: string
  /** The HTML part, in the same form. */
  readonly html: string
  /** The header fields, by name. */
  readonly headers: TestHeaders
  /** The files in it. */
  readonly attachments: readonly TestAttachment[]
  /** The targets of its http, https and mailto links, each once: first those of the HTML, then those of the text. */
  readonly links: readonly string[]
  /** Its one-time codes as a person would type them, each once: first those of the HTML, then of the text, then of the subject. */
  readonly codes: readonly string[]
}

/** Messages in messages are read two levels deep, because each level is read again; deeper ones are attachments. */
const LIMITS = { maxNestingDepth: 1_000, maxRfc822NestingDepth: 2 }

/** Mails that were already read, for as long as the store keeps them: many tests may look at the same mails. */
const opened = new WeakMap<Uint8Array, Promise<Opened>>()

/** Opens a mail; rejects if it cannot be read as a message. */
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
    attached,
  } = await parse(content).catch((cause: unknown) => {
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
    attachments: attached.map(attachment),
  }
}

async function parse(content: Uint8Array) {
  const { attached, rest } = splitMessage(content, decodeWords)
  return { ...(await PostalMime.parse(rest, LIMITS)), attached }
}

const NOBODY: Address = { name: '', address: '' }

/** What is known about a mail without content. */
function outside({ from, to, cc = [], replyTo = [], subject, text }: KeptMail): Opened {
  return {
    from: mailboxesIn(from)[0] ?? NOBODY,
    to: to.flatMap(mailboxesIn),
    cc: cc.flatMap(mailboxesIn),
    replyTo: replyTo.flatMap(mailboxesIn),
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

function attachment({ filename = '', type, contentId, content }: AttachedPart): TestAttachment {
  return {
    filename,
    contentType: type,
    content: new Uint8Array(content),
    ...(contentId !== undefined && { contentId: contentId.replaceAll(/^<|>$/g, '') }),
  }
}
