import type { RecipientOutcome, Reply } from './recipient-outcome.ts'

/** "Try again in 300 seconds", "retry after 5 minutes". */
const WAIT = /\b(?:in|after|for)\s+(\d{1,6})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)\b/i
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const

/** How long the replies of a failure ask to wait, in ms: the longest, if there are several. */
export function askedRetryAfterMs(failure: {
  readonly reply?: Reply | undefined
  readonly recipients: readonly RecipientOutcome[]
}): number | undefined {
  const asked = [failure.reply, ...failure.recipients.map(({ reply }) => reply)].map(replyRetryAfterMs)
  const known = asked.filter((ms) => ms !== undefined)
  return known.length > 0 ? Math.max(...known) : undefined
}

/** How long a reply asks to wait, in ms. Only a reply that refuses for now can ask for that. */
export function replyRetryAfterMs(reply: Reply | undefined): number | undefined {
  if (!reply || reply.code < 400 || reply.code > 499) return undefined
  const found = WAIT.exec(reply.text.slice(0, 2_000))
  if (!found) return undefined
  return Number(found[1]) * UNIT_MS[found[2]!.charAt(0).toLowerCase() as keyof typeof UNIT_MS]
}
