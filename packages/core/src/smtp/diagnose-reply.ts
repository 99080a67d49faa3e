import { kindPermanence } from '../failure/mail-error.ts'
import type { Reply } from '../failure/recipient-outcome.ts'
import { canOccur, KINDS, type Kind, type Scope, type Stage } from '../failure/vocabulary.ts'

/** What a negative reply means. */
export interface Diagnosis {
  readonly kind: Kind
  readonly scope: Scope
  readonly permanence: 'permanent' | 'transient'
}

/** A log-in with an access token. Servers refuse one with the words that they have for passwords. */
const TOKEN_LOG_IN = /^AUTH (?:XOAUTH2|OAUTHBEARER)\b/i
/** How many characters of a reply are read: a long reply must not take long to diagnose. */
const MOST_TEXT = 2_000

/**
 * Diagnoses a negative (or unexpected) reply. The enhanced status code decides if it is specific enough, then the basic
 * code with its stage. The text decides only if both are unspecific.
 *
 * @see RFC 3463 and the IANA registry of enhanced status codes; RFC 5321 section 4.2.3; RFC 4954 section 6
 */
export function diagnoseReply(
  stage: Stage,
  reply: Pick<Reply, 'code' | 'enhanced' | 'text' | 'command'>,
): Diagnosis {
  const text = reply.text.slice(0, MOST_TEXT)
  const found = kindOf(stage, reply.code, reply.enhanced, text)
  const isToken = found === 'bad-credentials' && TOKEN_LOG_IN.test(reply.command ?? '')
  const kind = isToken ? 'oauth-token' : found
  return { kind, scope: scopeOf(stage, kind, text), permanence: kindPermanence(kind, reply.code) }
}

function kindOf(stage: Stage, code: number, enhanced: string | undefined, text: string): Kind {
  if (code < 400 || code > 599) return 'protocol'
  for (const read of [kindFromEnhanced, kindFromCode, kindFromText]) {
    const kind = read(stage, code, enhanced, text)
    // Some servers send at one stage a code that is only valid at another.
    if (kind && canOccur(stage, kind)) return kind
  }
  return fallback(stage, code, enhanced)
}

/** Details of enhanced codes that are specific enough. */
const ENHANCED: Readonly<Record<string, Kind>> = {
  '1.1': 'mailbox-unknown',
  '1.2': 'domain-unknown',
  '1.3': 'invalid-address',
  '1.4': 'mailbox-unknown',
  '1.6': 'mailbox-unknown',
  '1.7': 'sender-rejected',
  '1.8': 'sender-rejected',
  '1.10': 'domain-unknown',
  '2.2': 'mailbox-full',
  '3.1': 'server-storage',
  '3.2': 'service-unavailable',
  '3.5': 'server-error',
  '4.3': 'server-error',
  '4.4': 'domain-unknown',
  '4.5': 'service-unavailable',
  '4.6': 'server-error',
  '4.310': 'domain-unknown',
  '5.3': 'too-many-recipients',
  '6.0': 'content-rejected',
  '6.1': 'content-rejected',
  '6.2': 'content-rejected',
  '6.3': 'content-rejected',
  '6.4': 'content-rejected',
  '6.5': 'content-rejected',
  '6.6': 'content-rejected',
  '6.7': 'smtputf8-required',
  '6.8': 'smtputf8-required',
  '6.9': 'smtputf8-required',
  '6.10': 'smtputf8-required',
  '7.2': 'policy',
  '7.5': 'policy',
  '7.7': 'content-rejected',
  '7.10': 'tls-required',
  '7.11': 'tls-required',
  '7.12': 'auth-mechanism',
  '7.15': 'policy',
  '7.16': 'message-too-large',
  '7.17': 'mailbox-unknown',
  '7.18': 'domain-unknown',
  '7.20': 'authentication-policy',
  '7.21': 'authentication-policy',
  '7.22': 'authentication-policy',
  '7.23': 'authentication-policy',
  '7.24': 'authentication-policy',
  '7.25': 'policy',
  '7.26': 'authentication-policy',
  '7.27': 'sender-rejected',
  '7.28': 'rate-limited',
  '7.29': 'authentication-policy',
  '7.30': 'requiretls-not-offered',
  '7.57': 'auth-required',
  '7.60': 'sender-not-owned',
}

