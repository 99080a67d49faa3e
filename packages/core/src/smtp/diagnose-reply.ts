import { kindPermanence } from '../failure/mail-error.ts'
import type { Reply } from '../failure/recipient-outcome.ts'
import { canOccur, KINDS, type Kind, type Scope, type Stage } from '../failure/vocabulary.ts'
import { kindOfEnhanced } from './enhanced-codes.ts'
import {
  ACCOUNT_WORDS,
  BLOCKED,
  CLIENT,
  CREDENTIALS,
  LOG_IN_WORDS,
  LOOSE_WORDS,
  PLAIN_WORDS,
  RECIPIENT_WORDS,
  SENDER,
  type Words,
} from './reply-words.ts'

/** What a negative reply means. */
export interface Diagnosis {
  /** What the reply means. */
  readonly kind: Kind
  /** Whose fault it is. */
  readonly scope: Scope
  /** Whether another attempt may succeed. */
  readonly permanence: 'permanent' | 'transient'
}

/** What a diagnosis reads. The command tells the mechanism of a log-in. */
export type RefusingReply = Pick<Reply, 'code' | 'enhanced' | 'text' | 'command'>

/** How many characters of a reply are read: a long reply must not take long to diagnose. */
const MOST_TEXT = 2_000

/**
 * Diagnoses a negative (or unexpected) reply: by words that are plain enough, then by the enhanced status code if it is
 * specific enough, then by the basic code with its stage, and last by words that can mean several things.
 *
 * @see RFC 3463 and the IANA registry of enhanced status codes; RFC 5321 section 4.2.3; RFC 4954 section 6
 */
export function diagnoseReply(stage: Stage, reply: RefusingReply): Diagnosis {
  const text = readable(reply.text)
  const kind = kindOf(stage, reply, text)
  return { kind, scope: scopeOf(stage, kind, text), permanence: kindPermanence(kind, reply.code) }
}

/** The text in one line. The words of an address do not count, so that `spam@example.com` is not spam. */
function readable(text: string): string {
  const words = text.slice(0, MOST_TEXT).split(/\s+/)
  return words.map((word) => (word.includes('@') ? '@' : word)).join(' ')
}

function kindOf(stage: Stage, reply: RefusingReply, text: string): Kind {
  const { code, enhanced } = reply
  if (code < 400 || code > 599) return 'protocol'
  if (stage === 'tls') return code === 421 ? 'service-unavailable' : 'tls-unavailable'
  if (stage === 'auth') return kindAtAuth(reply, text)
  const found =
    said(PLAIN_WORDS, stage, code, text) ??
    kindOfCode(stage, code, text) ??
    kindOfDetail(stage, code, enhanced, text) ??
    said(LOOSE_WORDS, stage, code, text)
  if (found && canOccur(stage, found)) return found
  return code === 421 ? 'service-unavailable' : kindOfRest(stage, code, enhanced, text)
}

function said(words: readonly Words[], stage: Stage, code: number, text: string): Kind | undefined {
  const permanence = code < 500 ? 'transient' : 'permanent'
  for (const { kind, says, unless, at, permanence: only } of words) {
    if (at?.includes(stage) === false || (only ?? permanence) !== permanence) continue
    if (canOccur(stage, kind) && says.test(text) && !unless?.test(text)) return kind
  }
  return undefined
}

/** Basic codes that are specific enough (RFC 4954 section 6, RFC 7504). */
function kindOfCode(stage: Stage, code: number, text: string): Kind | undefined {
  switch (code) {
    case 503:
      return /auth|log ?in/i.test(text) ? 'auth-required' : 'protocol'
    case 530:
      return /tls|ssl|encrypt|secure (?:connection|channel)/i.test(text) ? 'tls-required' : 'auth-required'
    case 534:
    case 535:
      return stage === 'mail-from' && /credential|password/i.test(text) ? 'bad-credentials' : 'auth-required'
    case 538:
      return 'tls-required'
    case 556:
      return 'domain-unknown'
    default:
      return undefined
  }
}

function kindOfDetail(
  stage: Stage,
  code: number,
  enhanced: string | undefined,
  text: string,
): Kind | undefined {
  // 421 is about the connection, never about an address.
  if (code === 421 && (enhanced?.[2] === '1' || enhanced?.[2] === '2')) return undefined
  const kind = kindOfEnhanced(stage, code, enhanced)
  // Exchange Online uses the code of a null MX for recipients that it cannot find.
  if (kind === 'domain-unknown' && enhanced?.endsWith('.1.10'))
    return said(RECIPIENT_WORDS, stage, code, text) ?? kind
  return kind && canOccur(stage, kind) ? kind : undefined
}

