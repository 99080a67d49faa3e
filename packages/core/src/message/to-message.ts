import {
  needsSmtpUtf8,
  NONE,
  parseAddress,
  parseAddressList,
  parseMailbox,
  refuseControls,
} from './address.ts'
import { always, contentSource, type ContentSource } from './content-source.ts'
import type { OptionNames } from '../failure/config-error.ts'
import { MailError } from '../failure/mail-error.ts'
import { headerSyntax } from './header-syntax.ts'
import { isMediaType } from './media-type.ts'
import { mergedHeaders } from './merged-headers.ts'
import { pathSource } from './path-source.ts'
import { unknownName } from '../failure/unknown-name.ts'
import { identifiers, newMessageId, ownMessageId } from './identifiers.ts'
import { MOST_KEY_LENGTH } from './derived-key.ts'
import { distinctMailboxes } from './mailbox-key.ts'
import { listUnsubscribe } from './list-unsubscribe.ts'
import { ParsedMessage } from './parsed-message.ts'
import { rawSource } from './raw-source.ts'
import type { AttachmentInput, CalendarInput, DsnInput, MessageInput } from './message-input.ts'
import type {
  Address,
  Attachment,
  Calendar,
  ComposedMessage,
  Envelope,
  Message,
  RawMessage,
} from './message.ts'

const FIELDS: OptionNames<MessageInput> = {
  from: true,
  sender: true,
  replyTo: true,
  to: true,
  cc: true,
  bcc: true,
  subject: true,
  text: true,
  html: true,
  template: true,
  attachments: true,
  calendar: true,
  headers: true,
  listUnsubscribe: true,
  messageId: true,
  date: true,
  inReplyTo: true,
  references: true,
  envelope: true,
  idempotencyKey: true,
  dsn: true,
  requireTlsOnward: true,
  transportData: true,
  raw: true,
}

/** With one of these, or with attachments, a message says something. Its content may also come from its transport. */
const CONTENT = ['subject', 'text', 'html', 'calendar', 'transportData'] as const

/** The fields that a raw message may have. */
const OF_RAW: readonly string[] = [
  'raw',
  'envelope',
  'idempotencyKey',
  'dsn',
  'requireTlsOnward',
  'transportData',
]

/** `smtputf8` is allowed, so that the envelope of a message can be passed; its value is ignored. */
const ENVELOPE_FIELDS: OptionNames<Envelope> = { from: true, to: true, smtputf8: true }
const ATTACHMENT_FIELDS: OptionNames<AttachmentInput> = {
  filename: true,
  content: true,
  path: true,
  encoding: true,
  contentType: true,
  contentId: true,
  disposition: true,
  headers: true,
}
const CALENDAR_FIELDS: OptionNames<CalendarInput> = { method: true, content: true }
const DSN_FIELDS: OptionNames<DsnInput> = { notify: true, ret: true, envelopeId: true }

/** Header fields that come from a field of {@link MessageInput} or from composing. */
const OWN_HEADERS: Readonly<Record<string, string>> = {
  from: 'from',
  sender: 'sender',
  'reply-to': 'replyTo',
  to: 'to',
  cc: 'cc',
  bcc: 'bcc',
  'resent-bcc': 'bcc',
  subject: 'subject',
  date: 'date',
  'message-id': 'messageId',
  'in-reply-to': 'inReplyTo',
  references: 'references',
  'mime-version': 'text, html and attachments',
  'content-type': 'text, html and attachments',
  'content-transfer-encoding': 'text, html and attachments',
  'content-disposition': 'attachments',
}

/** Header fields of an attachment that come from its other fields or from composing. */
const PART_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'contentType',
  'content-disposition': 'disposition and filename',
  'content-id': 'contentId',
  'content-transfer-encoding': 'composing',
  'mime-version': 'the message',
}

/**
 * Turns what people write into what transports receive: parsed and checked, with a Message-ID and a date.
 *
 * @throws MailError at stage `compose`: `invalid-message`, `invalid-address`, `no-recipients`, `header-injection`
 */
