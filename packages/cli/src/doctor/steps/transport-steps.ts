import { MailError, type Transcript, type Transport } from '@loudmail/core'
import { diagnoseAbort, joinTranscripts } from '@loudmail/core/transport'
import type { Wishes } from '../target.ts'
import { ownFailure } from './own-failure.ts'
import { sendStep } from './send-step.ts'
import type { StepLog } from './step-log.ts'
import { stepName } from './step-name.ts'
import { stepsOfTranscript } from './steps-of-transcript.ts'
import type { TestMessage } from './test-message.ts'

/** Checks a transport that shows no options, as the application would, and reads the steps from its conversation. */
export async function transportSteps(
  transport: Transport,
  message: TestMessage,
  log: StepLog,
  wishes: Wishes,
): Promise<void> {
  const { to, send, signal } = wishes
  if (transport.verify) await verify(transport, log, signal)
  else log.skip('connect', 'verify', `${transport.name} has no verify(): only a send shows whether it works.`)
  if (log.failure) return
  if (send && to.length > 0) await sendStep(transport, message, log, wishes)
  else
    log.skip('body', 'send', 'Nothing was sent: add `--send --to ann@example.com` to send a short message.')
}

async function verify(transport: Transport, log: StepLog, signal: AbortSignal): Promise<void> {
  log.waitFor(`${transport.name}.verify()`)
  const recorded: Transcript[] = []
  const begun = performance.now()
  const outcome = await ended(
    // A transport of others may throw at once.
    (async () => transport.verify!({ signal, trace: { add: (transcript) => recorded.push(transcript) } }))(),
    signal,
  )
  const durationMs = performance.now() - begun
  const transcript = outcome?.transcript ?? joinTranscripts(recorded)
  const steps = transcript ? stepsOfTranscript(transcript) : []
  const failed = outcome && steps.findLastIndex(({ stage }) => stage === outcome.stage)
  for (const [index, step] of steps.entries()) {
    if (index === failed) log.fail(step.name, step.durationMs, outcome!)
    else log.add(step)
  }
  if (outcome && failed! < 0) log.fail(stepName(outcome), durationMs, outcome)
  if (!outcome && steps.length === 0) {
    const detail = `${transport.name}.verify() works. It shows no conversation, so the single steps are not known.`
    log.add({ stage: 'connect', name: 'verify', verdict: 'pass', durationMs, detail })
  }
}

/** Undefined if it worked. A transport may not listen to the signal. */
function ended(verified: Promise<void>, signal: AbortSignal): Promise<MailError | undefined> {
  return new Promise((resolve) => {
    const onAbort = (): void => resolve(new MailError({ stage: 'connect', ...diagnoseAbort(signal) }))
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    verified
      .then(
        () => resolve(undefined),
        (error: unknown) => resolve(ownFailure(error, 'connect')),
      )
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}
