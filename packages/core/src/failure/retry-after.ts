import { canTryRecipientAgain, type RecipientOutcome, type Reply } from './recipient-outcome.ts'
import { providerOf } from './providers.ts'
import type { Situation } from './situation.ts'
import type { Kind, Permanence } from './vocabulary.ts'
import { waitInWords } from './wait-in-words.ts'

/** A server that asks for more than a day is read as asking for a day: nothing in memory waits longer. */
const LONGEST_WAIT_MS = 86_400_000

/** What is known about a failure when its wait is read. */
interface Facts {
  readonly kind: Kind
  readonly permanence: Permanence
  readonly reply?: Reply | undefined
  readonly situation?: Situation | undefined
  /** What a transport read from something other than a reply, such as the header field `Retry-After`. */
  readonly asked?: number | undefined
}

/** A wait in whole ms and within bounds; undefined if it is none. */
export function boundedWait(ms: number | undefined): number | undefined {
  return typeof ms === 'number' && ms > 0 ? Math.min(Math.ceil(ms), LONGEST_WAIT_MS) : undefined
}

/** How long a reply asks to wait, in ms. It must have refused for now. */
function askedWait(reply: Reply | undefined, kind: Kind, situation?: Situation): number | undefined {
  if (!reply || reply.code < 400) return undefined
  return boundedWait(waitInWords(reply.text) ?? providersWait(reply, kind, situation))
}

/** What the provider's documentation says about this reply. */
function providersWait({ text }: Reply, kind: Kind, situation: Situation | undefined): number | undefined {
  if (kind !== 'rate-limited') return undefined
  return providerOf(situation, text)?.waits?.find(({ says }) => says.test(text))?.ms
}

/** The outcomes, each with the wait that was asked for: of those who can be tried again, and of those in doubt. */
export function withWaits(
  recipients: readonly RecipientOutcome[],
  facts: Facts,
): readonly RecipientOutcome[] {
  const { permanence, reply, kind, situation } = facts
  const asked = boundedWait(facts.asked)
  if (recipients.length === 0 || (asked === undefined && !reply && recipients.every(saysNothing)))
    return recipients
  // A reply to MAIL, to DATA or with 421 is for everybody; another one may be the one to another recipient.
  const isForAll =
    reply && (reply.code === 421 || recipients.every((each) => each.reply?.text !== reply.text))
  const ofAll = asked ?? (isForAll ? askedWait(reply, kind, situation) : undefined)
  return recipients.map((outcome) => {
    if (outcome.status !== 'unknown' && !canTryRecipientAgain(outcome, permanence)) return without(outcome)
    // It is known already, and 0 means that there is no need to wait, whatever the reply says.
    if (outcome.retryAfterMs !== undefined) return bounded(outcome, outcome.retryAfterMs)
    const own = askedWait(outcome.reply, outcome.kind ?? kind, situation)
    const retryAfterMs = own ?? (asked !== undefined || !outcome.reply ? ofAll : undefined)
    return retryAfterMs === undefined ? outcome : { ...outcome, retryAfterMs }
  })
}

function bounded(outcome: RecipientOutcome, ms: number): RecipientOutcome {
  const retryAfterMs = boundedWait(ms) ?? 0
  return retryAfterMs === ms ? outcome : { ...outcome, retryAfterMs }
}

function saysNothing({ reply, retryAfterMs }: RecipientOutcome): boolean {
  return reply === undefined && retryAfterMs === undefined
}

function without(outcome: RecipientOutcome): RecipientOutcome {
  if (outcome.retryAfterMs === undefined) return outcome
  const { retryAfterMs: _, ...rest } = outcome
  return rest
}

/** The longest wait that was asked for; for a failure without recipients, the one of its reply. */
export function longestWait(recipients: readonly RecipientOutcome[], facts: Facts): number | undefined {
  if (recipients.length > 0) {
    const longest = recipients.reduce((most, { retryAfterMs = 0 }) => Math.max(most, retryAfterMs), 0)
    return longest > 0 ? longest : undefined
  }
  if (facts.permanence === 'permanent') return undefined
  return boundedWait(facts.asked) ?? askedWait(facts.reply, facts.kind, facts.situation)
}
