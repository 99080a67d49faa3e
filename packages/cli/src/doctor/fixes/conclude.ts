import type { MailError } from '@loudmail/core'
import type { Candidate } from './candidate.ts'
import { endpointOf } from './endpoint.ts'
import type { Outcome, Trials } from './trials.ts'

/** A change with what is known about it. */
export interface Finding {
  readonly candidate: Candidate
  readonly verified: boolean
  /** What follows the change in the text. */
  readonly note?: string
}

/** What is known in the end, and the candidate that failed with its log-in, if it came further than before. */
export interface Conclusion {
  readonly findings: readonly Finding[]
  readonly failed: Outcome | undefined
}

/**
 * Spends the log-in of the run on the best candidate, if it needs one.
 *
 * @param others as good as the best as far as is known
 * @param before why the application fails
 */
export async function conclude(
  best: Outcome,
  others: readonly Outcome['candidate'][],
  before: MailError,
  trials: Trials,
): Promise<Conclusion> {
  const { candidate, state } = best
  if (state === 'works') return only({ candidate, verified: true })
  if (!candidate.options.auth) return only({ candidate, verified: false, note: NEEDS_RECIPIENT })
  if (candidate.isUnconfirmed && !endpointOf(candidate.options).isOwn)
    return only({ candidate, verified: false, note: UNCONFIRMED })
  const rest = others.map((each) => ({ candidate: each, verified: false, note: NOT_LOGGED_IN }))
  if (!trials.mayLogIn) return only({ candidate, verified: false, note: NOT_LOGGED_IN }, ...rest)
  const outcome = await trials.logIn(candidate)
  if (outcome.state === 'works') return only({ candidate, verified: true })
  // What fails as before is no fix.
  if (outcome.failure!.code === before.code) return only(...rest)
  // After a log-in that the server took, other credentials are no question any more.
  const open = outcome.failure!.stage === 'auth' ? rest : []
  return { findings: [gotFurther(outcome), ...open], failed: outcome }
}

function only(...findings: readonly Finding[]): Conclusion {
  return { findings, failed: undefined }
}

/** A change that helps, but not enough. */
export function gotFurther({ candidate, failure }: Outcome): Finding {
  const note = `Then it gets further, but fails with ${failure!.code}: ${failure!.summary}.`
  return { candidate, verified: false, note }
}

const NOT_LOGGED_IN =
  'This is not tried: a log-in that is refused more often can lock the account, and the doctor makes only one more.'
const UNCONFIRMED =
  'The server answers then. The log-in is not tried: the doctor sends no password to a server that nobody has confirmed.'
const NEEDS_RECIPIENT =
  'The server answers then. Run the doctor again with `--to` to see whether it takes mail for a recipient without a log-in.'
