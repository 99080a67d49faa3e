import { MailError } from '@loudmail/core'

/** When a message is sent. */
export interface EntryTiming {
  /** Not before this time. @default at once */
  readonly sendAt?: Date | undefined
  /** A whole number. Messages with a higher one go first. @default 0 */
  readonly priority?: number | undefined
  /** Not after this time: then it is `dead`. @default `giveUpMs` after it is due */
  readonly giveUpAt?: Date | undefined
}

/**
 * The timing in the `transportData` of a message: `transportData: { outbox: { sendAt, priority } }`.
 *
 * @throws MailError `compose/invalid-message`
 */
export function readTiming(data: Readonly<Record<string, unknown>> | undefined): EntryTiming {
  const timing = data?.outbox
  if (timing === undefined) return {}
  if (typeof timing !== 'object' || timing === null) throw invalid('transportData.outbox must be an object')
  return timing
}

function invalid(summary: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary })
}
