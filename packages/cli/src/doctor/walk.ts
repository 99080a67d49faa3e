import { MailError, type Transport } from '@loudmail/core'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import { probe, type Probe } from '@loudmail/smtp/probe'
import type { Step } from './report.ts'
import { destinationOf, type Destination } from './steps/destination.ts'
import { envelopeSteps } from './steps/envelope-steps.ts'
import { networkSteps } from './steps/network-steps.ts'
import { OpeningSteps } from './steps/opening-steps.ts'
import { pipeliningStep } from './steps/pipelining-step.ts'
import { sendStep } from './steps/send-step.ts'
import { skipRest } from './steps/skip-rest.ts'
import { StepLog } from './steps/step-log.ts'
import { stepName } from './steps/step-name.ts'
import { testMessage, type TestMessage } from './steps/test-message.ts'
import { transportSteps } from './steps/transport-steps.ts'
import type { Target, Wishes } from './target.ts'

/** What a walk through the stages found. */
export interface Walk {
  readonly steps: readonly Step[]
  /** Of the first step that failed: what `smtp()` would throw. */
  readonly failure?: MailError | undefined
}

/**
 * Walks through the stages of a send, one after the other, up to the first that fails. Nothing is sent unless that is asked
 * for. It closes every connection that it opens, and the transport of the target.
 */
export async function walk(target: Target, wishes: Wishes): Promise<Walk> {
  const log = new StepLog(wishes)
  try {
    await walkStages(target, wishes, log)
  } catch (error) {
    if (!MailError.is(error)) throw error
    log.fail(stepName(error), 0, error)
  } finally {
    if (target.transport) await close(target.transport)
  }
  if (log.failure && target.options) skipRest(log, target.options, wishes)
  return { steps: log.steps, failure: log.failure }
}

/** @throws MailError for options or addresses that cannot be used */
async function walkStages(target: Target, wishes: Wishes, log: StepLog): Promise<void> {
  const { options, transport } = target
  if (!options) {
    const message = testMessage(wishes, undefined, '')
    if (transport) await transportSteps(transport, message, log, wishes)
    return
  }
  const timed = { ...options, timeoutMs: options.timeoutMs ?? wishes.timeoutMs }
  const destination = destinationOf(timed)
  const message = testMessage(wishes, options.auth?.user, destination.host)
  await walkToMail(timed, destination, message, log, wishes)
  if (log.failure || wishes.to.length === 0) return
  if (wishes.send) await send(transport, timed, message, log, wishes)
  else log.skip('body', 'send', 'Nothing was sent: add `--send` to send a short message.')
}

async function walkToMail(
  options: SmtpOptions,
  destination: Destination,
  message: TestMessage,
  log: StepLog,
  wishes: Wishes,
): Promise<void> {
  const { signal } = wishes
  const found = await networkSteps(destination, options, log, signal)
  const opening = new OpeningSteps(log, destination, options)
  let opened: Probe
  try {
    opened = await probe({ ...options, ...found }, { onEvent: opening.onEvent, signal })
  } catch (error) {
    if (!MailError.is(error)) throw error
    return opening.failed(error)
  }
  try {
    opening.succeeded()
    const accepted = await envelopeSteps(opened, message, log, wishes)
    if (accepted) await pipeliningStep(opened, accepted, log, options.pipelining !== false)
    if (!log.failure)
      log.add({
        stage: 'mail-from',
        name: 'QUIT',
        verdict: 'pass',
        durationMs: 0,
        detail: 'The connection is closed.',
      })
  } finally {
    opened.close()
  }
}

async function send(
  own: Transport | undefined,
  options: SmtpOptions,
  message: TestMessage,
  log: StepLog,
  wishes: Wishes,
): Promise<void> {
  const transport = own ?? smtp(options)
  try {
    await sendStep(transport, message, log, wishes)
  } finally {
    await close(transport)
  }
}

/** How long a transport may take to close, in ms. */
const CLOSING_MS = 2_000

/** What was found is worth more than a transport that does not close well. */
async function close(transport: Transport): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSING_MS)))
  const closed = Promise.resolve()
    .then(() => transport.close?.())
    .catch(() => {})
  await Promise.race([closed, patience])
  clearTimeout(timer)
}
