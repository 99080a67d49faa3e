import type { Kind, Stage } from '../failure/vocabulary.ts'

/** Words of a reply, and the kind that they mean. */
export interface Words {
  readonly kind: Kind
  readonly says: RegExp
  /** Words that give the same words another meaning. */
  readonly unless?: RegExp
  /** Where they have this meaning: everywhere, if this is missing. */
  readonly at?: readonly Stage[]
  /** Replies with a code above 499 (or below 500) only. */
  readonly permanence?: 'permanent' | 'transient'
}

/** Where a server can refuse a recipient: at RCPT TO, or only after the content. */
const RECIPIENT: readonly Stage[] = ['rcpt-to', 'data', 'body', 'submit']
const CONTENT: readonly Stage[] = ['data', 'body', 'submit']
const OPENING: readonly Stage[] = ['greeting', 'ehlo']
/** Before RCPT, "the account" is that of the sender. */
const BEFORE_RECIPIENTS: readonly Stage[] = ['greeting', 'ehlo', 'auth', 'mail-from']

const STOPPED = String.raw`(?:suspend|disabl|block|banned|paused|terminat|restricted|locked|cancell?ed|deactivat|inactive|closed|on hold|(?:pending|awaiting) (?:\w+ )?(?:approval|review|activation)|under review|compromised|not (?:yet )?(?:been )?(?:active|activated|verified|approved|subscribed|allowed to send|permitted to send))`
const LIMIT = String.raw`(?:limits?|quotas?|thresholds?)`
const SENDING =
  /\bsend|daily|hourly|submission|messages? quota|per (?:hour|day|minute|second)|relay|\byour\b|\byou(?:'ve| have)\b/i
/** The server or the recipient has something against where the connection comes from. */
export const BLOCKED =
  /dnsbl|\brbl\b|block(?:ed)? (?:using|by|list)|block-?list|black-?list|white-?list|spamhaus|barracuda|spamcop|reputation|blocked.{0,30}(?:\bip\b|address \[)|(?:client|host|\bip\b|network).{0,60}(?:blocked|listed|listing|banned)|block has been placed|user complaints|banned (?:sender|sending)/i
/** The text speaks of where the connection comes from. */
export const CLIENT =
  /client (?:host|address|\bip\b)|\bhelo\b|\behlo\b|reverse (?:dns|host|lookup)|\bptr\b|\brdns\b|your (?:host|network|server|mail server)|\bips?\b|\bhost ?names?\b|open proxy|\bisp\b|dynamic|sending mta|(?:allowed to|access|accepting) connect|connection (?:denied|refused)|hosts? network/i
/** The text speaks of the sender. */
export const SENDER =
  /sender|return-?path|reverse-?path|mail from|envelope.from|from (?:address|domain)|emetteur/i

/** The provider does not let the account of the sender send. */
export const ACCOUNT_WORDS: readonly Words[] = [
  {
    kind: 'account-blocked',
    says: new RegExp(
      String.raw`\b(?:your|sender|sending) (?:\w+ ){0,2}(?:account|subscription)\b.{0,40}${STOPPED}|` +
        String.raw`${STOPPED}\w* for (?:this|your) (?:\w+ )?account|account (?:is |has been )?on hold|account outbounds? disabled|` +
        String.raw`activate your (?:\w+ )?account|bad outbound sender|` +
        String.raw`(?:insufficient|maximum|not enough|no more|out of|no) (?:\w+ )?(?:credits?|funds|balance)\b|\bcredits? (?:limit |have |has |are |is )?(?:been )?(?:exceeded|expired|exhausted|used up|blocked)|` +
        String.raw`(?:trial|subscription|plan) (?:has |is )?(?:expired|ended)|payment (?:is )?(?:required|overdue)`,
      'i',
    ),
    unless: /recipient account/i,
  },
  {
    kind: 'account-blocked',
    at: BEFORE_RECIPIENTS,
    says: new RegExp(
      String.raw`\b(?:account|user)\b(?: is| has been| was|:)? (?:temporarily |currently )?${STOPPED}`,
      'i',
    ),
  },
]

/**
 * Words that are plain enough to come before every code: providers use these codes for much that the registry does not say.
 * The first that match decide.
 */
export const PLAIN_WORDS: readonly Words[] = [
  // The name in EHLO, which some servers refuse only at MAIL or RCPT.
  {
    kind: 'policy',
    says: /\b(?:invalid|bad|illegal|malformed|empty|wrong|forged|fake) (?:helo|ehlo)\b|\b(?:helo|ehlo)\b(?: ?\/ ?ehlo)?[^.]{0,40}(?:rejected|refused|invalid|denied|not (?:allowed|permitted|valid|acceptable)|fully.qualified|requires? (?:a )?(?:valid |domain))/i,
  },
  {
    kind: 'policy',
    at: ['ehlo'],
    permanence: 'permanent',
    says: /(?:domain|host) ?name|fully.qualified|\bfqdn\b/i,
  },
  {
    kind: 'suppressed',
    says: /suppress(?:ed|ion)|marked as inactive|previously (?:bounced|unsubscribed|complained)|(?:recipient|address) (?:has )?(?:unsubscribed|opted out)|\bstop.?list\b/i,
  },
  ...ACCOUNT_WORDS,
  {
    kind: 'content-rejected',
    says: /\bhops?\b(?: count)?.{0,20}exceed|exceeded (?:\S+ ){0,3}hops\b|too many (?:hops|received)|(?:mail|routing|message) loop|\bloop(?:ing)? (?:detected|message)|is looping/i,
  },
  {
    kind: 'content-rejected',
    at: CONTENT,
    says: /\b(?:subject|header|field|multiple from)\b.{0,20}(?:mandatory|missing|required|specified)|missing (?:\S+ )?header/i,
  },
  { kind: 'protocol', says: /protocol violation/i },
  { kind: 'requiretls-not-offered', says: /\brequiretls\b/i },
  { kind: 'auth-mechanism', says: /basic auth\w* (?:is )?(?:not supported|disabled|no longer)/i },
  {
    kind: 'rate-limited',
    says: /unusual (?:rate|sending activity|volume|amount)|(?:unexpected|excessive) volume|\bthrottl/i,
  },
  { kind: 'policy', says: /\bptr records?\b|reverse (?:dns|lookup|host)|\brdns\b/i },
  {
    kind: 'authentication-policy',
    says: /\bspf\b|\bdkim\b|\bdmarc\b|sender policy framework|required authentication level|unauthenticated (?:e-?mail|mail|message)/i,
  },
  {
    kind: 'tls-required',
    says: /must issue a starttls|(?:\btls\b|\bssl\b|encryption|encrypted connection)(?: version \S+)?(?: is|:)? ?(?:required|mandatory|needed)|(?:requires?|must (?:use|support)|need to use|n[o']t (?:\w+ )?over a|without)[^.]{0,40}(?:\btls\b|\bssl\b|starttls|encrypt)|starttls (?:is )?required/i,
  },
  {
    kind: 'too-many-recipients',
    says: /too many (?:recipients|rcpts?|addresses|destinations)|maximum (?:number of )?recipients|recipients? limit|(?:per|separate) transaction/i,
    unless: /(?:this|per) (?:hour|day|minute)|daily|hourly/i,
  },
  {
    kind: 'mailbox-full',
    says: /mail ?box\s.{0,40}(?:limit|exceed)|full mail ?box|no space left|not enough (?:storage )?space/i,
    unless: SENDING,
    at: RECIPIENT,
  },
  {
    kind: 'message-too-large',
    says: /too (?:big|large)|(?:message|mail|content|data)\b.{0,20}too long|(?:size|length)\b.{0,40}(?:exceed|limit|maximum)|exceed\w{0,3}.{0,40}\bsize|maximum (?:message )?size/i,
    unless: /line too long/i,
  },
  {
    kind: 'mailbox-full',
    says: /quota|exceeded storage|storage (?:allocation|limit)/i,
    unless: SENDING,
    at: RECIPIENT,
  },
  {
    kind: 'mailbox-full',
    says: /(?:mail ?box|inbox|account|folder)\s.{0,40}(?:\bfull\b|over.?quota|out of (?:storage|space)|exceed\w* (?:its |the )?(?:storage|quota))|over ?-?quota|out of (?:storage )?space|\bpleine\b/i,
  },
  {
    kind: 'rate-limited',
    says: new RegExp(
      String.raw`rate.?limit|\brate (?:that|exceeded|of )|sending rate|frequen\w{1,3}.{0,12}(?:limit|connect)|too (?:quickly|fast|frequent|much mail)|slow down|` +
        String.raw`too many (?:\w+ ){0,2}(?:recipients|messages|mails|e-?mails|connections|concurrent|requests|sessions|log-?ins?|auth)|` +
        String.raw`${LIMIT}.{0,30}(?:exceeded|reached)|(?:exceed|reached|over)\w{0,5}.{0,40}\b${LIMIT}\b|exceed\w{0,3} .{0,40}per (?:hour|day|minute)|max(?:imum)? messages? per|` +
        String.raw`connections? limit|concurrent connections|(?:daily|hourly) .{0,20}limit`,
      'i',
    ),
    unless: /attachments|\bheader|\btime-?out|time limit|\bidle/i,
  },
  { kind: 'policy', says: /sender (?:was |is )?not authenticated|allowed.senders? list/i },
  {
    kind: 'auth-required',
    says: /auth(?:entication|orization)? (?:is )?(?:required|needed|first)|requires? (?:smtp )?authentication|must (?:be )?(?:auth|log)|(?:not|failed to|without) authenticat|log ?in first|please (?:auth|log ?in|turn on smtp auth)|unauthenticated senders?/i,
  },
  {
    kind: 'sender-not-owned',
    says: /not owned|send-? ?as\b|sendasdenied|(?:not|n't) (?:allowed|permitted|authori[sz]ed) to (?:send|use)\b.{0,80}\b(?:as|from|sender|address)|sender.{0,80}(?:mismatch|does not (?:match|belong))|not.{0,80}match.{0,80}(?:authenticated|login|user)/i,
    unless: /\bip\b/i,
  },
  {
    kind: 'sender-not-owned',
    says: /(?:\bfrom\b|sender|domain|identit(?:y|ies)|e-?mail address)\b.{0,60}(?:not (?:been |yet )?(?:verified|validated|confirmed)|unverified)|verified sender|sender signature|authori[sz]ed sender|not associated with your account|unconfigured sending domain|unregistered domain|(?:relaying )?disallowed as\b|(?:sender|domain)\b.{0,60}not allowed to (?:send|relay)|sender (?:is )?not valid|domain (?:is )?not trusted/i,
    unless: /recipient address|unverified address/i,
  },
  {
    kind: 'policy',
    says: /\bip\b.{0,80}(?:not|n't) (?:authori[sz]ed|allowed|permitted)|unauthori[sz]ed ip/i,
  },
  {
    kind: 'relay-denied',
    // Not as a part of a host name.
    says: /(?<![\w.-])relay(?:ing|ed)?(?![\w-]|\.\w)|rcpthosts|not (?:a )?local (?:domain|user|host)|not our (?:domain|customer)/i,
    unless: BLOCKED,
  },
]

/** Words that decide if no code did. The first that match decide. */
export const LOOSE_WORDS: readonly Words[] = [
  { kind: 'greylisted', says: /gr[ea]y-?\s?list/i, permanence: 'transient' },
  { kind: 'smtputf8-required', says: /smtputf8|non-?ascii|internationali[sz]ed|utf-?8 address/i },
  { kind: 'policy', says: BLOCKED },
  {
    kind: 'content-rejected',
    at: CONTENT,
    permanence: 'permanent',
    says: /virus|malware|infected|attachment|executable|\bheaders?\b(?!-)|rfc ?5322|message-id|encoded-word|security issue|dangerous|\bmime\b|malformed|line too long|bare (?:cr|lf)|invalid characters/i,
  },
  { kind: 'policy', says: /permanently deferred/i },
  { kind: 'rate-limited', says: /\bmessages? from .{0,40}deferred/i },
  { kind: 'policy', says: /access denied/i, unless: /mailbox|user/i },
  {
    kind: 'spam',
    says: /(?<!from |amount of )\b(?:anti-?)?spam(?!cop|haus)|unsolicited|suspicious due to|\bjunk\b|bulk (?:mail|e-?mail)|phish/i,
  },
  { kind: 'content-rejected', at: CONTENT, permanence: 'permanent', says: /content|banned/i },
  { kind: 'policy', says: /polic(?:y|ies)\b|\bblocked\b/i },
  {
    kind: 'auth-required',
    at: ['mail-from'],
    says: /\bauthenti(?:c|f)\w*\b.{0,20}(?:fail|invalid|requi|error|turned on|incorrect)/i,
  },
  {
    kind: 'service-unavailable',
    permanence: 'transient',
    says: /(?:server|system|service|resources?) (?:\w+ ){0,2}(?:busy|unavailable|problem|error)/i,
  },
  {
    kind: 'policy',
    at: OPENING,
    says: /den(?:y|ied)|not (?:allowed|accepting)|\bblock|reject|forbidden|white.?list/i,
  },
]

/** What the text says about the recipient, where nothing else decides. The first that match decide. */
export const RECIPIENT_WORDS: readonly Words[] = [
  {
    kind: 'mailbox-disabled',
    says: /(?:account|mailbox|user|recipient|address|@).{0,60}(?:disabled|inactive|deactivated|suspended|closed|discontinued|\blocked|isblocked|expired|archived)|(?:disabled|inactive|suspended|deactivated|archived) (?:account|mailbox|user|recipient)|(?:is|has been|was) (?:currently |temporarily )?(?:suspended|disabled|deactivated|terminated|frozen)/i,
  },
  {
    kind: 'domain-unknown',
    says: /domain.{0,60}(?:not (?:found|exist)|does(?: not|n't) (?:exist|accept)|unknown|no (?:mx|mail))|(?:no such|unknown|invalid|bad) (?:domain|host)|host (?:not found|unknown)|null ?mx|unroute?able (?:mail )?domain|domain (?:must exist|is not reachable)|host unreachable/i,
  },
  {
    kind: 'mailbox-unknown',
    says: /(?:\b(?:user|mailbox|recipient|account|address|local part|person|member|e-?mail)\b|@).{0,80}(?:unknown|unavailable|not (?:found|known|exist|recogni[sz]ed|valid|listed|here)|no longer|does(?: not|n't) (?:exist|have)|invalid|undeliverable|inconnu)|no (?:such|mailbox|user|account|valid recipient)|unknown (?:user|recipient|mailbox|account|address|local)|invalid (?:recipient|mailbox|user|address|account|rcpt)|unroute?able address|not a (?:valid|known) (?:user|mailbox|recipient|address)|recipients?(?: address(?:es)?)? (?:was |were |is |has been )?(?:rejected|refused|denied|not (?:ok|accepted|local))|address (?:rejected|not present|could not)|do(?:es)?(?: not|n't) exist|no one at|non.?existent|bad (?:recipient|address)|(?:bad|valid)rcpt|badrecipient|not (?:an )?active|not present|no existe|nessun utente|utilisateur inconnu|unbekannt|desconocid|sconosciut/i,
  },
  {
    kind: 'policy',
    at: RECIPIENT,
    says: /access denied|administrative|rejected by recipients?|not (?:authori[sz]ed|permitted|allowed)/i,
  },
]

/** What the text of a refused log-in says. The first that match decide. */
export const LOG_IN_WORDS: readonly Words[] = [
  {
    kind: 'app-password-required',
    says: /app(?:lication)?[- ]?(?:specific)?[- ]?password|InvalidSecondFactor/i,
  },
  { kind: 'web-login-required', says: /web ?browser|web login|log ?in via|WebLoginRequired/i },
  // Some servers list all the reasons that there can be.
  {
    kind: 'bad-credentials',
    says: /(?:password|credentials?) (?:is|are|was|were) (?:incorrect|invalid|wrong)/i,
  },
  {
    kind: 'rate-limited',
    says: /too many|rate.?limit|too (?:quickly|fast|frequent)|limit exceeded|concurrent connections/i,
  },
  {
    kind: 'tls-required',
    says: /must issue a starttls|(?:\btls\b|\bssl\b|encryption) (?:is )?required|requires? (?:tls|ssl|encrypt)/i,
  },
  {
    kind: 'policy',
    says: /SmtpClientAuthentication is disabled|unauthori[sz]ed ip|\bip\b.{0,40}not (?:authori[sz]ed|allowed)/i,
  },
  {
    kind: 'auth-mechanism',
    says: /basic auth\w* (?:is )?(?:not supported|disabled)|(?:mechanism|(?:auth\w*|sasl) (?:type|method)).{0,40}(?:not (?:supported|enabled|allowed|available|accepted)|unsupported|disabled|too weak|unknown|unrecogni[sz]ed)|(?:unsupported|unknown|unrecogni[sz]ed|invalid|no such) (?:auth\w* |sasl )?(?:mechanism|type|method)|no longer supported/i,
  },
  { kind: 'policy', says: BLOCKED },
]

/** At AUTH: who it is, or what they may do. */
export const CREDENTIALS = /credential|password|\bauth|log-?in\b|user ?name|permission|access rights/i
