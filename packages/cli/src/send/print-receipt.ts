import { formatTranscript, type MailError, type Receipt } from '@loudmail/core'
import { visible } from '@loudmail/core/transport'
import { printFailure } from '../terminal/print-failure.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { receiptJson } from './receipt-json.ts'
import type { SendOptions } from './send-options.ts'

/** Prints what became of a message. A silenced failure goes to standard error: it is not a result, but it is never lost. */
export function printReceipt(
  terminal: Terminal,
  receipt: Receipt,
  { json }: Pick<SendOptions, 'json'>,
): void {
  if (json) {
    terminal.printJsonLine(receiptJson(receipt))
    if (receipt.silenced) terminal.note(`silenced by --policy: ${receipt.error.message}`)
  } else if (receipt.ok) printSuccess(terminal, receipt)
  else {
    if (receipt.silenced) terminal.note('This failure is silenced by --policy:')
    printFailure(terminal, inWords(receipt.error, terminal), { transcript: true, note: receipt.silenced })
  }
}

/** Ctrl-C is no riddle to whoever pressed it. */
function inWords(error: MailError, { interrupted }: Terminal): MailError {
  if (!interrupted.aborted || error.kind !== 'aborted') return error
  const hint =
    error.delivered === 'none' ? 'Nothing was delivered. Send it again if it should go out.' : error.hint
  return error.with({ summary: 'you stopped it with Ctrl-C', hint })
}

function printSuccess(terminal: Terminal, receipt: Receipt & { readonly ok: true }): void {
  const { state, messageId, transport, durationMs, response, transcript } = receipt
  const facts = [
    terminal.styled('green', `✓ ${state}`),
    ...(messageId === undefined ? [] : [messageId]),
    `through ${transport} in ${Math.max(1, Math.round(durationMs))} ms`,
  ].join(' ')
  terminal.print(response === undefined ? facts : `${facts}: ${visible(response.replaceAll('\n', ' '))}`)
  if (transcript) terminal.print(terminal.styled('dim', formatTranscript(transcript)))
}
