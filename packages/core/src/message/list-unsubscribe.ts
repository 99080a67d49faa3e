import type { OptionNames } from '../failure/config-error.ts'
import { MailError } from '../failure/mail-error.ts'
import { unknownName } from '../failure/unknown-name.ts'
import { isLoopback } from '../smtp/loopback.ts'
import { NONE, parseMailbox, refuseControls } from './address.ts'
import { mailboxKey } from './mailbox-key.ts'
import type { Envelope } from './message.ts'
import type { ListUnsubscribeInput } from './message-input.ts'

type Field = readonly [name: string, value: string]

const FIELDS: OptionNames<ListUnsubscribeInput> = { url: true, mailto: true, address: true }
const LINK = 'List-Unsubscribe'
const ONE_CLICK: Field = ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click']

/** A URL is never folded, and a header line ends after 998 octets (RFC 5322 section 2.1.1). */
const LONGEST = 900

/**
 * The header fields with which mail programs show a button that unsubscribes (RFC 2369, RFC 8058).
 *
 * @param headers the other header fields of the message
 * @throws MailError `compose/invalid-message`, `compose/invalid-address` or `compose/header-injection`
 */
export function listUnsubscribe(
  input: ListUnsubscribeInput | undefined,
  headers: readonly Field[],
  { to }: Envelope,
): readonly Field[] {
  if (input === undefined) return NONE
  if (typeof input !== 'object' || input === null)
    throw invalid('listUnsubscribe must be an object with url, mailto, or both')
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !Object.hasOwn(FIELDS, name))
      throw invalid(unknownName('listUnsubscribe', 'field', name, value, Object.keys(FIELDS)))
  for (const own of [LINK, ONE_CLICK[0]])
    if (headers.some(([name]) => name.toLowerCase() === own.toLowerCase()))
      throw invalid(`headers must not contain ${own}: it comes from listUnsubscribe`)
  const { url, mailto, address } = input
  if (url === undefined && mailto === undefined) throw invalid('listUnsubscribe needs url, mailto, or both')
  if (address !== undefined) checkRecipient(address, to)
  const links = [url === undefined ? [] : webLink(url), mailto === undefined ? [] : mailLink(mailto)].flat()
  const field: Field = [LINK, links.map((link) => `<${link}>`).join(', ')]
  return url === undefined ? [field] : [field, ONE_CLICK]
}

/** A link that is bound to one person must reach nobody else. */
function checkRecipient(address: string, to: readonly string[]): void {
  const wanted = mailboxKey(parseMailbox(address, 'listUnsubscribe.address'))
  if (to.length > 1)
    throw invalid(
      `the link of listUnsubscribe is for one address, and the message has ${to.length} recipients`,
      'Send one message for each recipient, each with a link of its own: whoever has the link can unsubscribe its address.',
    )
  if (mailboxKey(to[0]!) !== wanted)
    throw invalid(
      'the link of listUnsubscribe is for another address than the recipient of the message',
      'Make the link for the address that the message is sent to: whoever has the link can unsubscribe its address.',
    )
}

function webLink(given: unknown): string {
  const link = linkText(given, 'listUnsubscribe.url')
  const url = URL.parse(link)
  const isHttp = url?.protocol === 'http:' && isLoopback(url.hostname.replaceAll(/[[\]]/g, ''))
  if (!url || (url.protocol !== 'https:' && !isHttp))
    throw invalid(
      'listUnsubscribe.url must be an https URL (RFC 8058 section 3.1)',
      'Mail programs send a POST request to it. With http only localhost is allowed, for development.',
    )
  // URL.parse() adds missing slashes. Mail programs may not.
  if (!/^https?:\/\/[^/]/i.test(link))
    throw invalid('listUnsubscribe.url needs https:// and a host behind it')
  if (url.username !== '' || url.password !== '')
    throw invalid(
      'listUnsubscribe.url must have no user and no password',
      'Mail programs do not send them, and everybody who has the message can read them.',
    )
  if (link.includes('#'))
    throw invalid(
      'listUnsubscribe.url must have no fragment',
      'Mail programs do not send what is behind # to the server: put it into the path or the query.',
    )
  return bounded(link, 'listUnsubscribe.url')
}

function mailLink(given: unknown): string {
  const field = 'listUnsubscribe.mailto'
  if (typeof given === 'string' && !/^mailto:/i.test(given)) {
    const mailbox = encodedMailbox(parseMailbox(given, field))
    return bounded(`mailto:${mailbox}`, field)
  }
  const link = linkText(given, field)
  const [encoded = ''] = link.slice('mailto:'.length).split('?', 1)
  let mailbox: string
  try {
    mailbox = decodeURIComponent(encoded)
  } catch {
    throw invalid(`${field} has a percent sign that encodes nothing (RFC 6068 section 2)`)
  }
  parseMailbox(mailbox, field)
  return bounded(link, field)
}

function linkText(given: unknown, field: string): string {
  const isUrl = typeof given === 'object' && given !== null && 'href' in given
  const text = isUrl ? given.href : given
  if (typeof text !== 'string') throw invalid(`${field} must be a string`)
  refuseControls(text, field)
  // oxlint-disable-next-line no-control-regex
  const found = /[\s<>"\\\x00-\x1F\x7F]/.exec(text)
  if (found)
    throw invalid(
      `${field} contains a character that no URL can have, at position ${found.index}`,
      'Percent-encode it: encodeURIComponent() does that for a part of a URL.',
    )
  return text.toWellFormed()
}

/** The local part as a URL has it (RFC 6068 section 2). */
function encodedMailbox(mailbox: string): string {
  const at = mailbox.lastIndexOf('@')
  return `${encodeURIComponent(mailbox.slice(0, at))}@${mailbox
    .slice(at + 1)
    .replace('[', '%5B')
    .replace(']', '%5D')}`
}

/** What is beyond ASCII is percent-encoded when the message is composed. */
function bounded(link: string, field: string): string {
  const { length } = encodeURI(link)
  if (length > LONGEST)
    throw invalid(`${field} has ${length} characters, and a header line has room for ${LONGEST}: shorten it`)
  return link
}

function invalid(summary: string, hint?: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary, hint })
}
