import { isLoopback } from '../smtp/loopback.ts'
import type { FailureFacts, Situation } from './situation.ts'
import type { Kind, Stage } from './vocabulary.ts'

/** What stands between the two sides: firewalls, names, TLS and slow servers. */
export function networkAdvice(facts: FailureFacts, situation: Situation | undefined): string | undefined {
  return (
    masked(facts, situation) ??
    nameRefused(facts, situation) ??
    slow(facts, situation) ??
    (situation && encryption(facts, situation))
  )
}

const MASKED_KINDS: readonly Kind[] = [
  'starttls-not-offered',
  'auth-not-offered',
  'auth-mechanism',
  'auth-required',
  'tls-required',
  'not-smtp',
  'protocol',
  'connection-lost',
  'rejected',
]

/** Firewalls that inspect SMTP overwrite the greeting with asterisks, and what they do not allow with X. */
function masked({ kind, reply }: FailureFacts, situation: Situation | undefined): string | undefined {
  if (!situation || !MASKED_KINDS.includes(kind)) return undefined
  const { greeting = '', hello = [] } = situation
  const isMasked =
    /\*{6,}/.test(greeting) ||
    hello.some((line) => /^(?:\d{3}[- ]X{3,}[A-Z]?(?:\s|$)|5\d\d.*\bXXXX\b)/.test(line)) ||
    /\bXXXX\b/.test(reply?.text ?? '')
  return isMasked
    ? 'A firewall between this machine and the server rewrites the conversation: it overwrites parts of the greeting or of the EHLO reply with `*` or `X`, and so takes STARTTLS and AUTH away. Switch off its SMTP inspection (on a Cisco PIX or ASA `fixup protocol smtp` or `inspect esmtp`), or use TLS from the start on port 465.'
    : undefined
}

const AFTER_EHLO: readonly Stage[] = ['ehlo', 'mail-from', 'rcpt-to', 'data', 'body']
const NAMES_HELO = /\b(?:HELO|EHLO)\b/i
/** Replies to EHLO speak of the name without saying whose it is. */
const NAMES_NAME = /(?:domain|host) ?name|\bhostname|fully.qualified|\bFQDN\b|\bname\b|\bdomain\b/i
const REPUTATION = /\b(?:block|black|deny)?-?list|blocked|reputation|spam|\bPTR\b|reverse/i

const OPTION_NAME =
  'the option `name` to a full host name of this machine, such as `app.example.com`, that DNS knows'

/** What to do if the server objects to the name in EHLO (RFC 5321 section 4.1.4); undefined if it does not. */
export function nameRefused(
  { stage, permanence, reply }: FailureFacts,
  situation: Situation | undefined,
): string | undefined {
  if (!reply || !AFTER_EHLO.includes(stage)) return undefined
  const { code, text } = reply
  // Out of order or not known, which says nothing about the name.
  if (
    /\b(?:first|before|unrecogni[sz]ed|unknown command|not implemented|duplicate|time-?d? ?out|idle|waiting)\b/i.test(
      text,
    )
  )
    return undefined
  if (!NAMES_HELO.test(text) && (stage !== 'ehlo' || !NAMES_NAME.test(text) || REPUTATION.test(text)))
    return undefined
  if (code === 500 || code === 502 || code === 503) return undefined
  const name = situation?.name === undefined ? '' : ` \`${situation.name.slice(0, 80)}\``
  return permanence === 'transient'
    ? `The server may not like the name${name} with which this client greets it. If another attempt fails, too, set ${OPTION_NAME}.`
    : `The server does not accept the name${name} with which this client greets it. Set ${OPTION_NAME}.`
}

const SLOW: Partial<Record<Stage, string>> = {
  ehlo: 'it may be looking up this machine in DNS, or it is busy',
  auth: 'it may be busy, or wait on purpose after failed log-ins',
  'mail-from': 'it may be checking the sender, or it is busy',
  'rcpt-to': 'it may be checking the recipient with another server, or delay on purpose as greylisting does',
  data: 'it may be busy',
  body: 'the network may be slow, or the server scans the content; a device on the way may also drop large packets',
}

/** Once the server has greeted, neither a firewall nor a wrong port explains a time-out. */
function slow(
  { stage, kind, delivered }: FailureFacts,
  situation: Situation | undefined,
): string | undefined {
  const why = SLOW[stage]
  if (kind !== 'timeout' || why === undefined || delivered === 'unknown') return undefined
  const option = situation?.options.timeout(stage) ?? `the time-out of this stage`
  return `The server greeted this client, so host and port are right, but then it was too slow: ${why}. If it keeps happening, raise ${option} (and the mailer's \`deadlineMs\`, if that is shorter).`
}

/** Failures in the stage `tls` that do not say that the server's TLS is broken. */
const NOT_BROKEN = /^(?:aborted|invalid-config|starttls-not-offered|response-injection|certificate-\w+)$/

function encryption({ stage, kind, reply }: FailureFacts, situation: Situation): string | undefined {
  const { tls, port, encrypted, options, host, greeting } = situation
  const isOwn = tls === 'starttls' && isLoopback(host) && !reply
  if (stage === 'tls' && (tls === 'opportunistic' || isOwn) && !NOT_BROKEN.test(kind))
    return `The server offers STARTTLS, but its TLS does not work. If it is on this machine or on a network that you trust, do without TLS: ${options.plain}.`
  if (stage === 'tls' && greeting !== undefined && BROKEN.includes(kind))
    return 'The server agreed to STARTTLS, but then its TLS did not work. Have its TLS settings checked, or use TLS from the start (`smtps://`, port 465).'
  if (tls === 'implicit' && stage === 'greeting' && kind === 'timeout')
    return 'TLS works, but no greeting follows. The port may belong to another service, such as HTTPS on 443 or IMAP on 993, or the server is slow.'
  if (tls !== 'implicit' && port === 465 && (stage === 'greeting' || stage === 'ehlo') && LOST.includes(kind))
    return 'Port 465 expects TLS from the start: use `smtps://`. For STARTTLS, use port 587.'
  if (tls === 'implicit' && (port === 587 || port === 25) && kind === 'not-tls')
    return `Port ${port} begins without TLS: use \`smtp://\`, which switches to TLS with STARTTLS. For TLS from the start, use port 465.`
  if (kind === 'certificate-hostname' && /^[\d.]+$|:/.test(host))
    return 'The host is an IP address, and certificates are for names: connect with a name that the certificate is for, or set `servername` in the TLS options to one.'
  if (kind === 'tls-required' && encrypted)
    return 'This connection is encrypted already, so the server means the way onward: the domain of the recipient, or a rule, demands TLS there. Ask the operator of the server.'
  return undefined
}

/** After STARTTLS, the usual hints would speak of a wrong port. */
const BROKEN: readonly Kind[] = ['timeout', 'connection-lost', 'not-tls']
const LOST: readonly Kind[] = ['timeout', 'connection-lost']
