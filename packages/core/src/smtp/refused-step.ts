import type { MailErrorInit } from '../failure/mail-error.ts'
import type { Stage } from '../failure/vocabulary.ts'
import type { Answer } from './answer.ts'
import { refusesMechanism } from './mechanism-refusal.ts'
import { refusedToken } from './token-problem.ts'

/** A refusal of a step before MAIL. */
export interface RefusedStep {
  /** The greeting, EHLO, STARTTLS or the log-in. */
  readonly stage: Stage
  /** The reply that refuses it. */
  readonly answer: Answer
  /** What the server said about the access token before. */
  readonly problem?: string | undefined
}

/** What the failure of a message is that was not sent because the server refused a step before MAIL. */
export function refusedStep({
  stage,
  answer,
  problem,
}: RefusedStep): Pick<MailErrorInit, 'stage' | 'kind' | 'reply' | 'summary'> {
  const mechanism = answer.reply.command!.slice('AUTH '.length)
  const isMechanism = stage === 'auth' && refusesMechanism(answer, mechanism)
  const kind = isMechanism ? 'auth-mechanism' : answer.diagnosis(stage).kind
  const isExplained = kind === 'oauth-token' && problem !== undefined
  return {
    stage,
    kind,
    reply: answer.reply,
    summary: isExplained ? refusedToken(problem, answer) : undefined,
  }
}