export function toMessage(input: MessageInput, defaults: Partial<MessageInput> = {}): Message {
  if (typeof input !== 'object' || input === null) throw invalid('the message must be an object')
  // What was built already, such as a message from an outbox, stays as it is.
  if (input instanceof ParsedMessage) return input as unknown as Message
  const isRaw = input.raw !== undefined
  const given: Record<string, unknown> = isRaw ? {} : { ...defaults }
  for (const [field, value] of Object.entries(input)) {
    if (value === undefined) continue
    if (!Object.hasOwn(FIELDS, field))
      throw invalid(unknownName('the message', 'field', field, value, Object.keys(FIELDS)))
    given[field] = value
  }
  if (given.template !== undefined)
    throw invalid(
      'template cannot be used here: set it in each message that is given to send(), sendMany(), sendInBackground() or enqueue()',
    )
  if (!isRaw && defaults.headers && input.headers)
    given.headers = mergedHeaders(defaults.headers, input.headers)
  if (defaults.transportData && input.transportData)
    given.transportData = { ...transportData(defaults.transportData), ...transportData(input.transportData) }
  else if (isRaw) given.transportData ??= defaults.transportData
  return isRaw ? raw(given) : composed(given)
}

function composed(input: MessageInput): ComposedMessage {
  if (input.from === undefined)
    throw new MailError({
      stage: 'compose',
      kind: 'invalid-address',
      summary: 'from is missing',
      hint: 'Set `from` in the message, or for all messages with `defaults: { from }` of the Mailer.',
    })
  const from = parseAddressList(input.from, 'from')
  if (from.length === 0)
    throw new MailError({ stage: 'compose', kind: 'invalid-address', summary: 'from has no address' })
  if (from.length > 1 && input.sender === undefined)
    throw invalid(
      'from has several authors: set sender to the one who sends the message (RFC 5322 section 3.6.2)',
    )
  const to = parseAddressList(input.to, 'to')
  const cc = parseAddressList(input.cc, 'cc')
  const bcc = parseAddressList(input.bcc, 'bcc')
  const attachments =
    input.attachments === undefined
      ? NONE
      : list(input.attachments, 'attachments').map((each, index) => attachment(each, `attachments[${index}]`))
  const sender = input.sender === undefined ? undefined : parseAddress(input.sender, 'sender')
  const whole = envelope(input, sender?.address ?? from[0]!.address, [...to, ...cc, ...bcc])
  const ownHeaders = headers(input.headers, 'headers', OWN_HEADERS)
  const unsubscribing = listUnsubscribe(input.listUnsubscribe, ownHeaders, whole)
  const fields: Fields<ComposedMessage> = {
    from,
    sender,
    replyTo: parseAddressList(input.replyTo, 'replyTo'),
    to,
    cc,
    subject: text(input.subject, 'subject', true),
    text: text(input.text, 'text'),
    html: text(input.html, 'html'),
    calendar: input.calendar === undefined ? undefined : calendar(input.calendar),
    attachments,
    headers: unsubscribing.length === 0 ? ownHeaders : [...ownHeaders, ...unsubscribing],
    messageId: input.messageId === undefined ? newMessageId(from[0]!.address) : ownMessageId(input.messageId),
    date: date(input.date),
    inReplyTo: identifiers(input.inReplyTo, 'inReplyTo'),
    references: identifiers(input.references, 'references'),
    idempotencyKey: idempotencyKey(input.idempotencyKey),
    dsn: dsn(input.dsn),
    requireTlsOnward: flag(input.requireTlsOnward, 'requireTlsOnward'),
    transportData: transportData(input.transportData),
  }
  const replayable =
    attachments.length === 0 ? always : (): boolean => attachments.every((each) => each.replayable())
  if (attachments.length === 0 && CONTENT.every((field) => fields[field] === undefined))
    throw invalid(
      'the message has neither a subject nor content: set subject, text, html, attachments or calendar',
    )
  return new ParsedMessage(fields, replayable, whole) as unknown as ComposedMessage
}

function raw(input: MessageInput): RawMessage {
  for (const field of Object.keys(input)) {
    if (!OF_RAW.includes(field) && input[field as keyof MessageInput] !== undefined) {
      throw invalid(`a raw message is sent as it is: leave out ${field}, or make it part of raw`)
    }
  }
  if (input.envelope?.from === undefined || input.envelope.to === undefined) {
    throw invalid('a raw message needs envelope.from and envelope.to')
  }
  const whole = rawSource(contentSource(input.raw, 'raw'))
  const fields = {
    raw: whole,
    messageId: whole.bytes && messageIdOf(whole.bytes),
    idempotencyKey: idempotencyKey(input.idempotencyKey),
    dsn: dsn(input.dsn),
    requireTlsOnward: flag(input.requireTlsOnward, 'requireTlsOnward'),
    transportData: transportData(input.transportData),
  }
  return new ParsedMessage(fields, whole.replayable, envelope(input, '', [])) as unknown as RawMessage
}

