import { MailError, type Receipt } from '@loudmail/core'
import { FAILURE_FIELDS, type FailedSend, type FailureShape } from './failure-shape.ts'
import { mailReport } from './mail-report.ts'
import { matcherResult, type MatcherResult } from './matcher-result.ts'
import { shapeChecks } from './shape.ts'
import { openInbox } from '../inbox/test-inbox.ts'
import { shown } from './value-match.ts'
import { isWanted, type WantedMail } from './wanted-mail.ts'

/** Whether a MailError or a receipt is such a failure, or a send of a source failed that way. */
export async function toHaveFailed(received: unknown, shape: FailureShape = {}): Promise<MatcherResult> {
  const checks = shapeChecks(shape, FAILURE_FIELDS, 'toHaveFailed()')
  const differences = (send: FailedSend): string[] => checks.flatMap((check) => check(send) ?? [])
  const text = checks.length === 0 ? '' : ` with ${shown(shape)}`
  const wanted = { yes: `a failure${text}`, no: `no failure${text}` }

  const single = MailError.is(received)
    ? { error: received, state: 'failed' }
    : isReceipt(received)
      ? received
      : undefined
  if (single) {
    const { error } = single
    const found = error ? differences({ error, to: [] }) : ['the send did not fail']
    const pass = found.length === 0
    const report = [
      `Found:  ${error?.message ?? `a send that was ${single.state}`}`,
      ...(error && pass ? [error.hint] : found),
    ]
    return matcherResult(pass, 'toHaveFailed()', wanted, () => report.join('\n  '))
  }

  const mails = await openInbox(received, 'toHaveFailed()', 'a MailError, a receipt, ').mails()
  const failed: WantedMail = {
    text,
    differences: ({ error, envelope }) => error && differences({ error, to: envelope.to }),
  }
  const pass = mails.some((mail) => isWanted(mail, failed))
  return matcherResult(pass, 'toHaveFailed()', wanted, () => mailReport(mails, failed))
}

function isReceipt(value: unknown): value is Receipt {
  return typeof value === 'object' && value !== null && 'ok' in value && 'durationMs' in value
}
