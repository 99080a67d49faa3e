export { MailError } from './failure/mail-error.ts'
export {
  problemDetails,
  type ProblemAnswer,
  type ProblemDetails,
  type ProblemOptions,
} from './failure/problem-details.ts'
export type { SourceLocation } from './failure/source-location.ts'
export type { RecipientOutcome, Reply } from './failure/recipient-outcome.ts'
export { formatTranscript, type Transcript, type TranscriptEntry } from './failure/transcript.ts'
export {
  STAGES,
  type Delivered,
  type FailureCode,
  type Kind,
  type Permanence,
  type Scope,
  type Stage,
} from './failure/vocabulary.ts'
export { logTo, type MailLogger } from './mailer/log-to.ts'
export { Mailer } from './mailer/mailer.ts'
export type { MailerCounts, MailerHealth } from './mailer/mailer-health.ts'
export type { MailerOptions, SendOptions } from './mailer/mailer-options.ts'
export type { MailEvent, Observer } from './mailer/observer.ts'
export type { MailerStats } from './mailer/shared-mailer.ts'
export { silenceRecipients, silenceTransient, type FailurePolicy } from './mailer/policy.ts'
export type { Receipt, SentOne } from './mailer/receipt.ts'
export type { SendManyOptions } from './mailer/send-many.ts'
export type { VerifyOptions } from './mailer/verify-options.ts'
export type { WrittenMessage } from './message/written-message.ts'
export type { Address, Envelope, Message } from './message/message.ts'
export type {
  AddressInput,
  AddressListInput,
  AttachmentInput,
  BlobInput,
  BytesInput,
  CalendarInput,
  ContentInput,
  ContentStream,
  DsnInput,
  ListUnsubscribeInput,
  MessageInput,
  OpenedInput,
  TemplateContent,
  TemplateContext,
  TemplateInput,
} from './message/message-input.ts'
export type { TracedAttempt, TracedStage } from './tracing/traced-attempt.ts'
export type { TracedFailure } from './tracing/traced-failure.ts'
export type {
  TracedLateReply,
  TracedMailer,
  TracedOutcome,
  TracedReply,
  TracedSend,
} from './tracing/traced-send.ts'
export { breaker, type BreakerOptions } from './wrappers/breaker/breaker.ts'
export { dedupe, type DedupeOptions } from './wrappers/dedupe/dedupe.ts'
export { discard } from './transports/discard.ts'
export { failover, type FailoverOptions } from './wrappers/several/failover.ts'
export { limit, type LimitOptions } from './wrappers/limit/limit.ts'
export { memory, type MemoryTransport } from './transports/memory.ts'
export { redirect, type RedirectOptions } from './wrappers/redirect.ts'
export { retry, type RetryOptions } from './wrappers/retry/retry.ts'
export { roundRobin, type RoundRobinOptions } from './wrappers/several/round-robin.ts'
export { tee } from './wrappers/tee.ts'
export type {
  Delivery,
  DeliveryState,
  Trace,
  Transport,
  TransportContext,
  VerifyContext,
} from './transports/transport.ts'
export type { Server } from './transports/server.ts'
export type {
  HealthFailure,
  HealthState,
  QueueHealth,
  TransportHealth,
} from './transports/transport-health.ts'
export {
  transportFromUrl,
  type Scheme,
  type Schemes,
  type TransportUrlOptions,
} from './transports/transport-url.ts'
