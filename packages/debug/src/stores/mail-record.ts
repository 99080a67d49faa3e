import type {
  Envelope,
  RecipientOutcome,
  Reply,
  SourceLocation,
  Transcript,
  TranscriptEntry,
} from '@loudmail/core'
import type { MailSummary, StoredFailure, StoredMail } from './mail-store.ts'
import { boolean, listOf, number, object, oneOf, optional, text, time, type Shape } from './shape.ts'

/** A mail as its record holds it: without its content, which has a file of its own. */
type RecordedMail = Omit<StoredMail, 'content'>

/** Writes a record as JSON. */
export function toRecord(mail: StoredMail): string {
  const { content: _content, error, ...facts } = mail
  const recorded: RecordedMail = { ...facts, ...(error && { error: failureOf(error) }) }
  return JSON.stringify(recorded, undefined, 1)
}

/**
 * Reads a record from JSON. Every field is checked here, so that no other code has to.
 *
 * @param id the mail that the file is named for
 * @throws Error that says why it is not a record of that mail
 */
export function fromRecord(json: string, id: string): RecordedMail {
  const mail = recordedMail(parsed(json), '')
  if (mail.id !== id) throw new TypeError('id is that of another mail')
  return mail
}

export function summaryOf({
  content: _content,
  transcript: _transcript,
  error: _error,
  problem: _problem,
  searchText: _searchText,
  ...summary
}: StoredMail): MailSummary {
  return summary
}

/** The complete failure as data: the JSON that a MailError makes of itself is shortened. */
export function failureOf(failure: StoredFailure): StoredFailure {
  const { code, stage, kind, scope, permanence, delivered, retryable, message, summary, hint } = failure
  const { retryAfterMs, reply, recipients, location, transport, messageId, failures } = failure
  const words = { code, stage, kind, scope, permanence, delivered, retryable, message, summary, hint }
  return {
    ...words,
    retryAfterMs,
    reply,
    recipients,
    location,
    transport,
    messageId,
    failures: failures.map(failureOf),
  }
}

function parsed(json: string): unknown {
  if (json.trim() === '') throw new TypeError('it is empty')
  try {
    return JSON.parse(json)
  } catch {
    throw new TypeError('it is not valid JSON')
  }
}

const SCOPES = ['transport', 'sender', 'recipient', 'message'] as const
const PERMANENCES = ['permanent', 'transient', 'unknown'] as const
/** Any text: a newer version that writes to the same folder may know more stages and kinds than this one. */
const word = text as Shape<never>

const envelope = object<Envelope>({ from: text, to: listOf(text), smtputf8: boolean })

const transcript = object<Transcript>({
  entries: listOf(
    object<TranscriptEntry>({
      from: oneOf('client', 'server', 'event'),
      text,
      atMs: number,
      connection: text,
      sequence: number,
    }),
  ),
})

const reply = object<Reply>({
  protocol: oneOf('smtp', 'lmtp', 'http'),
  code: number,
  enhanced: optional(text),
  text,
  command: optional(text),
})

const recipient = object<RecipientOutcome>({
  address: text,
  status: oneOf('accepted', 'rejected', 'not-attempted', 'unknown'),
  permanence: optional(oneOf(...PERMANENCES)),
  kind: optional(word),
  scope: optional(oneOf(...SCOPES)),
  reply: optional(reply),
  retryAfterMs: optional(number),
})

const location = object<SourceLocation>({
  file: text,
  line: optional(number),
  column: optional(number),
  excerpt: optional(text),
})

const failure: Shape<StoredFailure> = object<StoredFailure>({
  code: word,
  stage: word,
  kind: word,
  scope: oneOf(...SCOPES),
  permanence: oneOf(...PERMANENCES),
  delivered: oneOf('none', 'some', 'unknown'),
  retryable: boolean,
  message: text,
  summary: text,
  hint: text,
  retryAfterMs: optional(number),
  reply: optional(reply),
  recipients: listOf(recipient),
  location: optional(location),
  transport: optional(text),
  messageId: optional(text),
  failures: (value, name) => listOf(failure)(value, name),
})

const recordedMail = object<RecordedMail>({
  id: text,
  at: time,
  state: oneOf('sent', 'queued', 'captured', 'discarded', 'failed'),
  transport: text,
  messageId: optional(text),
  envelope,
  from: text,
  to: listOf(text),
  cc: optional(listOf(text)),
  bcc: optional(listOf(text)),
  replyTo: optional(listOf(text)),
  subject: text,
  text,
  attachments: listOf(text),
  size: number,
  code: optional(word),
  transcript: optional(transcript),
  error: optional(failure),
  searchText: optional(text),
  problem: optional(text),
})
