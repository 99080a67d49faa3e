import { usualHint } from './hints.ts'
import { limitAdvice } from './limit-advice.ts'
import { loginAdvice } from './login-advice.ts'
import { networkAdvice } from './network-advice.ts'
import type { Reply } from './recipient-outcome.ts'
import type { FailureFacts, Situation } from './situation.ts'
import type { Kind } from './vocabulary.ts'

/** A hostile server may send much text. This is all that is looked at, in characters. */
const MOST_TEXT = 2_000

const MAYBE_DELIVERED =
  'The message may have been delivered: all of it was sent, but the server did not confirm it. Look in the server log or the mailbox before you send it again, or the recipient may get it twice.'

/** For kinds that usually pass, when the server refused for good. */
const FOR_GOOD: Partial<Record<Kind, string>> = {
  'tls-unavailable': "Have the server's TLS settings checked.",
  'auth-temporary':
    "Look at the account in the provider's settings: after too many failed log-ins it may be locked. The server does not say that the password is wrong.",
  'service-unavailable':
    "The server does not serve this client at all. Ask its operator why, or look at the provider's status page.",
  'server-error':
    "Look for the cause in the server's log, or ask its operator: the server says that another attempt will fail, too.",
  'server-storage': 'The operator of the server has to make room, or raise the limit for this account.',
  'rate-limited':
    'Wait until the limit allows more (most limits count over a day), and then send this message again: nothing does that by itself. If you need to send more, ask the provider for a higher limit.',
  greylisted: 'Ask the operator of the server to let this client through.',
  'mailbox-full': 'Reach the recipient in another way. If the mailbox stays full, it is probably abandoned.',
  'connection-lost':
    "Look in the server's log for this time: a limit, a crash or a firewall may have cut the connection.",
}

/** For kinds that somebody usually has to mend, when the server refused only for now. */
const FOR_NOW: Partial<Record<Kind, string>> = {
  'bad-credentials':
    'Check the user name and the password. If they are right, the server could not check them, or counts too many log-ins: another attempt may succeed.',
  'mailbox-unknown':
    'The server could not find or check the mailbox for now, and another attempt may succeed. If it keeps failing, check the spelling of the address.',
  'mailbox-disabled':
    'The mailbox takes no mail for now: another attempt may succeed. If it keeps failing, remove the address from your list.',
  'sender-rejected':
    "The server could not check the sender's address for now: another attempt may succeed. If it keeps failing, check that the sender's domain exists and that its mail servers answer.",
}

const ANOTHER = 'The server refused only for now: another attempt may succeed.'

/** How long to wait, where the server does not say. */
const GUESS = /^Try again (?:later|in a [a-z ]+)\.(?: |$)/

/** What to do about a failure, in one to three sentences. */
export function hintFor(failure: FailureFacts, situation: Situation | undefined): string {
  const { stage, kind, permanence, delivered, retryAfterMs } = failure
  const reply = failure.reply && { ...failure.reply, text: failure.reply.text.slice(0, MOST_TEXT) }
  const facts = { stage, kind, permanence, delivered, reply }
  if (delivered === 'unknown' && kind !== 'unexpected') return MAYBE_DELIVERED
  const hint = withWait(special(facts, situation) ?? byPermanence(facts), retryAfterMs)
  if (delivered === 'unknown')
    return `${hint} The message may have been delivered: check before you send it again.`
  if (delivered === 'some')
    return `${hint} The other recipients have the message: send it again only to those who were refused.`
  return hasLink(reply) ? `${hint} The link in the server's reply explains more.` : hint
}

function special(facts: FailureFacts, situation: Situation | undefined): string | undefined {
  // Each recipient has its own reason, and the reply is only the one to the first of them.
  if (facts.kind === 'mixed') return undefined
  return limitAdvice(facts, situation) ?? networkAdvice(facts, situation) ?? loginAdvice(facts, situation)
}

function byPermanence({ stage, kind, permanence, reply }: FailureFacts): string {
  const usual = usualHint(stage, kind)
  if (permanence === 'permanent') return FOR_GOOD[kind] ?? usual
  if (permanence !== 'transient' || !reply) return usual
  return FOR_NOW[kind] ?? (/\bagain\b|another attempt/i.test(usual) ? usual : `${usual} ${ANOTHER}`)
}

/** A hint with the wait that the server asks for, instead of a guess. */
function withWait(hint: string, retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined) return hint
  const wait = `Wait at least ${inWords(retryAfterMs)} before the next attempt.`
  const other = hint.replace(GUESS, '')
  return other === hint ? `${hint} ${wait}` : [wait, other].filter(Boolean).join(' ')
}

function inWords(ms: number): string {
  const [count, unit] =
    ms <= 120_000
      ? [ms / 1_000, 'second']
      : ms <= 7_200_000
        ? [ms / 60_000, 'minute']
        : [ms / 3_600_000, 'hour']
  const whole = Math.ceil(count)
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`
}

/** A page that the server points to. The hint does not repeat its address: a hostile server could put anything there. */
function hasLink(reply: Reply | undefined): boolean {
  return reply !== undefined && /\bhttps:\/\/[\w.-]+\.[a-z]{2,}\b/i.test(reply.text)
}