type Fields<M extends Message> = Omit<M, 'forRecipients' | 'envelope' | 'replayable'>

function envelope(input: MessageInput, sender: string, addresses: readonly Address[]): Envelope {
  if (input.envelope !== undefined) {
    if (typeof input.envelope !== 'object' || input.envelope === null)
      throw invalid('envelope must be an object with from and to')
    refuseUnknown(input.envelope, 'envelope', ENVELOPE_FIELDS)
  }
  const given = input.envelope
  const from =
    given?.from === undefined ? sender : given.from === '' ? '' : parseMailbox(given.from, 'envelope.from')
  const recipients = given?.to === undefined ? addresses : parseAddressList(given.to, 'envelope.to')
  const to = distinctMailboxes(recipients)
  if (to.length === 0) {
    throw new MailError({
      stage: 'compose',
      kind: 'no-recipients',
      summary: 'there is no address in to, cc, bcc or envelope.to',
    })
  }
  return { from, to, smtputf8: [from, ...to].some(needsSmtpUtf8) }
}

function headers(
  input: MessageInput['headers'],
  field: string,
  owned: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  if (input === undefined) return NONE
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw invalid(`${field} must be an object with names and values`)
  return Object.entries(input).flatMap(([name, value]) => {
    refuseControls(name, 'a header name')
    if (!/^[!-9;-~]{1,76}$/.test(name))
      throw invalid(`${quoted(name)} is not a header name (RFC 5322 section 3.6.8)`)
    const lower = name.toLowerCase()
    if (Object.hasOwn(owned, lower))
      throw invalid(`${field} must not contain ${name}: it comes from ${owned[lower]}`)
    return list(value, `header ${name}`).map((one) => [name, headerValue(name, one)] as const)
  })
}

/** The value of a header field of the caller's own, checked by the syntax of that field. */
function headerValue(name: string, input: string): string {
  const field = `header ${name}`
  const value = text(input, field, true)!
  const syntax = headerSyntax(name)
  if (syntax === 'mailboxes') parseAddressList(value, field)
  if (syntax === 'structured' && /[^\t -~]/.test(value))
    throw invalid(`${field} may contain only ASCII characters: it is not free text`)
  return value
}

function attachment(input: AttachmentInput, field: string): Attachment & ContentSource {
  if (typeof input !== 'object' || input === null) throw invalid(`${field} must be an object`)
  if ((input.content === undefined) === (input.path === undefined))
    throw invalid(`${field} needs either content or path`)
  refuseUnknown(input, field, ATTACHMENT_FIELDS)
  const encoding = text(input.encoding, `${field}.encoding`)
  if (encoding !== undefined && input.path !== undefined)
    throw invalid(`${field}.encoding is for content, not for a path`)
  const contentType = text(input.contentType, `${field}.contentType`, true)
  if (contentType !== undefined && !isMediaType(contentType))
    throw invalid(`${field}.contentType must be a media type such as application/pdf`)
  const id = contentId(input.contentId, `${field}.contentId`)
  if (
    input.disposition !== undefined &&
    input.disposition !== 'attachment' &&
    input.disposition !== 'inline'
  ) {
    throw invalid(`${field}.disposition must be 'attachment' or 'inline'`)
  }
  const source =
    input.path === undefined
      ? contentSource(input.content, `${field}.content`, encoding)
      : pathSource(input.path, `${field}.path`)
  return {
    ...source,
    filename: text(input.filename ?? source.filename, `${field}.filename`, true),
    contentType: contentType ?? text(source.contentType, `${field}.contentType`, true),
    contentId: id,
    disposition: input.disposition ?? (id === undefined ? 'attachment' : 'inline'),
    headers: headers(input.headers, `${field}.headers`, PART_HEADERS),
  }
}

/** Without its angle brackets. `cid:` URLs escape what they must (RFC 2392), so any visible ASCII can stand in it. */
function contentId(input: unknown, field: string): string | undefined {
  const id = text(input, field, true)
  if (id === undefined) return undefined
  const bare = id.startsWith('<') && id.endsWith('>') ? id.slice(1, -1) : id
  if (!/^[!-;=?-~]{1,900}$/.test(bare))
    throw invalid(`${field} must consist of visible ASCII characters, such as logo or logo@example.com`)
  return bare
}

