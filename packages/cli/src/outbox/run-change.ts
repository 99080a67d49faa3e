import type { Outbox, OutboxEntry } from '@loudmail/outbox'
import { EXIT } from '../exit-status.ts'
import { askYes } from '../terminal/ask-yes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { UsageError } from '../usage-error.ts'
import { applyChange, type Applied } from './apply-change.ts'
import { findEntries } from './find-entries.ts'
import { inNumber } from './in-number.ts'
import type { ChangeOptions } from './outbox-options.ts'
import { withOutbox } from './with-outbox.ts'

/** A command that changes entries. */
export type Change = 'retry' | 'resolve' | 'discard'

/**
 * Changes the entries that are named, or all in a state, and says what became of each.
 *
 * @returns the exit status
 */
export async function runChange(
  change: Change,
  ids: readonly string[],
  options: ChangeOptions,
  terminal: Terminal,
): Promise<number> {
  const applied = appliedOf(change, options)
  checkWhich(change, ids, options)
  return withOutbox(options, terminal, async (box) => {
    if (ids.length > 0) return applyChange(applied, await findEntries(box, ids), box, options, terminal)
    const entries = await all(box, options)
    if (entries.length === 0) {
      terminal.note(`Nothing is ${options.state}.`)
      return EXIT.ok
    }
    const question = `Send ${inNumber(entries.length, options.state)} again?`
    if (!options.yes && !(await askYes(terminal, question))) {
      terminal.note('Nothing was changed.')
      return EXIT.failed
    }
    return applyChange(applied, entries, box, options, terminal)
  })
}

function appliedOf(change: Change, { delivered, notDelivered }: ChangeOptions): Applied {
  if (change === 'retry') return 'retry'
  if (change === 'discard') return 'discard'
  if (delivered === notDelivered)
    throw new UsageError('give --delivered or --not-delivered, and only one of them')
  return delivered ? 'delivered' : 'not-delivered'
}

function checkWhich(change: Change, ids: readonly string[], { all: isAll, state }: ChangeOptions): void {
  if (change !== 'retry') return
  if (isAll === undefined && ids.length === 0)
    throw new UsageError('give the ids of entries, or --all with --state dead or --state scheduled')
  if (isAll && ids.length > 0) throw new UsageError('--all and ids exclude each other')
  if (isAll && state === undefined) throw new UsageError('--all needs --state dead or --state scheduled')
  if (!isAll && state !== undefined) throw new UsageError('--state needs --all')
}

/** Those that are there now: what changes later is not touched. */
async function all(box: Outbox, { state }: ChangeOptions): Promise<readonly OutboxEntry[]> {
  const entries: OutboxEntry[] = []
  for await (const entry of box.list({ state })) entries.push(entry)
  return entries
}
