export { checkNumber, checkOptions, configError } from './config-error.ts'
export { diagnoseConnectionError, type ConnectionDiagnosis } from './diagnosis/connection.ts'
export { parseReply } from './diagnosis/parse-reply.ts'
export { diagnoseReply, type Diagnosis } from './diagnosis/reply.ts'
export { discard } from './discard.ts'
export { failAll } from './fail-all.ts'
export { failover } from './failover.ts'
export { MailError, type MailErrorInit, type RecipientOutcome, type Reply } from './mail-error.ts'
export { Mailer, type MailerStats } from './mailer.ts'
export type { MailerOptions, SendOptions } from './mailer-options.ts'
export { memory, type MemoryTransport } from './memory.ts'
export type {
  AddressInput,
  AddressListInput,
  AttachmentInput,
  CalendarInput,
  ContentInput,
  ContentStream,
  DsnInput,
  MessageInput,
} from './message-input.ts'
export type {
  Address,
  Attachment,
  Calendar,
  ComposedMessage,
  Content,
  Envelope,
  Message,
  RawMessage,
} from './message.ts'
export type { MailEvent, Observer } from './observer.ts'
export { silenceRecipients, silenceTransient, type FailurePolicy } from './policy.ts'
export {
  problemDetails,
  type ProblemAnswer,
  type ProblemDetails,
  type ProblemOptions,
} from './problem-details.ts'
export type { Receipt } from './receipt.ts'
export { redactor, type Redact } from './redact.ts'
export { retry, type RetryOptions } from './retry.ts'
export type { SendManyOptions, SentOne } from './send-many.ts'
export { toMessage } from './to-message.ts'
export { formatTranscript, joinTranscripts, type Transcript, type TranscriptEntry } from './transcript.ts'
export type { Delivery, DeliveryState, SendContext, Trace, Transport } from './transport.ts'
export { transportFromUrl, type Scheme, type Schemes, type TransportUrlOptions } from './transport-url.ts'
export {
  KIND_SCOPES,
  STAGES,
  type Delivered,
  type FailureCode,
  type Kind,
  type Permanence,
  type Scope,
  type Stage,
} from './vocabulary.ts'
export { wrap } from './wrap.ts'
