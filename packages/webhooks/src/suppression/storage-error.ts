import { MailError } from '@loudmail/core'

/** The failure of a suppression list. */
export function storageError(store: string, summary: string, hint: string, cause?: unknown): MailError {
  return new MailError({
    stage: 'submit',
    kind: 'storage',
    summary,
    hint,
    transport: store,
    cause,
    delivered: 'none',
  })
}

/** The failure of a list that is used after it was closed. */
export function closedError(store: string): MailError {
  return new MailError({
    stage: 'queue',
    kind: 'pool-closed',
    summary: 'the suppression list is closed',
    hint: 'Call `close()` of the list only after the last send.',
    transport: store,
  })
}