function kindFromEnhanced(
  stage: Stage,
  code: number,
  enhanced: string | undefined,
  text: string,
): Kind | undefined {
  if (!enhanced) return undefined
  const detail = enhanced.slice(2)
  const says = (pattern: RegExp): boolean => pattern.test(text)
  switch (detail) {
    case '1.0':
    case '1.1':
    case '1.2':
    case '1.3':
      // Postfix reports a refused sender at RCPT. Before RCPT, the code cannot mean a recipient.
      return stage === 'mail-from'
        ? says(NOT_OWNED)
          ? 'sender-not-owned'
          : 'sender-rejected'
        : ENHANCED[detail]
    case '2.4':
      // OpenSMTPD sends this for an address that is in no table.
      return stage === 'rcpt-to' ? 'mailbox-unknown' : 'server-error'
    case '2.1':
      return code < 500 && says(RATE) ? 'rate-limited' : 'mailbox-disabled'
    case '3.4':
    case '2.3':
      return 'message-too-large'
    case '4.1':
      // Exchange Online refuses unknown recipients with 5.4.1.
      return code >= 500 && stage === 'rcpt-to' ? 'mailbox-unknown' : undefined
    case '7.4':
      return stage === 'auth' ? 'auth-mechanism' : 'policy'
    case '7.9':
      return says(APP_PASSWORD)
        ? 'app-password-required'
        : says(WEB_LOGIN)
          ? 'web-login-required'
          : 'auth-mechanism'
    case '7.14':
      return stage === 'auth' ? 'web-login-required' : 'auth-required'
    case '7.8':
      return says(APP_PASSWORD)
        ? 'app-password-required'
        : says(WEB_LOGIN)
          ? 'web-login-required'
          : 'bad-credentials'
    case '7.13':
      return stage === 'auth' ? 'bad-credentials' : 'mailbox-disabled'
    default:
      return ENHANCED[detail]
  }
}

function kindFromCode(
  stage: Stage,
  code: number,
  enhanced: string | undefined,
  text: string,
): Kind | undefined {
  const says = (pattern: RegExp): boolean => pattern.test(text)
  switch (code) {
    case 421:
      return 'service-unavailable'
    case 530:
      return says(TLS) ? 'tls-required' : 'auth-required'
    case 538:
      return 'tls-required'
    case 534:
      return says(APP_PASSWORD)
        ? 'app-password-required'
        : says(WEB_LOGIN)
          ? 'web-login-required'
          : 'auth-mechanism'
    case 535:
      return says(APP_PASSWORD)
        ? 'app-password-required'
        : says(WEB_LOGIN)
          ? 'web-login-required'
          : 'bad-credentials'
    case 556:
      return 'domain-unknown'
    default:
      break
  }
  if (stage === 'auth') {
    if (code === 432) return 'auth-mechanism'
    if (code < 500) return 'auth-temporary'
    if (code === 504) return 'auth-mechanism'
    if (code === 500 || code === 502) return 'auth-not-offered'
    if (says(APP_PASSWORD)) return 'app-password-required'
    if (says(WEB_LOGIN)) return 'web-login-required'
    if (code === 503) return 'protocol'
    return says(/credential|password|authenti|log-?in/i) && !enhanced?.includes('.7.1')
      ? 'bad-credentials'
      : undefined
  }
  if (stage === 'tls') return 'tls-unavailable'
  if (code === 503) return says(/auth|log ?in/i) ? 'auth-required' : 'protocol'
  if ((stage === 'greeting' || stage === 'ehlo') && code < 500) return 'service-unavailable'
  const security = enhanced?.[2] === '7'
  if (code === 552 && !security) {
    return stage === 'rcpt-to' && !says(SIZE)
      ? 'mailbox-full'
      : says(FULL) && !says(SIZE)
        ? 'mailbox-full'
        : 'message-too-large'
  }
  if (code === 452 && !security && !says(TOO_MANY) && !says(FULL)) return 'server-storage'
  return undefined
}

