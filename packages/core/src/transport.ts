export { addSaslResponse } from './failure/add-sasl-response.ts'
export { callSafely } from './failure/call-safely.ts'
export { checkNumber, checkOptions, configError, type OptionNames } from './failure/config-error.ts'
export { diagnoseAbort } from './failure/diagnose-abort.ts'
export { diagnoseConnectionError, type ConnectionDiagnosis } from './failure/diagnose-connection-error.ts'
export { editDistance } from './failure/edit-distance.ts'
export { failAll } from './failure/fail-all.ts'
export type { MailErrorInit } from './failure/mail-error.ts'
export { nearestName } from './failure/nearest-name.ts'
export { nameRefused } from './failure/network-advice.ts'
export { parseRetryAfter } from './failure/parse-retry-after.ts'
export { providerOf, type Provider } from './failure/providers.ts'
export { redactEntries } from './failure/redact-entries.ts'
export { redactLines, redactor, type Redact } from './failure/redact.ts'
export { Secrets } from './failure/secrets.ts'
export { paddedCredential, SMTP_OPTION_WORDS, type OptionWords, type Situation } from './failure/situation.ts'
export { STAGE_NOTES } from './failure/stage-notes.ts'
export { tlsFailure, type TlsFailure } from './failure/tls-failure.ts'
export { joinTranscripts, visible } from './failure/transcript.ts'
export { FAILURE_CODES, KINDS } from './failure/vocabulary.ts'
export { eventLevel, eventText, type EventLevel } from './mailer/describe-event.ts'
export { parseAddressList } from './message/address.ts'
export { attachmentName } from './message/attachment-name.ts'
export { contentTypeOf, identify, type Identified } from './message/content-type.ts'
export { headerSyntax, type HeaderSyntax } from './message/header-syntax.ts'
export { mailboxKey } from './message/mailbox-key.ts'
export { isInMemory } from './message/is-in-memory.ts'
export type {
  Attachment,
  Calendar,
  ComposedMessage,
  Content,
  RawMessage,
  Reading,
} from './message/message.ts'
export { toMessage } from './message/to-message.ts'
export { unreadableContent } from './message/unreadable-content.ts'
export { Answer, isNegative, isPositive } from './smtp/answer.ts'
export { capabilitiesOf, NO_CAPABILITIES, type Capabilities } from './smtp/capabilities.ts'
export {
  connectToAny,
  type ConnectAttempts,
  type ConnectEvents,
  type Destination,
  type Unreached,
} from './smtp/connect-to-any.ts'
export { diagnoseReply, type Diagnosis } from './smtp/diagnose-reply.ts'
export { Exchange, type Breach, type OutgoingStream, type Progress } from './smtp/exchange.ts'
export { isFarewell, isFarewellAfterPause } from './smtp/farewell.ts'
export { isSyntaxError, refusesMechanism } from './smtp/mechanism-refusal.ts'
export { outcomeOf, type Loss } from './smtp/outcome.ts'
export { parseReply } from './smtp/parse-reply.ts'
export { refusedStep, type RefusedStep } from './smtp/refused-step.ts'
export { ReplyReader, type NotAReply, type ReplyLines } from './smtp/reply-reader.ts'
export { suspicionOf, type Extension, type Suspicion } from './smtp/suspicion.ts'
export { asciiHost, bareHost, flagOf, readSmtpUrl, type SmtpAddress } from './smtp/smtp-url.ts'
export { isLoopback } from './smtp/loopback.ts'
export { protectCredentials, tlsModeOf, type TlsMode } from './smtp/tls-mode.ts'
export { refusedToken, tokenProblem } from './smtp/token-problem.ts'
export { RecentResults } from './transports/recent-results.ts'
export { stageOfCommand } from './smtp/stage-of-command.ts'
export { conversationSteps, type ConversationStep } from './smtp/conversation-steps.ts'
export { timedTranscript } from './failure/transcript-clock.ts'
export { tracedDetails, type TracedDetails } from './tracing/traced-details.ts'
export { sendThrough } from './transports/send-through.ts'
export { isPartlyDown } from './wrappers/several/partly-down.ts'
export { tellFailed, tellLate, tellTrace } from './transports/tell.ts'
export { wrap } from './transports/wrap.ts'
