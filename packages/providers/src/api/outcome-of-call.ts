import {
  MailError,
  type Delivery,
  type Kind,
  type Message,
  type RecipientOutcome,
  type Reply,
} from '@loudmail/core'
import { failAll, KINDS, mailboxKey, parseRetryAfter } from '@loudmail/core/transport'
import type { Answer } from './answer.ts'
import { isInDoubt as isStatusInDoubt, kindOfStatus } from './by-status.ts'
import type { ApiCall, ApiRequest, CallResult } from './call-api.ts'
import type { CallFailure } from './call-failure.ts'
import { apiHint } from './hints.ts'
import { notAttempted } from './not-attempted.ts'
import type { Acceptance, RefusedRecipient, Refusal } from './provider-api.ts'

/** What is known about the call of a message. */
export interface CallFacts {
  readonly call: ApiCall
  readonly request: ApiRequest
  readonly message: Message
  readonly transport: string
  /** The name of the provider, as people write it. */
  readonly title: string
  /** How long the provider remembers the key of the message, in ms; 0 if it does not, or if there is no key. */
  readonly keyMs: number
  /** The request is about other messages, too. */
  readonly isShared?: boolean | undefined
  /** The call sends nothing. */
  readonly isCheck?: boolean | undefined
}

/** What happened, where the usual words are about a log-in with a password. */
const SUMMARIES: Partial<Record<Kind, string>> = {
  'bad-credentials': 'the provider does not accept the credentials',
  'missing-credentials': 'the request has no credentials',
}

/** The longest text of a reply. */
const MOST_WORDS = 2_000

/** Without an answer: nobody was asked, unless all of the request was written. Then nobody knows. */
export function unanswered(facts: CallFacts, failure: CallFailure): MailError {
  const { call, message, transport } = facts
  const { transcript } = call.recorder
  const isUnknown = !facts.isCheck && call.isWritten && failure.stage === 'submit'
  const status = isUnknown ? 'unknown' : 'not-attempted'
  const hint = isUnknown ? hintInDoubt(facts) : (failure.hint ?? apiHint(failure.kind))
  return failAll(message, status, { ...failure, hint, transport, transcript })
}

/** The caller gave up while the request was under way: it is not known yet what becomes of the message. */
export function givenUp(facts: CallFacts, failure: Pick<CallFailure, 'kind' | 'summary'>): MailError {
  const { call, message, transport } = facts
  const { transcript } = call.recorder
  const hint = hintInDoubt(facts)
  return failAll(message, 'unknown', { stage: 'submit', ...failure, hint, transport, transcript })
}

function hintInDoubt({ title, keyMs }: CallFacts): string {
  const may = `${title} may have taken the message: it was sent, but no answer says so.`
  if (keyMs === 0)
    return `${may} Look it up at ${title} before you send it again, or the recipient may get it twice.`
  return `${may} Send it again with the same \`idempotencyKey\` within ${inWords(keyMs)}: then only one goes out. \`retry()\` does that.`
}

function inWords(ms: number): string {
  return ms >= 7_200_000 ? `${Math.floor(ms / 3_600_000)} hours` : `${Math.floor(ms / 60_000)} minutes`
}

/** How a provider's answers are read. */
interface AnswerReader {
  accepted(answer: Answer, message: Message): Acceptance | undefined
  refused(answer: Answer, message: Message): Refusal | undefined
}

/** What became of a message, by how its call ended. Throws a failure. */
export function outcomeOf(facts: CallFacts, result: CallResult, reader: AnswerReader): Delivery {
  const { message, transport } = facts
  if ('before' in result) throw notAttempted(message, transport, result.before)
  if ('failure' in result) throw unanswered(facts, result.failure)
  const { answer } = result
  const isPositive = answer.status >= 200 && answer.status < 300
  if (!isPositive) throw refusedAll(facts, answer, reader.refused(answer, message))
  return delivered(facts, answer, answer.isWhole ? reader.accepted(answer, message) : undefined)
}

/** A positive answer. Throws if it refuses somebody, or cannot be read. */
function delivered(facts: CallFacts, answer: Answer, acceptance: Acceptance | undefined): Delivery {
  const { call, transport } = facts
  if (!acceptance) throw unreadable(facts, answer)
  const { id, words, refused = [], refusal, isDiscarded = false } = acceptance
  if (refusal) throw refusedAll(facts, answer, refusal)
  if (refused.length > 0) throw refusedSome(facts, answer, refused)
  return {
    transport,
    state: isDiscarded ? 'discarded' : 'sent',
    response: replyText(answer, words),
    ...(id !== undefined && { providerId: id }),
    failures: [],
    transcript: call.recorder.transcript,
  }
}

