import { MailError, type Kind, type Reply, type Stage } from '@loudmail/core'
import { diagnoseReply, SMTP_OPTION_WORDS, type Situation } from '@loudmail/core/transport'
import type { Explanation } from './explanation.ts'
import { readReply } from './read-reply.ts'
import { stageInWords, stagesOfReply } from './stages-of-reply.ts'

/** What the caller says about a reply. */
export interface ReplyContext {
  readonly stage: Stage | undefined
  readonly host: string | undefined
}

/** Explains what a server said, in the words of the failure that it would be; undefined if it is not clear that it is a reply. */
export function explainReply(text: string, { stage, host }: ReplyContext): Explanation | undefined {
  const read = readReply(text)
  if (!read) return undefined
  const { reply, unsure, isCertain } = read
  if (reply.code < 400) return positive(reply)
  const { stages, isGuessed } = stage ? { stages: [stage], isGuessed: false } : stagesOfReply(reply)
  // Words without a code, of which no stage knows anything, may be anything.
  if (!isCertain && !isGuessed && !isKnown(stages, reply)) return undefined
  const [first, ...others] = grouped(stages, reply, host)
  return {
    failure: first!.failure,
    otherwise: others,
    unsure: [...unsure, ...(stage ? [] : [doubt(first!.stages, others.length > 0, isGuessed)])],
    isGeneral: true,
  }
}

function positive(reply: Reply): Explanation {
  const summary =
    reply.code < 300
      ? 'This is not a failure: the server did what it was asked.'
      : 'This is not a failure: the server waits for more, such as the content after DATA or the next step of a log-in.'
  return { summary, reply, unsure: [], isGeneral: true }
}

function isKnown(stages: readonly Stage[], reply: Reply): boolean {
  return stages.some(
    (stage) =>
      !/^(?:rejected|protocol|sender-rejected|tls-unavailable)$/.test(diagnoseReply(stage, reply).kind),
  )
}

function doubt(stages: readonly Stage[], hasOthers: boolean, isGuessed: boolean): string {
  if (isGuessed && !hasOthers && stages.length === 1)
    return `The text does not say at which step it came: ${stageInWords(stages[0]!)} is a guess from its words. --stage sets it.`
  return hasOthers
    ? 'The text does not say at which step it came, and that decides what it means: --stage sets it.'
    : `The text does not say at which step it came: it means the same at ${stages.join(', ')}.`
}

/** The stages at which the reply means the same. */
function grouped(
  stages: readonly Stage[],
  reply: Reply,
  host: string | undefined,
): { readonly stages: Stage[]; readonly failure: MailError }[] {
  const groups: { stages: Stage[]; failure: MailError }[] = []
  for (const stage of stages) {
    const failure = failureAt(stage, reply, host)
    const same = groups.find(
      (group) =>
        group.failure.kind === failure.kind &&
        group.failure.hint === failure.hint &&
        group.failure.scope === failure.scope,
    )
    if (same) same.stages.push(stage)
    else groups.push({ stages: [stage], failure })
  }
  return groups
}

function failureAt(stage: Stage, reply: Reply, host: string | undefined): MailError {
  const { kind, scope } = diagnoseReply(stage, reply)
  return new MailError({ stage, kind, scope, reply, situation: situationAt(stage, kind, host) })
}

/** Who is refused at the log-in, or reaches the limit of an account, logs in. Nothing else is known about the connection. */
function situationAt(stage: Stage, kind: Kind, host: string | undefined): Situation {
  return {
    host: host ?? '',
    port: 587,
    tls: 'starttls',
    auth: stage === 'auth' || kind === 'rate-limited' ? 'password' : undefined,
    name: undefined,
    connections: undefined,
    options: SMTP_OPTION_WORDS,
    encrypted: false,
  }
}
