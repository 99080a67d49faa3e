import { Mailer, type MailEvent, type MessageInput, type Transport } from '@loudmail/core'
import { EXIT } from '../exit-status.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { POLICIES } from './policies.ts'
import { printReceipt } from './print-receipt.ts'
import type { SendOptions } from './send-options.ts'

/**
 * Sends messages and prints the outcome of each as it is known. Ctrl-C ends the sends in progress, and their failures say
 * how far they got.
 *
 * @returns the exit status
 */
export async function sendMessages(
  messages: readonly MessageInput[],
  transport: Transport,
  options: SendOptions,
  terminal: Terminal,
): Promise<number> {
  await using mailer = new Mailer({
    transport,
    failure: POLICIES[options.policy],
    deadlineMs: options.deadline === undefined ? undefined : options.deadline * 1_000,
    observe: (event) => tell(event, terminal),
  })
  const counts = { sent: 0, failed: 0, loud: 0 }
  const signal = terminal.interrupted
  for await (const { receipt } of mailer.sendMany(untilAborted(messages, signal), { signal })) {
    printReceipt(terminal, receipt, options)
    if (receipt.ok) counts.sent++
    else counts.failed++
    if (receipt.silenced === false) counts.loud++
  }
  const { sent, failed, loud } = counts
  const left = messages.length - sent - failed
  if (messages.length > 1 || left > 0)
    terminal.note(`${sent} sent, ${failed} failed${left > 0 ? `, ${left} not started` : ''}`)
  return loud > 0 ? EXIT.failed : EXIT.ok
}

function* untilAborted(messages: readonly MessageInput[], signal: AbortSignal): Iterable<MessageInput> {
  for (const message of messages) {
    if (signal.aborted) return
    yield message
  }
}

/** Notes what no receipt shows in time. Reading the error of every event takes it, so that it is not printed twice. */
export function tell(event: MailEvent, terminal: Terminal): void {
  const { type, error } = event
  if (type === 'attempt-failed' && error) terminal.note(`An attempt failed: ${error.message}`)
  if (type !== 'late-reply') return
  const subject = `A late reply about ${event.messageId ?? 'a message'}`
  terminal.note(error ? `${subject}: ${error.message}` : `${subject}: it was ${event.delivery.state}`)
}
