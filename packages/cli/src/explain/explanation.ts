import type { MailError, Reply, Stage } from '@loudmail/core'
import type { Line } from './formats/line.ts'

/** What `loudmail explain` found. */
export interface Explanation {
  /** The failure; undefined if nothing failed. */
  readonly failure?: MailError | undefined
  /** What happened, where nothing failed. */
  readonly summary?: string | undefined
  /** What the server said, where nothing failed. */
  readonly reply?: Reply | undefined
  /** The same reply at other stages, where it means something else. */
  readonly otherwise?: readonly { readonly stages: readonly Stage[]; readonly failure: MailError }[]
  /** What this is not sure about, in sentences. */
  readonly unsure: readonly string[]
  /** What the log is, in words. */
  readonly format?: string | undefined
  readonly lines?: readonly Line[] | undefined
  /** The lines of the step that failed, by position. */
  readonly marked?: readonly number[] | undefined
  /** Other things worth saying, in sentences. */
  readonly notes?: readonly string[] | undefined
  /** It is about a code or a reply, not about a message that somebody sent. */
  readonly isGeneral?: boolean
}

/** The object that `--json` prints. */
export function explanationJson(explanation: Explanation): Record<string, unknown> {
  const { failure, otherwise = [], unsure, lines, marked = [], notes = [], format } = explanation
  const main = failure ? failureJson(failure) : { summary: explanation.summary, reply: explanation.reply }
  return {
    ...main,
    ...(otherwise.length > 0 && {
      otherwise: otherwise.map((each) => ({ ...failureJson(each.failure), stages: each.stages })),
    }),
    unsure,
    notes,
    format,
    entries: lines,
    failedAt: marked.length > 0 ? marked : undefined,
  }
}

function failureJson(failure: MailError): Record<string, unknown> {
  const { code, stage, kind, summary, hint, permanence, delivered, retryable, scope } = failure
  const { reply, location, recipients } = failure
  return {
    code,
    stage,
    kind,
    summary,
    hint,
    permanence,
    delivered,
    retryable,
    scope,
    reply,
    location,
    ...(recipients.length > 0 && { recipients }),
  }
}
