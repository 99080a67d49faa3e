import type { Stage } from '@loudmail/core'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Wishes } from '../target.ts'
import type { StepLog } from './step-log.ts'

/** The detail of a step that was not reached. */
export const NOT_TRIED = 'Not tried, because an earlier step failed.'

/** Names the steps that were not reached because an earlier one failed. */
export function skipRest(
  log: StepLog,
  options: SmtpOptions,
  { to, send }: Pick<Wishes, 'to' | 'send'>,
): void {
  const plan: readonly (readonly [stage: Stage, name: string, isWanted: boolean])[] = [
    ['dns', 'name look-up', true],
    ['connect', 'connection', true],
    ['tls', 'TLS', options.tls !== 'none'],
    ['greeting', 'greeting', true],
    ['ehlo', 'EHLO', true],
    ['auth', 'log-in', options.auth !== undefined],
    ['mail-from', 'MAIL FROM', true],
    ['rcpt-to', 'RCPT TO', to.length > 0],
    ['body', 'send', send],
  ]
  const reached = new Set(log.steps.map(({ stage }) => stage))
  for (const [stage, name, isWanted] of plan)
    if (isWanted && !reached.has(stage)) log.skip(stage, name, NOT_TRIED)
}
