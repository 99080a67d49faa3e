import { visible } from '@loudmail/core/transport'
import { EntryStateError, type Outbox, type OutboxEntry } from '@loudmail/outbox'
import { EXIT } from '../exit-status.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { inNumber } from './in-number.ts'
import type { ChangeOptions } from './outbox-options.ts'

/** What is done to an entry. */
export type Applied = 'retry' | 'discard' | 'delivered' | 'not-delivered'

interface How {
  readonly run: (box: Outbox, id: string) => Promise<void>
  /** What became of an entry. */
  readonly done: string
  /** For which entries it is possible. */
  readonly possible: string
}

const SENT_AGAIN = 'to be sent again'
const IN_DOUBT = 'Only entries that are in doubt can be settled.'

const HOW: Readonly<Record<Applied, How>> = {
  retry: {
    run: (box, id) => box.retry(id),
    done: SENT_AGAIN,
    possible: 'Only entries that are dead, scheduled or waiting can be sent again.',
  },
  discard: {
    run: (box, id) => box.discard(id),
    done: 'given up',
    possible: 'Only entries that are dead, in doubt, scheduled or waiting can be given up.',
  },
  delivered: {
    run: (box, id) => box.resolve(id, 'delivered'),
    done: 'settled as delivered',
    possible: IN_DOUBT,
  },
  'not-delivered': {
    run: (box, id) => box.resolve(id, 'not-delivered'),
    done: SENT_AGAIN,
    possible: IN_DOUBT,
  },
}

/**
 * Changes entries, and says which ones could not be changed, because somebody else was faster. Ctrl-C leaves the rest.
 *
 * @returns the exit status
 */
export async function applyChange(
  applied: Applied,
  entries: readonly OutboxEntry[],
  box: Outbox,
  { all, json }: ChangeOptions,
  terminal: Terminal,
): Promise<number> {
  const { run, done, possible } = HOW[applied]
  let changed = 0
  let refused = 0
  try {
    for (const { id, messageId, to, subject } of entries) {
      if (terminal.interrupted.aborted) break
      const refusal = await refusalOf(run(box, id))
      if (refusal) refused++
      else changed++
      if (json) terminal.printJsonLine({ ok: !refusal, id, messageId, reason: refusal?.message })
      else if (!refusal && !all)
        terminal.print(
          `${terminal.styled('green', '✓')} ${id} ${done}: ${visible([to.join(', '), subject].filter(Boolean).join('  '))}`,
        )
      if (refusal) terminal.note(`${terminal.styledNote('red', '✗')} ${refusal.message}`)
    }
  } finally {
    // The store may have failed in the middle.
    if (all || entries.length > 1) summarise()
  }
  if (refused > 0) terminal.note(possible)
  return refused > 0 ? EXIT.failed : EXIT.ok

  function summarise(): void {
    const left = entries.length - changed - refused
    const parts = [
      `${inNumber(changed)} ${done}`,
      refused > 0 && `${refused} not possible`,
      left > 0 && `${left} left as they were`,
    ]
    const summary = parts.filter(Boolean).join(', ')
    if (json) terminal.note(summary)
    else terminal.print(summary)
  }
}

async function refusalOf(changing: Promise<void>): Promise<EntryStateError | undefined> {
  try {
    await changing
    return undefined
  } catch (error) {
    if (error instanceof EntryStateError) return error
    throw error
  }
}