/** What is left: the class of the enhanced code, the stage, and what the text says about an address. */
function kindOfRest(stage: Stage, code: number, enhanced: string | undefined, text: string): Kind {
  const subject = enhanced?.[2]
  const isOpening = stage === 'greeting' || stage === 'ehlo'
  const recipient = said(RECIPIENT_WORDS, stage, code, text)
  if (subject === '7') {
    if (stage === 'rcpt-to' && code < 500 && /come back|try again|retry|later|defer/i.test(text))
      return 'greylisted'
    // The security class means a policy, unless the text only says that the mailbox does not exist.
    const isUnknown = stage === 'rcpt-to' && recipient === 'mailbox-unknown'
    return isUnknown && !/polic|denied|rejected/i.test(text) ? recipient : 'policy'
  }
  if (stage === 'mail-from' && (code === 450 || code >= 500) && CLIENT.test(text)) return 'policy'
  const isOfSender = SENDER.test(text) && !/recipient/i.test(text)
  if (isOfSender && (stage === 'mail-from' || stage === 'rcpt-to')) return 'sender-rejected'
  // Sendmail and others say 554 5.5.1 to DATA if no recipient was accepted.
  const isOfProtocol = subject === '5' && code !== 554
  if (recipient && !(subject === '5' && /[124]$/.test(enhanced!))) return recipient
  if ((code >= 500 && code <= 504) || code === 555 || isOfProtocol) return 'protocol'
  if (isOpening && code < 500) return 'service-unavailable'
  if (subject === '3' || subject === '4' || code === 451 || code === 454) return 'server-error'
  if (code === 452) return 'server-storage'
  if (isOpening) return 'rejected'
  if (code === 552) return stage === 'rcpt-to' ? 'mailbox-full' : 'message-too-large'
  if (stage === 'mail-from' && code !== 554) return 'sender-rejected'
  if (stage === 'rcpt-to' && (code === 551 || code === 553)) return 'mailbox-unknown'
  return code === 571 ? 'policy' : 'rejected'
}

/** A log-in with an access token. Servers refuse one with the words that they have for passwords. */
const TOKEN_LOG_IN = /^AUTH (?:XOAUTH2|OAUTHBEARER)\b/i

function kindAtAuth(reply: RefusingReply, text: string): Kind {
  const { code, command } = reply
  if (code === 421) return TOO_MUCH.test(text) ? 'rate-limited' : 'service-unavailable'
  const found =
    said(LOG_IN_WORDS, 'auth', code, text) ??
    said(ACCOUNT_WORDS, 'auth', code, text) ??
    kindOfAuthCode(reply, text)
  return found === 'bad-credentials' && TOKEN_LOG_IN.test(command ?? '') ? 'oauth-token' : found
}

const TOO_MUCH = /too many (?:\w+ ){0,2}(?:connections|sessions)|rate.?limit/i

/** @see RFC 4954 section 6 */
function kindOfAuthCode({ code, enhanced }: RefusingReply, text: string): Kind {
  if (code === 432) return 'auth-mechanism'
  if (code === 530) return /tls|ssl|encrypt/i.test(text) ? 'tls-required' : 'auth-required'
  if (code === 538) return 'tls-required'
  if (code === 503) return 'protocol'
  const kind = kindOfEnhanced('auth', code, enhanced)
  if (kind && canOccur('auth', kind)) return kind
  if (code < 500) return 'auth-temporary'
  if (code === 504 || code === 534) return 'auth-mechanism'
  if (code === 535 || CREDENTIALS.test(text)) return 'bad-credentials'
  if (code === 500 || code === 502) return 'auth-not-offered'
  if (code === 501 || enhanced?.[2] === '5') return 'protocol'
  return enhanced?.[2] === '7' ? 'policy' : 'rejected'
}

function scopeOf(stage: Stage, kind: Kind, text: string): Scope {
  switch (kind) {
    case 'policy':
    case 'rejected':
      if (stage === 'mail-from') return CLIENT.test(text) || BLOCKED.test(text) ? 'transport' : 'sender'
      if (stage === 'rcpt-to') {
        if (CLIENT.test(text) || BLOCKED.test(text)) return 'transport'
        return SENDER.test(text) && !/recipient/i.test(text) ? 'sender' : 'recipient'
      }
      return stage === 'data' || stage === 'body' ? 'message' : 'transport'
    case 'greylisted':
      return stage === 'rcpt-to' || stage === 'body' || stage === 'data' ? 'recipient' : 'transport'
    case 'invalid-address':
      return stage === 'rcpt-to' ? 'recipient' : 'message'
    default:
      return KINDS[kind].scope
  }
}
