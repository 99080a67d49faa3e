import { MailError } from '@loudmail/core'

/** The failure of a store. @param isAdded whether the entry may be in the store nevertheless */
export function storageError(
  store: string,
  summary: string,
  hint: string,
  cause?: unknown,
  isAdded: 'no' | 'unknown' = 'no',
): MailError {
  return new MailError({
    stage: 'submit',
    kind: 'storage',
    summary,
    hint,
    transport: store,
    cause,
    delivered: isAdded === 'no' ? 'none' : 'unknown',
  })
}

/** The failure of a store that is used after it was closed. */
export function closedError(store: string): MailError {
  return new MailError({ stage: 'queue', kind: 'pool-closed', transport: store })
}