const METHODS = ['publish', 'request', 'reply', 'add', 'cancel', 'refresh', 'counter', 'declinecounter']

function calendar(input: CalendarInput): Calendar {
  if (typeof input !== 'object' || input === null)
    throw invalid('calendar must be an object with method and content')
  refuseUnknown(input, 'calendar', CALENDAR_FIELDS)
  if (!METHODS.includes(input.method)) throw invalid(`calendar.method must be one of ${METHODS.join(', ')}`)
  if (typeof input.content !== 'string') throw invalid('calendar.content must be a string')
  return { method: input.method, content: input.content }
}

function dsn(input: DsnInput | undefined): DsnInput | undefined {
  if (input === undefined) return undefined
  if (typeof input !== 'object' || input === null) throw invalid('dsn must be an object')
  refuseUnknown(input, 'dsn', DSN_FIELDS)
  const { notify, ret, envelopeId } = input
  const wanted = ['success', 'failure', 'delay']
  if (
    notify !== undefined &&
    notify !== 'never' &&
    !(Array.isArray(notify) && notify.length > 0 && notify.every((each) => wanted.includes(each)))
  ) {
    throw invalid(`dsn.notify must be 'never' or a list of ${wanted.join(', ')}`)
  }
  if (ret !== undefined && ret !== 'full' && ret !== 'headers')
    throw invalid("dsn.ret must be 'full' or 'headers'")
  if (
    envelopeId !== undefined &&
    (typeof envelopeId !== 'string' || !/^[\x21-\x7E]{1,100}$/.test(envelopeId))
  ) {
    throw invalid('dsn.envelopeId must be 1 to 100 visible ASCII characters (RFC 3461 section 4.4)')
  }
  return Object.freeze({ notify, ret, envelopeId })
}

function idempotencyKey(input: unknown): string | undefined {
  const key = text(input, 'idempotencyKey')
  if (key !== undefined && !(key.length <= MOST_KEY_LENGTH && /^[\x21-\x7E]+$/.test(key)))
    throw invalid(`idempotencyKey must be 1 to ${MOST_KEY_LENGTH} visible ASCII characters`)
  return key
}

/** What belongs to the transport stays as it is: only the object that holds it is copied. */
function transportData(input: MessageInput['transportData']): Message['transportData'] {
  if (input === undefined) return undefined
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw invalid('transportData must be an object')
  return Object.freeze({ ...input })
}

function text(input: unknown, field: string, inHeader = false): string | undefined {
  if (input === undefined) return undefined
  if (typeof input !== 'string') throw invalid(`${field} must be a string`)
  if (inHeader) refuseControls(input, field)
  // A lone surrogate cannot be encoded as UTF-8.
  return input.toWellFormed()
}

function flag(input: unknown, field: string): boolean {
  if (input !== undefined && typeof input !== 'boolean') throw invalid(`${field} must be true or false`)
  return input ?? false
}

function list<T>(input: T | readonly T[] | undefined, field: string): readonly T[] {
  if (input === undefined) return NONE
  if (input === null) throw invalid(`${field} must not be null`)
  if (Array.isArray(input)) return input as readonly T[]
  if (field === 'attachments') throw invalid('attachments must be a list')
  return [input as T]
}

function date(input: Date | undefined): Date {
  if (input === undefined) return new Date()
  if (!(input instanceof Date) || Number.isNaN(input.getTime())) throw invalid('date must be a valid Date')
  const year = input.getUTCFullYear()
  if (year < 1900 || year > 9999)
    throw invalid(`date must be in a year from 1900 to 9999, and not ${year} (RFC 5322 section 3.3)`)
  return new Date(input)
}

/** The Message-ID of a raw message, from its header section. */
function messageIdOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 65_536)).toString(
    'latin1',
  )
  const end = head.search(/\r?\n\r?\n/)
  return /^message-id:\s*(<[^<>\s]+>)/im.exec(end < 0 ? head : head.slice(0, end))?.[1]
}

/** Refuses fields that would be silently ignored, such as `cid` instead of `contentId`. */
function refuseUnknown<Input extends object>(
  input: Input,
  field: string,
  known: OptionNames<NoInfer<Input>>,
): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !Object.hasOwn(known, name))
      throw invalid(unknownName(field, 'field', name, value, Object.keys(known)))
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}

function invalid(message: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary: message })
}
