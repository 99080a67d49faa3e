import type { Address, Delivery, Envelope, MailError, Message, Transcript } from '@loudmail/core'
import { compose } from '@loudmail/mime'
import { mailboxesOf, parseMessage } from './parse-message.ts'
import type { NewMail } from './stores/mail-store.ts'
import { unnamedRecipients } from './unnamed-recipients.ts'

/** How a send ended. */
export interface Outcome {
  readonly state: Delivery['state'] | 'failed'
  readonly transport: string
  readonly transcript: Transcript | undefined
  /** The message as it went over the wire; undefined if nobody saw that. */
  readonly content?: Uint8Array | undefined
  readonly error?: MailError | undefined
}

/** How many characters of the text are kept for the list. */
const TEXT_LENGTH = 2_000
/** How many characters of a text, and of HTML, are searched. */
const SEARCHED_LENGTH = 4_000_000
/** A transport may stream what does not fit into memory. */
const CONTENT_MAX = 256 * 2 ** 20
/** How much of a message that was built elsewhere is read for its text, in octets; attachments do not count. */
const READ_OCTETS = 8 * 2 ** 20

/** What a store keeps of a send. */
export async function newMail(message: Message, outcome: Outcome): Promise<NewMail> {
  const kept = outcome.content ? { content: outcome.content } : await wouldBeContent(message)
  const { messageId, envelope } = message
  return { messageId, envelope, ...(await facts(message, kept.content)), ...outcome, ...kept }
}

/** What a store keeps of a message that was built elsewhere, of which there are only the bytes. */
export async function rawMail(envelope: Envelope, outcome: Outcome): Promise<NewMail> {
  const { content } = outcome
  if (!content) return { envelope, ...noFacts(envelope), ...outcome }
  const { messageId, ...read } = await rawFacts(content, envelope)
  return { messageId, envelope, ...read, ...outcome }
}

/** The bytes that would have gone out, or the reason why there are none. */
async function wouldBeContent(message: Message): Promise<Pick<NewMail, 'content' | 'problem'>> {
  if (!message.replayable) return { problem: 'the message can be read only once' }
  try {
    const { bytes, chunks } = compose(message, { eightBitMime: true })
    if (bytes) return { content: bytes }
    const parts: Buffer[] = []
    let size = 0
    for await (const chunk of chunks) {
      size += chunk.byteLength
      if (size > CONTENT_MAX) return { problem: `the message is larger than ${CONTENT_MAX / 2 ** 20} MiB` }
      parts.push(chunk)
    }
    return { content: Buffer.concat(parts) }
  } catch {
    // The failure of the transport says why.
    return { problem: 'the message could not be composed' }
  }
}

type Facts = Pick<NewMail, 'from' | 'to' | 'cc' | 'bcc' | 'replyTo' | 'subject' | 'text' | 'attachments'>

async function facts(message: Message, content: Uint8Array | undefined): Promise<Facts> {
  if (message.raw) {
    const { messageId: _, ...read } = content
      ? await rawFacts(content, message.envelope)
      : noFacts(message.envelope)
    return read
  }
  const { from, to, cc, replyTo, envelope, subject = '', text, html, attachments } = message
  return {
    from: from.map(shown).join(', '),
    to: to.map(shown),
    cc: cc.map(shown),
    bcc: unnamedRecipients(envelope, [...to, ...cc]),
    replyTo: replyTo.map(shown),
    subject,
    ...textsOf(text, html),
    attachments: attachments.map(nameOf),
  }
}

/** Without the bytes, only the envelope says something. */
function noFacts({ to }: Envelope): Facts & Pick<NewMail, 'messageId'> {
  return { from: '', to: [], cc: [], bcc: to, replyTo: [], subject: '', text: '', attachments: [] }
}

/** Reads the facts from the bytes: there is nothing else of a message that was built elsewhere. */
async function rawFacts(
  content: Uint8Array,
  envelope: Envelope,
): Promise<Facts & Pick<NewMail, 'messageId'>> {
  const read = await parseMessage(content, READ_OCTETS)
  const { messageId, subject = '', text, html, attachments } = read
  const from = await mailboxesOf(read, 'from')
  const to = await mailboxesOf(read, 'to')
  const cc = await mailboxesOf(read, 'cc')
  const bcc = await mailboxesOf(read, 'bcc')
  return {
    messageId,
    from: from.map(shown).join(', '),
    to: to.map(shown),
    cc: cc.map(shown),
    bcc: [...bcc.map(shown), ...unnamedRecipients(envelope, [...to, ...cc, ...bcc])],
    replyTo: (await mailboxesOf(read, 'reply-to')).map(shown),
    subject,
    ...textsOf(text, html),
    attachments: attachments.map(nameOf),
  }
}

function shown({ name, address }: Address): string {
  return name === '' ? address : `${name} <${address}>`
}

function nameOf({ filename }: { readonly filename?: string | undefined }, index: number): string {
  return filename ?? `part-${index + 1}`
}

/** The beginning of a text for the list, and all of it for the search. */
function textsOf(text: string | undefined, html: string | undefined): Pick<NewMail, 'text' | 'searchText'> {
  const page = html === undefined ? '' : oneLine(withoutTags(html), SEARCHED_LENGTH)
  const plain = text === undefined ? page : oneLine(text, SEARCHED_LENGTH)
  const beginning = plain.slice(0, TEXT_LENGTH).trimEnd()
  const isAll = plain.length <= TEXT_LENGTH && (page === '' || page === plain)
  if (isAll) return { text: beginning }
  const all = page === plain ? plain : `${plain} ${page}`
  return { text: beginning, searchText: all.slice(0, SEARCHED_LENGTH).toLowerCase() }
}

export function oneLine(text: string, most = TEXT_LENGTH): string {
  return text
    .slice(0, 2 * most)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, most)
}

/** A page as text, which is searched and shown as text, never as HTML. */
export function withoutTags(html: string): string {
  return withoutElements(html.slice(0, 4 * SEARCHED_LENGTH))
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/&(?:nbsp|#160|zwnj|shy);/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

/** In one pass: with a pattern that spans an element, a hostile page would take quadratic time. */
function withoutElements(html: string): string {
  let kept = ''
  let keptTo = 0
  let within: string | undefined
  for (const { 1: closing, 2: name, index } of html.matchAll(/<(\/?)(head|style|script)\b/gi)) {
    if (within === undefined && closing === '') {
      kept += html.slice(keptTo, index)
      within = name!.toLowerCase()
    } else if (within === name!.toLowerCase() && closing !== '') {
      keptTo = index
      within = undefined
    }
  }
  return within === undefined ? kept + html.slice(keptTo) : kept
}
