import type { RecipientOutcome } from '@loudmail/core'
import { settled } from './next-step.ts'
import { readProgress, writeProgress } from './progress.ts'
import type { EntryChange } from '../store/store.ts'

/**
 * A person decided that the recipients with these statuses are tried again.
 *
 * @param giveUpMs they have at least this long
 */
export function reopened(
  json: string,
  statuses: readonly RecipientOutcome['status'][],
  giveUpMs: number,
): { readonly progress: string } {
  const before = readProgress(json)
  const again = before.recipients.filter(({ status }) => statuses.includes(status))
  const open = again.map(({ address }) => address)
  const recipients = before.recipients.filter(({ address }) => !open.includes(address))
  const giveUpAt = Math.max(before.giveUpAt, Date.now() + giveUpMs)
  return { progress: writeProgress({ ...before, open, recipients, giveUpAt }) }
}

/** A person found out that those in doubt have the message. */
export function resolved(json: string): EntryChange {
  const before = readProgress(json)
  const recipients = before.recipients.map(({ address, ...outcome }) =>
    outcome.status === 'unknown' ? { address, status: 'accepted' as const } : { address, ...outcome },
  )
  const { change, progress } = settled({ ...before, recipients })
  return { ...change, progress: writeProgress(progress) }
}