const NOT_OWNED =
  /not owned|send-? ?as\b|sendasdenied|(?:not|n't) (?:allowed|permitted|authori[sz]ed) to (?:send|use)\b.{0,80}\b(?:as|from|sender|address)|sender.{0,80}(?:mismatch|does not (?:match|belong))|not.{0,80}match.{0,80}(?:authenticated|login|user)/i
const APP_PASSWORD = /app(?:lication)?[- ]?(?:specific)?[- ]?password|InvalidSecondFactor/i
const WEB_LOGIN = /web ?browser|web login|log ?in via|WebLoginRequired/i
const TLS = /tls|ssl|encrypt|secure (?:connection|channel)/i
const RATE =
  /rate.?limit|unusual rate|\brate\b|throttl|too (?:quickly|fast|much mail|many (?:messages|mails|e-?mails|connections|concurrent|requests|sessions))|(?:sending|daily|hourly|message|user|relay).{0,30}(?:limit|quota).{0,20}(?:exceed|reach)|exceed.{0,40}(?:sending|daily|hourly|messages|per (?:day|hour|minute))/i
const TOO_MANY = /too many (?:recipients|rcpt|addresses)|maximum (?:number of )?recipients|recipient limit/i
const FULL =
  /(?:mail ?box|inbox|account).{0,40}(?:full|over|quota|exceed)|over ?-?quota|quota (?:exceeded|full)|exceeded.{0,20}(?:quota|storage)|out of (?:space|quota)/i
const SIZE =
  /too (?:big|large|long)|(?:size|length).{0,40}(?:exceed|limit|maximum)|exceed.{0,40}\bsize|maximum (?:message )?size/i
const GREY = /gr[ea]y-?\s?list/i
const COME_BACK = /come back|try again|retry|later|defer/i
const BLOCKED =
  /dnsbl|\brbl\b|block(?:ed)? (?:using|by|list)|block-?list|black-?list|spamhaus|barracuda|spamcop|reputation|blocked.{0,30}(?:ip|address \[)|(?:client|host|ip|network).{0,60}(?:blocked|listed|banned)/i
const CLIENT =
  /client (?:host|address|ip)|helo|ehlo|reverse (?:dns|host|lookup)|\bptr\b|rdns|your (?:ip|host|network|server)|\bip (?:address )?\[?[\d.:a-f]/i
const SPAM = /\bspam\b|unsolicited|\bjunk\b|bulk (?:mail|e-?mail)|phish/i
const DOMAIN_AUTHENTICATION =
  /\bspf\b|\bdkim\b|\bdmarc\b|sender policy framework|unauthenticated (?:e-?mail|message|mail)/i
const HARMFUL =
  /virus|malware|infected|attachment|executable|content|header|banned|security issue|dangerous|\bmime\b|malformed|line too long|bare (?:cr|lf)/i
const RELAY = /relay|rcpthosts|not (?:a )?local (?:domain|user|host)|not our (?:domain|customer)/i
const LOG_IN =
  /auth(?:entication|orization)? (?:is )?(?:required|first)|must (?:be )?(?:auth|log)|not authenticated|log ?in first|please (?:auth|log ?in)/i
const DISABLED =
  /(?:account|mailbox|user|recipient|address).{0,60}(?:disabled|inactive|deactivated|suspended|closed|discontinued|locked|expired)|(?:disabled|inactive|suspended|deactivated) (?:account|mailbox|user)/i
const NO_DOMAIN =
  /domain.{0,60}(?:not (?:found|exist)|does(?: not|n't) (?:exist|accept)|unknown|no (?:mx|mail))|(?:no such|unknown|invalid|bad) (?:domain|host)|host (?:not found|unknown)|null ?mx|unrouteable (?:mail )?domain/i
const NO_MAILBOX =
  /(?:user|mailbox|recipient|account|address|local part|person|member|e-?mail)\b.{0,80}(?:unknown|unavailable|not (?:found|known|exist|recogni[sz]ed|valid|listed|here)|no longer|does(?: not|n't) (?:exist|have)|invalid|undeliverable|inconnu)|no (?:such|mailbox|user|account|valid recipient)|unknown (?:user|recipient|mailbox|account|address|local)|invalid (?:recipient|mailbox|user|address|account)|unrouteable address|not a (?:valid|known) (?:user|mailbox|recipient|address)|utilisateur inconnu|unbekannt|desconocid|sconosciut/i
const SENDER = /sender|return-?path|reverse-?path|mail from|envelope.from|from address/i
const UTF8 = /smtputf8|non-?ascii|internationali[sz]ed|\beai\b|utf-?8 address/i

function kindFromText(
  stage: Stage,
  code: number,
  enhanced: string | undefined,
  text: string,
): Kind | undefined {
  const says = (pattern: RegExp): boolean => pattern.test(text)
  const transient = code < 500
  const security = enhanced?.[2] === '7'
  if (transient && says(GREY)) return 'greylisted'
  if (says(TOO_MANY)) return 'too-many-recipients'
  if (says(UTF8)) return 'smtputf8-required'
  if (says(NOT_OWNED)) return 'sender-not-owned'
  if (security && says(/starttls|\btls\b/i) && says(/must|requir|need/i)) return 'tls-required'
  if (says(RATE)) return 'rate-limited'
  if (says(BLOCKED)) return 'policy'
  if (says(DOMAIN_AUTHENTICATION)) return 'authentication-policy'
  if (says(SPAM)) return 'spam'
  if (stage === 'rcpt-to' && transient && enhanced?.startsWith('4.7.') && says(COME_BACK)) return 'greylisted'
  if (stage === 'data' || stage === 'body') {
    if (says(SIZE)) return 'message-too-large'
    if (says(FULL)) return 'mailbox-full'
    if (enhanced?.[2] !== '5' && says(HARMFUL) && !transient) return 'content-rejected'
  }
  if ((stage === 'rcpt-to' || stage === 'mail-from') && says(RELAY)) return 'relay-denied'
  if (says(LOG_IN)) return 'auth-required'
  if (stage === 'mail-from' && says(SIZE)) return 'message-too-large'
  if (stage === 'greeting' || stage === 'ehlo') {
    return says(
      /polic|den(?:y|ied)|not allowed|refused|blocked|reject|bad helo|forbidden|rdns|reverse|\bptr\b/i,
    )
      ? 'policy'
      : undefined
  }
  // The security class means a policy, unless the text only says that the mailbox does not exist.
  if (security)
    return stage === 'rcpt-to' && says(NO_MAILBOX) && !says(/polic|denied|rejected/i)
      ? 'mailbox-unknown'
      : 'policy'
  if (stage === 'mail-from' || (stage === 'rcpt-to' && says(SENDER) && !says(/recipient/i))) {
    const serverSide = enhanced?.[2] === '3' || enhanced?.[2] === '4'
    return serverSide || code === 451 || code === 554 || code === 555 ? undefined : 'sender-rejected'
  }
  // At the body stage, LMTP answers for one recipient.
  if (stage !== 'rcpt-to' && stage !== 'body') return undefined
  if (says(FULL)) return 'mailbox-full'
  if (says(DISABLED)) return 'mailbox-disabled'
  if (says(NO_DOMAIN)) return 'domain-unknown'
  if (says(NO_MAILBOX)) return 'mailbox-unknown'
  if (says(/polic|access denied|administrative|not (?:authori[sz]ed|permitted|allowed)/i)) return 'policy'
  return undefined
}

function fallback(stage: Stage, code: number, enhanced: string | undefined): Kind {
  if (stage === 'tls') return 'tls-unavailable'
  const subject = enhanced?.[2]
  if (subject === '7') return 'policy'
  if (subject === '3' || subject === '4') return 'server-error'
  if (code === 451 || code === 454) return 'server-error'
  if (code === 452) return 'server-storage'
  if (stage === 'rcpt-to' && (code === 551 || code === 553)) return 'mailbox-unknown'
  if (code === 571) return 'policy'
  return 'rejected'
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
