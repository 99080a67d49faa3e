import { MailError, type Kind, type Reply } from '@loudmail/core'
import type { Probe } from '@loudmail/smtp/probe'
import type { Wishes } from '../target.ts'
import { sizeInWords } from './describe-offer.ts'
import type { StepLog } from './step-log.ts'
import { stepName } from './step-name.ts'
import type { TestMessage } from './test-message.ts'

/**
 * Asks for the sender and the recipients of a message that is not sent, and ends that with RSET.
 *
 * @returns the commands that the server accepted; undefined if one failed, or the connection cannot be used any more
 */
export async function envelopeSteps(
  probe: Probe,
  test: TestMessage,
  log: StepLog,
  { to, sizeOctets }: Pick<Wishes, 'to' | 'sizeOctets'>,
): Promise<{ readonly mail: string; readonly rcpt: readonly string[] } | undefined> {
  const { capabilities } = probe
  const { from, smtputf8, to: recipients } = test.message.envelope
  const unfit = unfitFor(probe, smtputf8, sizeOctets)
  if (unfit) {
    log.fail('MAIL FROM', 0, unfit)
    return undefined
  }
  const size = sizeOctets !== undefined && capabilities.has('SIZE') ? ` SIZE=${sizeOctets}` : ''
  const mail = `MAIL FROM:<${from}>${size}${smtputf8 ? ' SMTPUTF8' : ''}`
  const large = size === '' ? '' : `, also for ${sizeInWords(sizeOctets!)}`
  if (!(await askSender(probe, mail, test, large, log))) {
    if (!log.failure && to.length > 0)
      log.skip('rcpt-to', 'RCPT TO', 'Not tried, because the sender was not accepted.')
    return undefined
  }
  const rcpt = (to.length > 0 ? recipients : []).map((address) => `RCPT TO:<${address}>`)
  if (to.length === 0)
    log.skip(
      'rcpt-to',
      'RCPT TO',
      'Not tried: name a recipient with `--to ann@example.com`. Nothing is sent.',
    )
  if (!(await askRecipients(probe, rcpt, test, log))) return undefined
  return (await reset(probe, log)) ? { mail, rcpt } : undefined
}

async function askSender(
  probe: Probe,
  command: string,
  test: TestMessage,
  large: string,
  log: StepLog,
): Promise<boolean> {
  const { answer, durationMs } = await ask(probe, 'mail-from', command, log)
  if (MailError.is(answer)) {
    if (!onlyMadeUp(answer, durationMs, test, log)) log.fail('MAIL FROM', durationMs, answer)
    return false
  }
  const madeUp = test.isMadeUp ? ' (made up: say which one your application uses with `--from`)' : ''
  const detail = `The sender ${test.message.envelope.from}${madeUp} is accepted${large}.`
  log.add({ stage: 'mail-from', name: 'MAIL FROM', verdict: 'pass', durationMs, detail, reply: answer })
  return true
}

/** A refusal of one recipient does not keep the others from being asked. */
async function askRecipients(
  probe: Probe,
  commands: readonly string[],
  test: TestMessage,
  log: StepLog,
): Promise<boolean> {
  let isAccepted = true
  for (const command of commands) {
    const address = command.slice('RCPT TO:<'.length, -1)
    const { answer, durationMs } = await ask(probe, 'rcpt-to', command, log)
    if (MailError.is(answer)) {
      isAccepted = false
      // Many servers refuse the sender only here.
      if (onlyMadeUp(answer, durationMs, test, log)) break
      log.fail('RCPT TO', durationMs, answer, `This was the answer for ${address}.`)
      if (!answer.reply || answer.reply.code === 421) break
    } else {
      const detail = `The recipient ${address} is accepted.`
      log.add({ stage: 'rcpt-to', name: 'RCPT TO', verdict: 'pass', durationMs, detail, reply: answer })
    }
  }
  return isAccepted
}

/** A server that refuses a made-up sender may accept that of the application: this is only a warning. */
function onlyMadeUp(
  error: MailError,
  durationMs: number,
  { isMadeUp, message }: TestMessage,
  log: StepLog,
): boolean {
  if (!isMadeUp || error.scope !== 'sender') return false
  const { stage, reply } = error
  const detail = `The server does not accept the made-up sender ${message.envelope.from}. Say which one your application uses: \`--from ann@example.com\`.`
  log.add({ stage, name: stepName(error), verdict: 'warn', durationMs, detail, reply })
  return true
}

async function reset(probe: Probe, log: StepLog): Promise<boolean> {
  const { answer, durationMs } = await ask(probe, 'mail-from', 'RSET', log)
  const step = { stage: 'mail-from', name: 'RSET', durationMs } as const
  if (!MailError.is(answer)) {
    log.add({
      ...step,
      verdict: 'pass',
      detail: 'The transaction is undone. Nothing was sent.',
      reply: answer,
    })
    return true
  }
  const detail =
    'The server does not undo the transaction. Loudmail then opens a new connection for the next message.'
  if (answer.kind === 'aborted') log.fail('RSET', durationMs, answer)
  else log.add({ ...step, verdict: 'warn', detail, reply: answer.reply })
  return false
}

async function ask(
  probe: Probe,
  stage: 'mail-from' | 'rcpt-to',
  command: string,
  log: StepLog,
): Promise<{ readonly answer: Reply | MailError; readonly durationMs: number }> {
  log.waitFor(`the answer to ${command.split(':')[0]}`)
  const begun = performance.now()
  const answer = await probe.ask(stage, command).catch((error: unknown) => {
    if (MailError.is(error)) return error
    throw error
  })
  return { answer, durationMs: performance.now() - begun }
}

/** What `smtp()` sees in the EHLO reply before it asks. */
function unfitFor(probe: Probe, smtputf8: boolean, sizeOctets: number | undefined): MailError | undefined {
  const { capabilities } = probe
  const { maxSize } = capabilities
  const fail = (kind: Kind, summary?: string): MailError =>
    new MailError({ stage: 'mail-from', kind, summary, transcript: probe.transcript() })
  if (smtputf8 && !capabilities.has('SMTPUTF8')) return fail('smtputf8-required')
  return sizeOctets !== undefined && maxSize !== undefined && sizeOctets > maxSize
    ? fail(
        'message-too-large',
        `a message of ${sizeInWords(sizeOctets)} is larger than the server accepts: it takes at most ${sizeInWords(maxSize)}`,
      )
    : undefined
}
