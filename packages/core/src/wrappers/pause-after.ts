import type { MailError } from '../failure/mail-error.ts'

/** Some servers ask to wait for a day, but the reason may be gone much sooner. In ms. */
const LONGEST_ASKED_MS = 3_600_000

/** How long to send nothing through a transport after this failure, in ms: `leastMs`, or longer if it asks for that, up to an hour. */
export function pauseAfter(error: MailError, leastMs: number): number {
  return Math.max(leastMs, Math.min(error.retryAfterMs ?? 0, LONGEST_ASKED_MS))
}
