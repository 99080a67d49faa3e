import { STAGES, type MailError } from '@loudmail/core'
import type { Candidate, Trouble } from './candidate.ts'
import { candidatesFor } from './candidates-for.ts'
import { conclude, gotFurther, type Finding } from './conclude.ts'
import { endpointOf } from './endpoint.ts'
import type { Outcome, Trials } from './trials.ts'

type Triable = Outcome['candidate']

/**
 * Tries what may help, the likeliest first, and says what is known about it.
 *
 * @param mayGoOn with a candidate that fails later than before: one more change may help
 */
export async function explore(trouble: Trouble, trials: Trials, mayGoOn: boolean): Promise<Finding[]> {
  const all = await candidatesFor(trouble)
  const advice = all
    .filter((candidate) => !isTriable(candidate))
    .map((candidate) => ({ candidate, verified: false }))
  const { best, others, failed } = await tryAll(all.filter(isTriable), trials)
  const found = best
    ? await conclude(best, others, trouble.failure, trials)
    : { findings: [], failed: undefined }
  if (found.findings.some(({ verified }) => verified))
    return [...found.findings, ...advice.filter(({ candidate }) => !candidate.isUsual)]
  const further = found.failed ?? furthest(failed, trouble.failure)
  if (!further || !mayGoOn) return [...found.findings, ...advice]
  const more = await goOn(trouble, further, trials)
  const isSolved = more.some(({ verified }) => verified)
  return isSolved ? more : [gotFurther(further), ...found.findings.slice(found.failed ? 1 : 0), ...more]
}

function isTriable(candidate: Candidate): candidate is Triable {
  return candidate.options !== undefined && !candidate.isUntried
}

interface Trialed {
  readonly best: Outcome | undefined
  /** Candidates that are as good as the best as far as is known. */
  readonly others: readonly Triable[]
  readonly failed: readonly Outcome[]
}

/** Until one works. After one that works only unencrypted, those that may be encrypted are tried as well. */
async function tryAll(candidates: readonly Triable[], trials: Trials): Promise<Trialed> {
  let best: Outcome | undefined
  const others: Triable[] = []
  const failed: Outcome[] = []
  for (const candidate of candidates) {
    if (best?.encrypted || (best && endpointOf(candidate.options).tls === 'none')) {
      if (candidate.isReached) others.push(candidate)
      continue
    }
    if (trials.hasTried(candidate)) continue
    if (!trials.mayReach) break
    const outcome = await trials.reach(candidate)
    if (outcome.state === 'failed') failed.push(outcome)
    else if (!best || outcome.encrypted) best = outcome
  }
  return { best, others, failed }
}

/** The candidate that came further than the application, and furthest of all. */
function furthest(failed: readonly Outcome[], before: MailError): Outcome | undefined {
  // Where TLS comes first, a certificate that is not accepted is further than a greeting that does not come.
  const progress = ({ failure, certificates }: Outcome): number =>
    Math.max(STAGES.indexOf(failure!.stage), certificates.length > 0 ? STAGES.indexOf('greeting') + 0.5 : 0)
  return failed
    .filter(
      (outcome) => progress(outcome) > STAGES.indexOf(before.stage) && outcome.failure!.kind !== 'timeout',
    )
    .toSorted((one, other) => progress(other) - progress(one))[0]
}

/** One more change on top of a candidate. */
async function goOn(trouble: Trouble, outcome: Outcome, trials: Trials): Promise<Finding[]> {
  const { candidate, failure, certificates } = outcome
  const { options } = candidate
  const next: Trouble = {
    ...trouble,
    options,
    failure: failure!,
    certificates: () =>
      certificates.length > 0 ? Promise.resolve(certificates) : trials.certificates(options),
  }
  const findings = await explore(next, trials, false)
  return findings.map((finding) =>
    finding.candidate.options
      ? {
          ...finding,
          candidate: { ...finding.candidate, change: `${candidate.change} ${finding.candidate.change}` },
        }
      : finding,
  )
}
