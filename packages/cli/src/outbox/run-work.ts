import type { MailEvent, Receipt } from '@loudmail/core'
import { worker } from '@loudmail/outbox'
import { EXIT } from '../exit-status.ts'
import { createTransport } from '../send/create-transport.ts'
import { printReceipt } from '../send/print-receipt.ts'
import { readPasswords } from '../send/read-password.ts'
import { readUrl } from '../send/read-url.ts'
import { receiptJson } from '../send/receipt-json.ts'
import { tell } from '../send/send-messages.ts'
import { printRow } from '../terminal/print-row.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { untilStopped } from '../until-stopped.ts'
import { UsageError } from '../usage-error.ts'
import type { WorkOptions } from './outbox-options.ts'
import { withOutbox } from './with-outbox.ts'

/**
 * Sends what is in the outbox until SIGTERM or Ctrl-C, and prints the outcome of each message.
 *
 * @returns the exit status
 */
export async function runWork(options: WorkOptions, terminal: Terminal): Promise<number> {
  const { concurrency, inDoubt, quiet } = options
  const url = readUrl(urlOf(options), options, terminal)
  const transport = await createTransport(url, await readPasswords(url.urls, options, terminal), {})
  const counts = { sent: 0, later: 0, failed: 0 }
  const observe = (event: MailEvent): void => {
    tell(event, terminal)
    const receipt = receiptOf(event)
    if (!receipt) return
    counts[receipt.ok ? (receipt.state === 'queued' ? 'later' : 'sent') : 'failed']++
    printOutcome(terminal, receipt, idOf(event), options)
  }
  // Before anything is sent, so that no signal is missed.
  const stopped = untilStopped(terminal)
  return withOutbox(
    options,
    terminal,
    async (box) => {
      // A worker waits for a store that comes back. One that cannot be opened now is more likely the wrong one.
      await box.store.open()
      const sender = worker(box, { concurrency, inDoubt, observe })
      try {
        if (!quiet) terminal.note(`Sending what is in ${box.name}. Ctrl-C stops it.`)
        await stopped.signal
        terminal.note('No more messages are started.')
      } finally {
        stopped.forget()
        await sender.close()
        const { sent, later, failed } = counts
        terminal.note(
          `${sent} sent, ${failed} failed${later > 0 ? `, ${later} to be tried again later` : ''}`,
        )
      }
      return EXIT.ok
    },
    transport,
  )
}

function urlOf({ url, env }: WorkOptions): readonly string[] {
  if (url !== undefined && env !== undefined) throw new UsageError('--url and --env exclude each other')
  if (url === undefined && env === undefined)
    throw new UsageError('the URL of the mail server is missing: add --url, or name a variable with --env')
  return url === undefined ? [] : [url]
}

/** What a caller of the mailer of the worker would get. */
function receiptOf(event: MailEvent): Receipt | undefined {
  if (event.type === 'sent') return event.receipt
  if (event.type !== 'failed') return undefined
  const { error, silenced, messageId, transport, durationMs } = event
  const { failures, transcript } = error
  return {
    ok: false,
    state: 'failed',
    error,
    silenced,
    messageId,
    transport,
    durationMs,
    failures,
    transcript,
  }
}

function printOutcome(
  terminal: Terminal,
  receipt: Receipt,
  id: string | undefined,
  { json, quiet }: WorkOptions,
): void {
  if (json) return terminal.printJsonLine({ id, ...receiptJson(receipt) })
  // That an attempt failed was told.
  if (receipt.ok && (quiet || receipt.state === 'queued')) return
  printReceipt(terminal, receipt, {})
  if (!receipt.ok && id !== undefined) printRow(terminal, 'entry', id)
}

function idOf({ context }: MailEvent): string | undefined {
  return (context?.outbox as { readonly id?: string } | undefined)?.id
}