/** The provider has the message, as its status says, but nobody knows for whom. */
function unreadable(facts: CallFacts, answer: Answer): MailError {
  const { message, transport, call, isShared } = facts
  return failAll(message, 'unknown', {
    stage: 'submit',
    kind: answer.isWhole ? 'protocol' : 'connection-lost',
    summary: answer.isWhole
      ? `the answer ${isShared ? 'does not say what became of this message' : 'is not what the provider documents'}`
      : 'the connection was lost in the middle of the answer',
    hint: hintInDoubt(facts),
    // What it says about other messages is no business of this one.
    reply: replyOf(facts, answer, isShared ? '' : undefined),
    transport,
    transcript: call.recorder.transcript,
  })
}

/** A negative answer: nobody has the message, unless the provider may have taken it before it failed. */
export function refusedAll(facts: CallFacts, answer: Answer, refusal: Refusal | undefined): MailError {
  const { call, message, transport } = facts
  const { status } = answer
  const { kind = kindOfStatus(status), scope, hint, words, recipients = [] } = refusal ?? {}
  const inDoubt = refusal?.isInDoubt ?? isStatusInDoubt(status)
  const permanence = inDoubt ? undefined : (refusal?.permanence ?? permanenceOf(kind))
  const reply = replyOf(facts, answer, words)
  const retryAfterMs = refusal?.retryAfterMs ?? parseRetryAfter(answer.headers.get('retry-after'))
  const outcomes = message.envelope.to.map((address): RecipientOutcome => {
    if (inDoubt) return { address, status: 'unknown' }
    if (recipients.length === 0) return { address, status: 'rejected', permanence }
    const refused = find(recipients, address)
    if (!refused) return { address, status: 'not-attempted', permanence }
    return { address, status: 'rejected', kind: refused.kind, permanence: permanenceOf(refused.kind) }
  })
  const summary = SUMMARIES[kind]
  return new MailError({
    stage: 'submit',
    kind,
    ...(summary !== undefined && { summary: `${summary}: ${status} ${reply.text}`.slice(0, 300) }),
    scope,
    hint: hint ?? (inDoubt ? hintInDoubt(facts) : apiHint(kind)),
    reply,
    retryAfterMs,
    ...(permanence !== undefined && { permanence }),
    recipients: outcomes,
    replayable: message.replayable,
    messageId: message.messageId,
    transport,
    transcript: call.recorder.transcript,
  })
}

/** A positive answer that refuses some, or even all. */
function refusedSome(facts: CallFacts, answer: Answer, refused: readonly RefusedRecipient[]): MailError {
  const { call, message, transport } = facts
  const kinds = new Set(refused.map(({ kind }) => kind))
  const [first] = refused
  const reply = replyOf(facts, answer, first?.words)
  const { to } = message.envelope
  // Nobody of this message: the provider means somebody, and nobody knows whom.
  const isInDoubt = !to.some((address) => find(refused, address))
  const outcomes = to.map((address): RecipientOutcome => {
    const own = find(refused, address)
    if (!own) return { address, status: isInDoubt ? 'unknown' : 'accepted' }
    const { kind, words } = own
    return {
      address,
      status: 'rejected',
      kind,
      permanence: permanenceOf(kind),
      reply: replyOf(facts, answer, words ?? first?.words),
    }
  })
  return new MailError({
    stage: 'submit',
    kind: kinds.size === 1 ? first!.kind : 'mixed',
    hint: isInDoubt ? hintInDoubt(facts) : undefined,
    reply,
    recipients: outcomes,
    replayable: message.replayable,
    messageId: message.messageId,
    transport,
    transcript: call.recorder.transcript,
  })
}

function find(refused: readonly RefusedRecipient[], address: string): RefusedRecipient | undefined {
  const key = mailboxKey(address).toLowerCase()
  return refused.find((each) => mailboxKey(each.address).toLowerCase() === key)
}

function permanenceOf(kind: Kind): 'permanent' | 'transient' {
  return 'transient' in KINDS[kind] ? 'transient' : 'permanent'
}

function replyOf({ request }: CallFacts, answer: Answer, words: string | undefined): Reply {
  const text = (words ?? answer.text).trim().slice(0, MOST_WORDS)
  return { protocol: 'http', code: answer.status, text, command: `${request.method} ${request.path}` }
}

function replyText({ status }: Answer, words: string | undefined): string {
  return [status, words].filter(Boolean).join(' ')
}
